"""A client of the mock server on zeep, in its strict mode."""

import hashlib
import hmac
import os
import sys
from datetime import datetime, timedelta, timezone

import zeep

NS = "{http://www.marketo.com/mktows/}"
KEY = os.environ["MKTOWS_SECRET_KEY"]
USER = os.environ["MKTOWS_USER_ID"]
EMAIL = os.environ["MKTOWS_TEST_EMAIL"]
LIST = {"keyType": "MKTOLISTNAME", "keyValue": os.environ["MKTOWS_TEST_LIST"]}
NAME = '"Zoë Müller 日本 €" & <tag>'

client = zeep.Client(os.environ["MKTOWS_ENDPOINT"] + "?WSDL", settings=zeep.Settings(strict=True))
service = client.service  # at the address that the document names


def sign(age=timedelta(), key=KEY):
    """Returns the header of one call. Another call needs another: it expires."""
    timestamp = (datetime.now(timezone.utc) - age).isoformat(timespec="seconds")
    signature = hmac.new(key.encode(), (timestamp + USER).encode(), hashlib.sha1).hexdigest()
    return {"authentication": {"mktowsUserId": USER, "requestSignature": signature, "requestTimestamp": timestamp}}


def call(operation, *, headers=None, **params):
    return service[operation](**params, _soapheaders=headers or sign())


def selector(name, **fields):
    """The selectors are told apart by xsi:type, which zeep writes for typed values."""
    return client.get_type(NS + name)(**fields)


def lead_key(key_type, value):
    return {"keyType": key_type, "keyValue": value}


def lead(email, last_name, **fields):
    attributes = [{"attrName": "LastName", "attrValue": last_name}]
    return {"Email": email, "leadAttributeList": {"attribute": attributes}, **fields}


def last_name(record):
    return next(a.attrValue for a in record.leadAttributeList.attribute if a.attrName == "LastName")


def get_lead(email):
    return call("getLead", leadKey=lead_key("EMAIL", email)).leadRecordList.leadRecord[0]


def equal(want, got):
    if want != got:
        raise AssertionError(f"{got!r}, want {want!r}")


def expect_fault(code, do):
    try:
        do()
    except zeep.exceptions.Fault as fault:
        found = fault.detail.findtext(NS + "serviceException/code") if fault.detail is not None else None
        equal(str(code), found)
        return
    raise AssertionError(f"no fault, want {code}")


def wsdl():
    equal(23, len(client.wsdl.bindings[NS + "MktowsApiSoapBinding"].all()))


def activity():
    page = call("getLeadActivity", leadKey=lead_key("IDNUM", "318815"),
                activityFilter={"includeTypes": {"activityType": ["NewLead"]}})
    equal((1, 0), (page.returnCount, page.remainingCount))
    record = page.activityRecordList.activityRecord[0]
    equal((12025714, "2015-09-04T16:07:16-05:00", "New Lead"),
          (record.id, record.activityDateTime.isoformat(), record.activityType))
    values = {a.attrName: a.attrValue for a in record.activityAttributes.attribute}
    equal("Web service API", values["Source Type"])


def paging():
    ids, position, remaining = [], None, 1
    while remaining:
        page = call("getLeadActivity", leadKey=lead_key("IDNUM", os.environ["MKTOWS_TEST_HISTORY_LEAD"]),
                    startPosition=position, batchSize=100)
        ids += [r.id for r in page.activityRecordList.activityRecord]
        position, remaining = page.newStartPosition, page.remainingCount
    want = int(os.environ["MKTOWS_TEST_HISTORY_COUNT"])
    equal((want, want), (len(ids), len(set(ids))))


def write():
    result = call("syncLead", leadRecord=lead(EMAIL, NAME), returnLead=False)
    equal("CREATED", result.syncStatus.status)
    record = get_lead(EMAIL)
    equal((result.leadId, NAME), (record.Id, last_name(record)))


def write_flags():
    result = call("syncLead", leadRecord=lead(EMAIL, "Flagg"), returnLead=True)
    equal(("UPDATED", EMAIL), (result.syncStatus.status, result.leadRecord.Email))
    result = call("syncLead", leadRecord=lead(EMAIL, "Flagge"), returnLead=False)
    # A nil element of a complex type is to zeep an object without values.
    equal(("UPDATED", None, None), (result.syncStatus.status, result.leadRecord.Id, result.leadRecord.Email))


def many():
    records = [lead("many-" + EMAIL, "Many"), lead("none-" + EMAIL, "None", Id=2000000000)]
    made, refused = call("syncMultipleLeads", leadRecordList={"leadRecord": records}, dedupEnabled=True).syncStatus
    equal(("CREATED", "FAILED"), (made.status, refused.status))
    equal((True, True), (made.leadId > 0, bool(refused.error)))


def static_list():
    def ask(operation, *ids):
        members = {"leadKey": [lead_key("IDNUM", i) for i in ids]}
        return call("listOperation", listOperation=operation, listKey=LIST, listMemberList=members)

    equal(True, ask("ADDTOLIST", "318816").success)
    result = ask("ISMEMBEROFLIST", "318816", "318817")
    equal((False, [True, False]), (result.success, [s.status for s in result.statusList.leadStatus]))


def selector_keys():
    keys = selector("LeadKeySelector", keyType="IDNUM", keyValues={"stringItem": ["318815", "318816"]})
    result = call("getMultipleLeads", leadSelector=keys)
    equal((2, 0), (result.returnCount, result.remainingCount))
    equal({318815: "lead@example.com", 318816: "contact@example.com"},
          {r.Id: r.Email for r in result.leadRecordList.leadRecord})


def selector_list():
    result = call("getMultipleLeads", leadSelector=selector("StaticListSelector", staticListName=LIST["keyValue"]))
    equal(True, 318816 in [r.Id for r in result.leadRecordList.leadRecord])


def selector_updated():
    since = selector("LastUpdateAtSelector", oldestUpdatedAt=datetime.now(timezone.utc) - timedelta(hours=1))
    emails, position, remaining = [], None, 1
    while remaining:
        result = call("getMultipleLeads", leadSelector=since, streamPosition=position, batchSize=2)
        emails += [r.Email for r in result.leadRecordList.leadRecord]
        position, remaining = result.newStreamPosition, result.remainingCount
    equal(len(emails), len(set(emails)))
    equal(set(), {EMAIL, "many-" + EMAIL} - set(emails))


def changes():
    position, leads = {"oldestCreatedAt": "2015-09-01T00:00:00-05:00"}, []
    for _ in range(2):
        result = call("getLeadChanges", startPosition=position, activityNameFilter={"stringItem": ["New Lead"]},
                      batchSize=2)
        leads += [r.mktPersonId for r in result.leadChangeRecordList.leadChangeRecord]
        position = result.newStartPosition
    equal(["318815", "318816", "318817", "318818"], leads)


def anybody(headers):
    return call("getLead", leadKey=lead_key("IDNUM", "318815"), headers=headers)


def wrong_key():
    expect_fault(20014, lambda: anybody(sign(key="another-example-key")))


def expired():
    expect_fault(20016, lambda: anybody(sign(age=timedelta(days=1))))


def control():
    """XML cannot carry U+0001: lxml refuses to write it."""
    try:
        call("syncLead", leadRecord=lead("control-" + EMAIL, "a\x01b"), returnLead=False)
    except ValueError as error:
        equal(True, "XML compatible" in str(error))
    else:
        raise AssertionError("stored")
    expect_fault(20103, lambda: get_lead("control-" + EMAIL))


def unknown_lead():
    expect_fault(20103, lambda: get_lead("nobody@example.com"))


CHECKS = {
    "wsdl": wsdl, "activity": activity, "paging": paging, "write": write, "write-flags": write_flags, "many": many,
    "list": static_list, "selector-keys": selector_keys, "selector-list": selector_list,
    "selector-updated": selector_updated, "changes": changes, "wrong-key": wrong_key, "expired": expired,
    "control": control, "unknown-lead": unknown_lead,
}

failed = False
for name, check in CHECKS.items():
    try:
        check()
        print("ok", name)
    except Exception as error:
        failed = True
        print(f"fail {name}: {type(error).__name__}: {error}".replace("\n", " "))
sys.exit(failed)
