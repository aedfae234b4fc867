// A client of the mock server on gSOAP, with the classes that its tools make of the WSDL.

#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/hmac.h>

#include "MktowsApiSoapBinding.nsmap"
#include "soapMktowsApiSoapBindingProxy.h"

using std::string;

static string env(const char *name) {
    const char *value = std::getenv(name);
    if (!value) throw std::runtime_error(string("not set: ") + name);
    return value;
}

static const string endpoint = env("MKTOWS_ENDPOINT"), user = env("MKTOWS_USER_ID"), key = env("MKTOWS_SECRET_KEY");
static const string email = env("MKTOWS_TEST_EMAIL"), list = env("MKTOWS_TEST_LIST");
static const string name = "\"Zoë Müller 日本 €\" & <tag>";
static const time_t day = 86400;

// Strings are UTF-8 here. What the proxy makes lives as long as it does.
static MktowsApiSoapBindingProxy proxy(endpoint.c_str(), SOAP_C_UTFSTRING);

template <class T> static T *make() { // an object of a generated class, with default values
    T *object = new T;
    object->soap_default(proxy.soap);
    return object;
}

static string hmac(const string &secret, const string &text) {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha1(), secret.data(), secret.size(), reinterpret_cast<const unsigned char *>(text.data()), text.size(), sum, &size);
    string hex;
    for (unsigned i = 0; i < size; i++) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", sum[i]);
        hex += digits;
    }
    return hex;
}

// One header serves one call: it expires.
static void sign(time_t time = std::time(nullptr), const string &secret = key) {
    char timestamp[sizeof "2015-09-04T16:07:16+00:00"];
    std::strftime(timestamp, sizeof timestamp, "%Y-%m-%dT%H:%M:%S+00:00", std::gmtime(&time));
    auto *header = make<ns1__AuthenticationHeaderInfo>();
    header->mktowsUserId = user;
    header->requestSignature = hmac(secret, timestamp + user);
    header->requestTimestamp = timestamp;
    proxy.soap_header(header, nullptr);
}

struct Fault : std::runtime_error {
    string detail; // the XML inside the element detail
    Fault(const char *text, const char *xml) : runtime_error(text ? text : "no text"), detail(xml ? xml : "") {}

    string field(const string &element) const {
        size_t begin = detail.find("<" + element + ">"), end = detail.find("</" + element + ">");
        if (begin == string::npos || end == string::npos) return "";
        begin += element.size() + 2;
        return detail.substr(begin, end - begin);
    }
};

static void must(int error) {
    if (error == SOAP_OK) return;
    if (proxy.soap_fault()) throw Fault(proxy.soap_fault_string(), proxy.soap_fault_detail());
    throw Fault("no answer", nullptr);
}

template <class Params, class Success>
static Success &send(int (MktowsApiSoapBindingProxy::*operation)(Params *, Success &), Params *params) {
    auto *success = make<Success>();
    must((proxy.*operation)(params, *success));
    return *success;
}

template <class Params, class Success>
static Success &call(int (MktowsApiSoapBindingProxy::*operation)(Params *, Success &), Params *params) {
    sign();
    return send(operation, params);
}

static ns1__LeadKey *leadKey(ns1__LeadKeyRef type, const string &value) {
    auto *k = make<ns1__LeadKey>();
    k->keyType = type;
    k->keyValue = value;
    return k;
}

static ns1__LeadRecord *lead(const string &address, const string &lastName) {
    auto *attribute = make<ns1__Attribute>();
    attribute->attrName = "LastName";
    attribute->attrValue = lastName;
    auto *record = make<ns1__LeadRecord>();
    record->Email = new string(address);
    record->leadAttributeList = make<ns1__ArrayOfAttribute>();
    record->leadAttributeList->attribute = {attribute};
    return record;
}

static string attribute(const ns1__ArrayOfAttribute *attributes, const string &wanted) {
    for (auto *a : attributes->attribute)
        if (a->attrName == wanted) return a->attrValue;
    return "(none)";
}

static ns1__ParamsGetLead *getLeadParams(ns1__LeadKeyRef type, const string &value) {
    auto *params = make<ns1__ParamsGetLead>();
    params->leadKey = leadKey(type, value);
    return params;
}

using Proxy = MktowsApiSoapBindingProxy;

static ns1__LeadRecord *getLead(const string &address) {
    return call(&Proxy::getLead, getLeadParams(ns1__LeadKeyRef__EMAIL, address)).result->leadRecordList->leadRecord.at(0);
}

static ns1__ResultSyncLead *syncLead(ns1__LeadRecord *record, bool returnLead) {
    auto *params = make<ns1__ParamsSyncLead>();
    params->leadRecord = record;
    params->returnLead = returnLead;
    return call(&Proxy::syncLead, params).result;
}

static ns1__ResultGetMultipleLeads *getMultipleLeads(ns1__LeadSelector *selector, int *batchSize = nullptr, string *position = nullptr) {
    auto *params = make<ns1__ParamsGetMultipleLeads>();
    params->leadSelector = selector; // gSOAP writes its xsi:type
    params->batchSize = batchSize;
    params->streamPosition = position;
    return call(&Proxy::getMultipleLeads, params).result;
}

static ns1__ResultListOperation *listOperation(ns1__ListOperationType operation, const std::vector<string> &ids) {
    auto *params = make<ns1__ParamsListOperation>();
    params->listOperation = operation;
    params->listKey = make<ns1__ListKey>();
    params->listKey->keyType = ns1__ListKeyType__MKTOLISTNAME;
    params->listKey->keyValue = list;
    params->listMemberList = make<ns1__ArrayOfLeadKey>();
    for (auto &id : ids) params->listMemberList->leadKey.push_back(leadKey(ns1__LeadKeyRef__IDNUM, id));
    return call(&Proxy::listOperation, params).result;
}

template <class Want, class Got> static void equal(const Want &want, const Got &got) {
    if (want == got) return;
    std::ostringstream text;
    text << got << ", want " << want;
    throw std::runtime_error(text.str());
}

static Fault expectFault(int code, const std::function<void()> &run) {
    try {
        run();
    } catch (const Fault &fault) {
        equal(std::to_string(code), fault.field("code"));
        return fault;
    }
    throw std::runtime_error("no fault, want " + std::to_string(code));
}

static bool failed = false;

static void check(const string &title, const std::function<void()> &run) {
    try {
        run();
        std::cout << "ok " << title << std::endl;
    } catch (const std::exception &error) {
        failed = true;
        std::cout << "fail " << title << ": " << error.what() << std::endl;
    }
}

static void activity() {
    auto *params = make<ns1__ParamsGetLeadActivity>();
    params->leadKey = leadKey(ns1__LeadKeyRef__IDNUM, "318815");
    params->activityFilter = make<ns1__ActivityTypeFilter>();
    params->activityFilter->includeTypes = make<ns1__ArrayOfActivityType>();
    params->activityFilter->includeTypes->activityType = {ns1__ActivityType__NewLead};
    auto *page = call(&Proxy::getLeadActivity, params).leadActivityList;
    equal(1, page->returnCount);
    equal(0, page->remainingCount);
    auto *record = page->activityRecordList->activityRecord.at(0);
    equal(12025714, record->id);
    equal(1441400836, record->activityDateTime); // 2015-09-04T16:07:16-05:00
    equal("New Lead", record->activityType);
    equal("Web service API", attribute(record->activityAttributes, "Source Type"));
}

// A page may have no records although more follow; its list is nil then.
static std::vector<ns1__ActivityRecord *> records(const ns1__ArrayOfActivityRecord *list) {
    return list ? list->activityRecord : std::vector<ns1__ActivityRecord *>{};
}

static std::vector<ns1__LeadRecord *> records(const ns1__ArrayOfLeadRecord *list) {
    return list ? list->leadRecord : std::vector<ns1__LeadRecord *>{};
}

static void paging() {
    auto *params = make<ns1__ParamsGetLeadActivity>();
    params->leadKey = leadKey(ns1__LeadKeyRef__IDNUM, env("MKTOWS_TEST_HISTORY_LEAD"));
    params->batchSize = new int(100);
    size_t count = 0;
    std::set<LONG64> ids;
    ns1__LeadActivityList *page;
    do {
        page = call(&Proxy::getLeadActivity, params).leadActivityList;
        for (auto *record : records(page->activityRecordList)) {
            count++;
            ids.insert(record->id);
        }
        params->startPosition = page->newStartPosition;
    } while (page->remainingCount > 0);
    equal(std::stoul(env("MKTOWS_TEST_HISTORY_COUNT")), count);
    equal(count, ids.size());
}

static void create() {
    auto *result = syncLead(lead(email, name), false);
    equal(ns1__LeadSyncStatus__CREATED, result->syncStatus->status);
    auto *record = getLead(email);
    equal(result->leadId, *record->Id);
    equal(name, attribute(record->leadAttributeList, "LastName"));
}

static void writeFlags() {
    auto *with = syncLead(lead(email, "Flagg"), true);
    equal(ns1__LeadSyncStatus__UPDATED, with->syncStatus->status);
    equal(true, with->leadRecord != nullptr);
    equal(email, *with->leadRecord->Email);
    auto *without = syncLead(lead(email, "Flagge"), false);
    equal(ns1__LeadSyncStatus__UPDATED, without->syncStatus->status);
    equal(true, without->leadRecord == nullptr);
}

static void many() {
    auto *none = lead("none-" + email, "None");
    none->Id = new int(2000000000);
    auto *params = make<ns1__ParamsSyncMultipleLeads>();
    params->leadRecordList = make<ns1__ArrayOfLeadRecord>();
    params->leadRecordList->leadRecord = {lead("many-" + email, "Many"), none};
    params->dedupEnabled = new bool(true);
    auto &statuses = call(&Proxy::syncMultipleLeads, params).result->syncStatusList->syncStatus;
    equal(2u, statuses.size());
    equal(ns1__LeadSyncStatus__CREATED, statuses[0]->status);
    equal(ns1__LeadSyncStatus__FAILED, statuses[1]->status);
    equal(true, statuses[0]->leadId > 0 && statuses[1]->error && !statuses[1]->error->empty());
}

static void membership() {
    equal(true, listOperation(ns1__ListOperationType__ADDTOLIST, {"318816"})->success);
    auto *result = listOperation(ns1__ListOperationType__ISMEMBEROFLIST, {"318816", "318817"});
    equal(false, result->success);
    equal(2u, result->statusList->leadStatus.size());
    equal(true, result->statusList->leadStatus[0]->status);
    equal(false, result->statusList->leadStatus[1]->status);
}

static void selectorKeys() {
    auto *selector = make<ns1__LeadKeySelector>();
    selector->keyType = ns1__LeadKeyRef__IDNUM;
    selector->keyValues = make<ns1__ArrayOfString>();
    selector->keyValues->stringItem = {"318815", "318816"};
    auto *result = getMultipleLeads(selector);
    equal(2, result->returnCount);
    equal(0, result->remainingCount);
    std::set<string> found;
    for (auto *record : result->leadRecordList->leadRecord) found.insert(std::to_string(*record->Id) + " " + *record->Email);
    equal(true, found == std::set<string>{"318815 lead@example.com", "318816 contact@example.com"});
}

static void selectorList() {
    auto *selector = make<ns1__StaticListSelector>();
    selector->staticListName = new string(list);
    std::set<int> found;
    for (auto *record : getMultipleLeads(selector)->leadRecordList->leadRecord) found.insert(*record->Id);
    equal(1u, found.count(318816));
}

static void selectorUpdated() {
    auto *selector = make<ns1__LastUpdateAtSelector>();
    selector->oldestUpdatedAt = std::time(nullptr) - 3600;
    size_t count = 0;
    std::set<string> emails;
    ns1__ResultGetMultipleLeads *result = nullptr;
    do {
        result = getMultipleLeads(selector, new int(2), result ? &result->newStreamPosition : nullptr);
        for (auto *record : records(result->leadRecordList)) {
            count++;
            emails.insert(*record->Email);
        }
    } while (result->remainingCount > 0);
    equal(count, emails.size());
    equal(2u, emails.count(email) + emails.count("many-" + email));
}

static void changes() {
    auto *params = make<ns1__ParamsGetLeadChanges>();
    params->startPosition = make<ns1__StreamPosition>();
    params->startPosition->oldestCreatedAt = new time_t(1441083600); // 2015-09-01T00:00:00-05:00
    params->activityNameFilter = make<ns1__ArrayOfString>();
    params->activityNameFilter->stringItem = {"New Lead"};
    params->batchSize = new int(2);
    string leads;
    for (int page = 1; page <= 2; page++) {
        auto *result = call(&Proxy::getLeadChanges, params).result;
        for (auto *record : result->leadChangeRecordList->leadChangeRecord) leads += record->mktPersonId + " ";
        params->startPosition = result->newStartPosition;
    }
    equal("318815 318816 318817 318818 ", leads);
}

static void refused(int code, time_t time, const string &secret) {
    expectFault(code, [&] {
        sign(time, secret);
        send(&Proxy::getLead, getLeadParams(ns1__LeadKeyRef__IDNUM, "318815"));
    });
}

// XML cannot carry U+0001: gSOAP writes it all the same, the server says where it stands.
static void control() {
    Fault fault = expectFault(20012, [] { syncLead(lead("control-" + email, "a\x01" "b"), false); });
    equal(true, fault.field("message").find("attrValue") != string::npos);
    expectFault(20103, [] { getLead("control-" + email); });
}

int main() {
    check("wsdl", [] { equal(23, OPERATIONS); }); // counted in what wsdl2h made of it
    check("activity", activity);
    check("paging", paging);
    check("write", create);
    check("write-flags", writeFlags);
    check("many", many);
    check("list", membership);
    check("selector-keys", selectorKeys);
    check("selector-list", selectorList);
    check("selector-updated", selectorUpdated);
    check("changes", changes);
    check("wrong-key", [] { refused(20014, std::time(nullptr), "another-example-key"); });
    check("expired", [] { refused(20016, std::time(nullptr) - day, key); });
    check("control", control);
    check("unknown-lead", [] { expectFault(20103, [] { getLead("nobody@example.com"); }); });
    return failed;
}
