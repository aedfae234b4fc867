<?php
// A client of the mock server on PHP's own SoapClient, in WSDL mode.
declare(strict_types=1);

const MKTOWS = 'http://www.marketo.com/mktows/';

// Marketo accepts no request without it: HMAC-SHA1 over timestamp and user id.
function sign(string $timestamp, string $key): SoapHeader
{
    $user = getenv('MKTOWS_USER_ID');
    return new SoapHeader(MKTOWS, 'AuthenticationHeader', [
        'mktowsUserId' => $user,
        'requestSignature' => hash_hmac('sha1', $timestamp . $user, $key),
        'requestTimestamp' => $timestamp,
    ]);
}

// One header serves one call: it expires.
function call(string $operation, array $params, ?string $timestamp = null, ?string $key = null): stdClass
{
    global $client;
    $header = sign($timestamp ?? date(DATE_W3C), $key ?? getenv('MKTOWS_SECRET_KEY'));
    return $client->__soapCall($operation, [$params], null, $header);
}

// The selectors are told apart by xsi:type.
function selector(string $type, array $fields): SoapVar
{
    return new SoapVar((object) $fields, SOAP_ENC_OBJECT, $type, MKTOWS);
}

function leadKey(string $type, string $value): array
{
    return ['keyType' => $type, 'keyValue' => $value];
}

function lead(string $email, string $lastName): array
{
    return ['Email' => $email, 'leadAttributeList' => ['attribute' => [
        ['attrName' => 'LastName', 'attrValue' => $lastName],
    ]]];
}

function attribute(stdClass $list, string $name): ?string
{
    foreach ($list->attribute as $a) {
        if ($a->attrName === $name) {
            return $a->attrValue;
        }
    }
    return null;
}

function getLead(string $email): stdClass
{
    return call('getLead', ['leadKey' => leadKey('EMAIL', $email)])->result->leadRecordList->leadRecord[0];
}

function equal(mixed $want, mixed $got, string $what): void
{
    if ($want !== $got) {
        throw new Exception("$what: " . json_encode($got, JSON_UNESCAPED_UNICODE) . ', want ' . json_encode($want, JSON_UNESCAPED_UNICODE));
    }
}

function expectFault(int $code, callable $do): SoapFault
{
    try {
        $do();
    } catch (SoapFault $f) {
        equal($code, (int) ($f->detail->serviceException->code ?? 0), 'code of the fault "' . $f->getMessage() . '"');
        return $f;
    }
    throw new Exception("no fault, want $code");
}

function check(string $name, callable $do): void
{
    global $failed;
    try {
        $do();
        echo "ok $name\n";
    } catch (Throwable $e) {
        $failed = true;
        echo "fail $name: ", strtr($e->getMessage(), "\n", ' '), "\n";
    }
}

$endpoint = getenv('MKTOWS_ENDPOINT');
$email = getenv('MKTOWS_TEST_EMAIL');
$list = ['keyType' => 'MKTOLISTNAME', 'keyValue' => getenv('MKTOWS_TEST_LIST')];
$name = '"Zoë Müller 日本 €" & <tag>';
$failed = false;
$client = new SoapClient("$endpoint?WSDL", [
    'location' => $endpoint,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS, // a list of one is a list
]);

check('wsdl', fn () => equal(23, count($client->__getFunctions()), 'operations'));

check('activity', function () {
    $page = call('getLeadActivity', [
        'leadKey' => leadKey('IDNUM', '318815'),
        'activityFilter' => ['includeTypes' => ['activityType' => ['NewLead']]],
    ])->leadActivityList;
    equal([1, 0], [$page->returnCount, $page->remainingCount], 'counts');
    $record = $page->activityRecordList->activityRecord[0];
    equal([12025714, '2015-09-04T16:07:16-05:00', 'New Lead'], [$record->id, $record->activityDateTime, $record->activityType], 'record');
    equal('Web service API', attribute($record->activityAttributes, 'Source Type'), 'Source Type');
});

check('paging', function () {
    $params = ['leadKey' => leadKey('IDNUM', getenv('MKTOWS_TEST_HISTORY_LEAD')), 'batchSize' => 100];
    $ids = [];
    do {
        $page = call('getLeadActivity', $params)->leadActivityList;
        foreach ($page->activityRecordList->activityRecord ?? [] as $record) {
            $ids[] = $record->id;
        }
        $params['startPosition'] = $page->newStartPosition;
    } while ($page->remainingCount > 0);
    $want = (int) getenv('MKTOWS_TEST_HISTORY_COUNT');
    equal([$want, $want], [count($ids), count(array_unique($ids))], 'records and distinct ids');
});

check('write', function () use ($email, $name) {
    $result = call('syncLead', ['leadRecord' => lead($email, $name), 'returnLead' => false])->result;
    equal('CREATED', $result->syncStatus->status, 'status');
    $lead = getLead($email);
    equal([$result->leadId, $name], [$lead->Id, attribute($lead->leadAttributeList, 'LastName')], 'lead');
});

check('write-flags', function () use ($email) {
    $with = call('syncLead', ['leadRecord' => lead($email, 'Flagg'), 'returnLead' => true])->result;
    equal(['UPDATED', $email], [$with->syncStatus->status, $with->leadRecord->Email ?? null], 'with returnLead');
    $without = call('syncLead', ['leadRecord' => lead($email, 'Flagge'), 'returnLead' => false])->result;
    equal(['UPDATED', null], [$without->syncStatus->status, $without->leadRecord ?? null], 'without returnLead');
});

check('many', function () use ($email) {
    $records = [lead("many-$email", 'Many'), ['Id' => 2000000000] + lead("none-$email", 'None')];
    $result = call('syncMultipleLeads', ['leadRecordList' => ['leadRecord' => $records], 'dedupEnabled' => true])->result;
    [$made, $refused] = $result->syncStatusList->syncStatus;
    equal(['CREATED', 'FAILED'], [$made->status, $refused->status], 'statuses');
    equal(true, $made->leadId > 0 && $refused->error != '', 'an id and an error');
});

check('list', function () use ($list) {
    $members = fn (string ...$ids) => ['leadKey' => array_map(fn ($id) => leadKey('IDNUM', $id), $ids)];
    $ask = fn (string $operation, array $members) =>
        call('listOperation', ['listOperation' => $operation, 'listKey' => $list, 'listMemberList' => $members])->result;
    equal(true, $ask('ADDTOLIST', $members('318816'))->success, 'added');
    $result = $ask('ISMEMBEROFLIST', $members('318816', '318817'));
    equal(false, $result->success, 'success');
    equal([true, false], array_column($result->statusList->leadStatus, 'status'), 'membership');
});

check('selector-keys', function () {
    $selector = selector('LeadKeySelector', ['keyType' => 'IDNUM', 'keyValues' => ['stringItem' => ['318815', '318816']]]);
    $result = call('getMultipleLeads', ['leadSelector' => $selector])->result;
    equal([2, 0], [$result->returnCount, $result->remainingCount], 'counts');
    $emails = array_column($result->leadRecordList->leadRecord, 'Email', 'Id');
    ksort($emails);
    equal([318815 => 'lead@example.com', 318816 => 'contact@example.com'], $emails, 'leads');
});

check('selector-list', function () use ($list) {
    $selector = selector('StaticListSelector', ['staticListName' => $list['keyValue']]);
    $result = call('getMultipleLeads', ['leadSelector' => $selector])->result;
    equal(true, in_array(318816, array_column($result->leadRecordList->leadRecord, 'Id'), true), '318816 on the list');
});

check('selector-updated', function () use ($email) {
    $selector = selector('LastUpdateAtSelector', ['oldestUpdatedAt' => date(DATE_W3C, time() - 3600)]);
    $params = ['leadSelector' => $selector, 'batchSize' => 2];
    $emails = [];
    do {
        $result = call('getMultipleLeads', $params)->result;
        array_push($emails, ...array_column($result->leadRecordList->leadRecord ?? [], 'Email'));
        $params['streamPosition'] = $result->newStreamPosition;
    } while ($result->remainingCount > 0);
    equal(count($emails), count(array_unique($emails)), 'distinct leads');
    equal([$email, "many-$email"], array_values(array_intersect([$email, "many-$email"], $emails)), 'leads just written');
});

check('changes', function () {
    $params = [
        'startPosition' => ['oldestCreatedAt' => '2015-09-01T00:00:00-05:00'],
        'activityNameFilter' => ['stringItem' => ['New Lead']],
        'batchSize' => 2,
    ];
    $leads = [];
    for ($page = 1; $page <= 2; $page++) {
        $result = call('getLeadChanges', $params)->result;
        array_push($leads, ...array_column($result->leadChangeRecordList->leadChangeRecord, 'mktPersonId'));
        $params['startPosition'] = $result->newStartPosition;
    }
    equal(['318815', '318816', '318817', '318818'], $leads, 'new leads');
});

$anybody = ['leadKey' => leadKey('IDNUM', '318815')];
check('wrong-key', fn () => expectFault(20014, fn () => call('getLead', $anybody, key: 'another-example-key')));
check('expired', fn () => expectFault(20016, fn () => call('getLead', $anybody, timestamp: date(DATE_W3C, time() - 86400))));

// XML cannot carry U+0001. PHP sends it all the same; the server says where it stands.
check('control', function () use ($email) {
    $fault = expectFault(20012, fn () => call('syncLead', ['leadRecord' => lead("control-$email", "a\u{1}b"), 'returnLead' => false]));
    equal(1, preg_match('/attrValue/', $fault->detail->serviceException->message), 'a place in: ' . $fault->detail->serviceException->message);
    expectFault(20103, fn () => getLead("control-$email"));
});

check('unknown-lead', fn () => expectFault(20103, fn () => getLead('nobody@example.com')));

exit($failed ? 1 : 0);
