// A client of the mock server on node-soap.
'use strict';

const { createHmac } = require('node:crypto');
const soap = require('soap');

const NS = 'http://www.marketo.com/mktows/';
const { MKTOWS_ENDPOINT: endpoint, MKTOWS_USER_ID: user, MKTOWS_SECRET_KEY: key } = process.env;
const email = process.env.MKTOWS_TEST_EMAIL;
const listKey = { keyType: 'MKTOLISTNAME', keyValue: process.env.MKTOWS_TEST_LIST };
const name = '"Zoë Müller 日本 €" & <tag>';
const day = 86400 * 1000;
const checks = {};
let client;

const w3c = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, '+00:00');

// One header serves one call: it expires.
function sign({ time = Date.now(), secret = key } = {}) {
  const timestamp = w3c(time);
  return {
    'mkt:AuthenticationHeader': {
      mktowsUserId: user,
      requestSignature: createHmac('sha1', secret).update(timestamp + user).digest('hex'),
      requestTimestamp: timestamp,
    },
  };
}

async function call(operation, params, signing) {
  client.clearSoapHeaders();
  client.addSoapHeader(sign(signing), '', 'mkt', NS);
  const [answer] = await client[`${operation}Async`](params);
  return answer.result ?? answer.leadActivityList;
}

const leadKey = (keyType, keyValue) => ({ keyType, keyValue });

// The selectors are told apart by xsi:type.
const selector = (type, fields) => ({ attributes: { 'xsi:type': `tns:${type}` }, ...fields });

const lead = (address, lastName) => ({
  Email: address,
  leadAttributeList: { attribute: [{ attrName: 'LastName', attrValue: lastName }] },
});

const getLead = async (address) => {
  const result = await call('getLead', { leadKey: leadKey('EMAIL', address) });
  return list(result.leadRecordList.leadRecord)[0];
};

// node-soap gives a list of one as the one.
const list = (value) => (value === undefined ? [] : [].concat(value));

const attribute = (attributes, wanted) => list(attributes.attribute).find((a) => a.attrName === wanted)?.attrValue;

function equal(want, got) {
  if (JSON.stringify(want) !== JSON.stringify(got)) {
    throw new Error(`${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

async function expectFault(code, promise) {
  const fault = await promise.then(() => undefined, (error) => error.root?.Envelope.Body.Fault ?? Promise.reject(error));
  if (!fault) throw new Error(`no fault, want ${code}`);
  equal(String(code), String(fault.detail.serviceException.code));
  return fault;
}

checks.wsdl = async () => {
  equal(23, Object.keys(client.describe().MktMktowsApiService.MktowsApiSoapPort).length);
};

checks.activity = async () => {
  const page = await call('getLeadActivity', {
    leadKey: leadKey('IDNUM', '318815'),
    activityFilter: { includeTypes: { activityType: ['NewLead'] } },
  });
  equal([1, 0], [page.returnCount, page.remainingCount]);
  const [record] = list(page.activityRecordList.activityRecord);
  equal([12025714, '2015-09-04T16:07:16-05:00', 'New Lead'],
    [Number(record.id), record.activityDateTime, record.activityType]);
  equal('Web service API', attribute(record.activityAttributes, 'Source Type'));
};

checks.paging = async () => {
  const params = { leadKey: leadKey('IDNUM', process.env.MKTOWS_TEST_HISTORY_LEAD), batchSize: 100 };
  const ids = [];
  let page;
  do {
    page = await call('getLeadActivity', params);
    ids.push(...list(page.activityRecordList?.activityRecord).map((record) => record.id));
    params.startPosition = page.newStartPosition;
  } while (page.remainingCount > 0);
  const want = Number(process.env.MKTOWS_TEST_HISTORY_COUNT);
  equal([want, want], [ids.length, new Set(ids).size]);
};

checks.write = async () => {
  const result = await call('syncLead', { leadRecord: lead(email, name), returnLead: false });
  equal('CREATED', result.syncStatus.status);
  const record = await getLead(email);
  equal([result.leadId, name], [record.Id, attribute(record.leadAttributeList, 'LastName')]);
};

checks['write-flags'] = async () => {
  const given = await call('syncLead', { leadRecord: lead(email, 'Flagg'), returnLead: true });
  equal(['UPDATED', email], [given.syncStatus.status, given.leadRecord.Email]);
  const withheld = await call('syncLead', { leadRecord: lead(email, 'Flagge'), returnLead: false });
  equal(['UPDATED', undefined], [withheld.syncStatus.status, withheld.leadRecord?.Email]);
};

checks.many = async () => {
  const leadRecord = [lead(`many-${email}`, 'Many'), { Id: 2000000000, ...lead(`none-${email}`, 'None') }];
  const result = await call('syncMultipleLeads', { leadRecordList: { leadRecord }, dedupEnabled: true });
  const [made, refused] = result.syncStatusList.syncStatus;
  equal(['CREATED', 'FAILED', true, true], [made.status, refused.status, made.leadId > 0, Boolean(refused.error)]);
};

checks.list = async () => {
  const ask = (listOperation, ...ids) => call('listOperation', {
    listOperation, listKey, listMemberList: { leadKey: ids.map((id) => leadKey('IDNUM', id)) },
  });
  equal(true, (await ask('ADDTOLIST', '318816')).success);
  const result = await ask('ISMEMBEROFLIST', '318816', '318817');
  equal([false, true, false], [result.success, ...list(result.statusList.leadStatus).map((s) => s.status)]);
};

checks['selector-keys'] = async () => {
  const leadSelector = selector('LeadKeySelector', { keyType: 'IDNUM', keyValues: { stringItem: ['318815', '318816'] } });
  const result = await call('getMultipleLeads', { leadSelector });
  equal([2, 0], [result.returnCount, result.remainingCount]);
  const found = list(result.leadRecordList.leadRecord).map((r) => `${r.Id} ${r.Email}`).sort();
  equal(['318815 lead@example.com', '318816 contact@example.com'], found);
};

checks['selector-list'] = async () => {
  const leadSelector = selector('StaticListSelector', { staticListName: listKey.keyValue });
  const result = await call('getMultipleLeads', { leadSelector });
  equal(true, list(result.leadRecordList.leadRecord).some((r) => r.Id === 318816));
};

checks['selector-updated'] = async () => {
  const leadSelector = selector('LastUpdateAtSelector', { oldestUpdatedAt: w3c(Date.now() - day / 24) });
  const emails = [];
  let result;
  do {
    const streamPosition = result?.newStreamPosition;
    result = await call('getMultipleLeads', { leadSelector, streamPosition, batchSize: 2 });
    emails.push(...list(result.leadRecordList?.leadRecord).map((r) => r.Email));
  } while (result.remainingCount > 0);
  equal(emails.length, new Set(emails).size);
  equal([true, true], [email, `many-${email}`].map((e) => emails.includes(e)));
};

checks.changes = async () => {
  let startPosition = { oldestCreatedAt: '2015-09-01T00:00:00-05:00' };
  const leads = [];
  for (let page = 1; page <= 2; page++) {
    const result = await call('getLeadChanges', { startPosition, activityNameFilter: { stringItem: ['New Lead'] }, batchSize: 2 });
    leads.push(...list(result.leadChangeRecordList.leadChangeRecord).map((r) => r.mktPersonId));
    startPosition = result.newStartPosition;
  }
  equal(['318815', '318816', '318817', '318818'], leads);
};

const anybody = { leadKey: leadKey('IDNUM', '318815') };
checks['wrong-key'] = () => expectFault(20014, call('getLead', anybody, { secret: 'another-example-key' }));
checks.expired = () => expectFault(20016, call('getLead', anybody, { time: Date.now() - day }));

// XML cannot carry U+0001. node-soap sends it all the same; the server says where it stands.
checks.control = async () => {
  const fault = await expectFault(20012, call('syncLead', { leadRecord: lead(`control-${email}`, 'a\u0001b'), returnLead: false }));
  equal(true, fault.detail.serviceException.message.includes('attrValue'));
  await expectFault(20103, getLead(`control-${email}`));
};

checks['unknown-lead'] = () => expectFault(20103, getLead('nobody@example.com'));

async function main() {
  // A Date, which node-soap makes of a dateTime, it cannot write into a position again.
  const customDeserializer = { dateTime: (text) => text };
  client = await soap.createClientAsync(`${endpoint}?WSDL`, { endpoint, customDeserializer });
  for (const [title, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok ${title}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`fail ${title}: ${String(error).replaceAll('\n', ' ')}`);
    }
  }
}

main();
