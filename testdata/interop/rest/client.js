// A client of the mock server's REST API on the package of MKTOWS_TEST_MODULE.
'use strict';

const Marketo = require(process.env.MKTOWS_TEST_MODULE);

const { MKTOWS_REST_ENDPOINT: endpoint, MKTOWS_TEST_ADMIN: admin, MKTOWS_TEST_EMAIL: email } = process.env;
const historyLead = Number(process.env.MKTOWS_TEST_HISTORY_LEAD);
const day = 86400 * 1000;
const checks = {};

const marketo = new Marketo({
  endpoint,
  identity: endpoint.replace(/rest$/, 'identity'),
  clientId: process.env.MKTOWS_CLIENT_ID,
  clientSecret: process.env.MKTOWS_CLIENT_SECRET,
  retry: { initialDelay: 10 },
});

function equal(want, got) {
  if (JSON.stringify(want) !== JSON.stringify(got)) {
    throw new Error(`${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

async function control(path, document) {
  const answer = await fetch(admin + path, { method: 'POST', body: JSON.stringify(document) });
  if (!answer.ok) throw new Error(`administration: ${await answer.text()}`);
}

const token = () => marketo._connection._tokenData.access_token;

async function expectError(code, promise) {
  const error = await promise.then(() => undefined, (reason) => reason);
  equal([code], error?.errors?.map((e) => e.code));
}

checks.token = async () => {
  const data = await marketo.getOAuthToken();
  equal(['bearer', true], [data.token_type, data.expires_in > 0]);
};

// The client learns from code 602 that its token has run out, and fetches another.
checks.renewed = async () => {
  await marketo.lead.describe();
  const before = token();
  await control('clock', { advance: '2h' });
  equal(true, (await marketo.lead.describe()).success);
  equal(true, token() !== before);
};

checks.upsert = async () => {
  const input = [{ email, lastName: 'Zoë 日本 €' }, { id: 2000000000, lastName: 'None' }];
  const options = { action: 'createOrUpdate', lookupField: 'email' };
  const { result } = await marketo.lead.createOrUpdate(input, options);
  equal('created', result[0].status);
  equal(['skipped', true], [result[1].status, result[1].reasons.length > 0]);
  const found = await marketo.lead.byId(result[0].id, { fields: ['lastName'] });
  equal('Zoë 日本 €', found.result[0].lastName);
};

// Follows nextPage to the end, in the manner of the client.
async function readAll(page) {
  const records = [];
  let pages = 1;
  for (;; pages++) {
    records.push(...page.result);
    if (!page.nextPage) return { records, pages };
    page = await page.nextPage();
  }
}

checks.leads = async () => {
  const ids = [318815, 318816, 318817, 318818, 318820];
  const { records, pages } = await readAll(await marketo.lead.find('id', ids, { fields: ['id', 'email'], batchSize: 2 }));
  equal([ids, 3], [records.map((lead) => lead.id), pages]);
};

checks.list = async () => {
  const { result } = await marketo.list.find({ name: [process.env.MKTOWS_TEST_LIST] });
  const id = result[0].id;
  const statuses = ({ result: list }) => list.map((one) => one.status);
  equal(['added', 'added'], statuses(await marketo.list.addLeadsToList(id, [318816, 318817])));
  equal(['memberof'], statuses(await marketo.list.isMember(id, [318817])));
  equal(['removed'], statuses(await marketo.list.removeLeadsFromList(id, [318817])));
  equal(['notmemberof'], statuses(await marketo.list.isMember(id, [318817])));
  const { records } = await readAll(await marketo.list.getLeads(id));
  equal([true, false], [318816, 318817].map((lead) => records.some((record) => record.id === lead)));
};

// Reads activities until moreResult says that there are no more, ten types at a time. Pages on
// the way may be empty: a rule sees to it that one is.
checks.activities = async () => {
  const types = (await marketo.activities.getActivityTypes()).result.map((type) => type.id);
  const { nextPageToken } = await marketo.lead.getPageToken('2009-01-01T00:00:00Z');
  const body = JSON.stringify({ requestId: 'a#1', success: true, nextPageToken, moreResult: true });
  const header = { 'Content-Type': 'application/json' };
  await control('rules', { operation: 'GET /rest/v1/activities.json', times: 1, header, body });
  const found = new Set();
  let empty = 0;
  while (types.length > 0) {
    let page = await marketo.lead.getActivities([historyLead], types.splice(0, 10), nextPageToken);
    for (;; page = await page.nextPage()) {
      for (const record of page.result ?? []) found.add(record.marketoGUID);
      if (!page.moreResult) break;
      if (!page.result) empty++;
    }
  }
  equal([Number(process.env.MKTOWS_TEST_HISTORY_COUNT), 1], [found.size, empty]);
};

checks.extract = async () => {
  const bulk = marketo.bulkLeadExtract;
  const [startAt, endAt] = [-day, day].map((from) => new Date(Date.now() + from).toISOString().replace(/\.\d+Z$/, 'Z'));
  const { result: [{ exportId }] } = await bulk.create(['email'], { createdAt: { startAt, endAt } });
  equal(exportId, (await bulk.enqueue(exportId)).result[0].exportId);
  await control('clock', { advance: '10m' });
  const { result: [job] } = await bulk.status(exportId);
  equal('Completed', job.status);
  const file = String(await bulk.file(exportId));
  equal(['email', email], file.trim().split('\n').slice(0, 2));
  equal(job.numberOfRecords, file.trim().split('\n').length - 1);
};

checks.refused = async () => {
  await expectError('1006', marketo.lead.find('id', [1], { fields: ['noSuchField'] }));
  await expectError('610', marketo._connection.get('/v1/nothing.json'));
};

async function main() {
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
