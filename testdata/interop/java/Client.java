// A client of the mock server on JAX-WS, with the classes that wsimport makes of the WSDL.

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.jws.WebMethod;
import javax.xml.bind.JAXBElement;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.soap.SOAPFaultException;
import mktows.*;

public class Client {
    static final String ENDPOINT = System.getenv("MKTOWS_ENDPOINT");
    static final String USER = System.getenv("MKTOWS_USER_ID");
    static final String KEY = System.getenv("MKTOWS_SECRET_KEY");
    static final String EMAIL = System.getenv("MKTOWS_TEST_EMAIL");
    static final String LIST = System.getenv("MKTOWS_TEST_LIST");
    static final String NAME = "\"Zoë Müller 日本 €\" & <tag>";
    static final ObjectFactory MAKE = new ObjectFactory();

    static MktowsPort port;
    static boolean failed;

    interface Check { void run() throws Exception; }

    static String timestamp(Duration ago) {
        return ZonedDateTime.now(ZoneOffset.UTC).minus(ago).truncatedTo(ChronoUnit.SECONDS)
            .format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx"));
    }

    static XMLGregorianCalendar time(String text) throws Exception {
        return DatatypeFactory.newInstance().newXMLGregorianCalendar(text);
    }

    // One header serves one call: it expires.
    static AuthenticationHeaderInfo sign(Duration ago, String key) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        AuthenticationHeaderInfo header = new AuthenticationHeaderInfo();
        header.setMktowsUserId(USER);
        header.setRequestTimestamp(timestamp(ago));
        byte[] signature = mac.doFinal((header.getRequestTimestamp() + USER).getBytes(StandardCharsets.UTF_8));
        header.setRequestSignature(HexFormat.of().formatHex(signature));
        return header;
    }

    static AuthenticationHeaderInfo sign() throws Exception { return sign(Duration.ZERO, KEY); }

    static LeadKey key(LeadKeyRef type, String value) {
        LeadKey key = new LeadKey();
        key.setKeyType(type);
        key.setKeyValue(value);
        return key;
    }

    static LeadRecord lead(String email, String lastName) {
        Attribute attribute = new Attribute();
        attribute.setAttrName("LastName");
        attribute.setAttrValue(lastName);
        ArrayOfAttribute attributes = new ArrayOfAttribute();
        attributes.getAttribute().add(attribute);
        LeadRecord lead = new LeadRecord();
        lead.setEmail(MAKE.createLeadRecordEmail(email));
        lead.setLeadAttributeList(MAKE.createLeadRecordLeadAttributeList(attributes));
        return lead;
    }

    static ArrayOfString strings(String... values) {
        ArrayOfString list = new ArrayOfString();
        list.getStringItem().addAll(List.of(values));
        return list;
    }

    static String attribute(ArrayOfAttribute list, String name) {
        return list.getAttribute().stream().filter(a -> a.getAttrName().equals(name)).findFirst()
            .map(Attribute::getAttrValue).orElse(null);
    }

    // A nillable element is null where it is absent, and has a null value where it is nil.
    static <T> T value(JAXBElement<T> element) { return element == null ? null : element.getValue(); }

    static LeadRecord getLead(String email) throws Exception { return getLead(key(LeadKeyRef.EMAIL, email), sign()); }

    static LeadRecord getLead(LeadKey key, AuthenticationHeaderInfo header) {
        ParamsGetLead params = new ParamsGetLead();
        params.setLeadKey(key);
        return value(port.getLead(params, header).getResult().getLeadRecordList()).getLeadRecord().get(0);
    }

    static ResultSyncLead syncLead(LeadRecord lead, boolean returnLead) throws Exception {
        ParamsSyncLead params = new ParamsSyncLead();
        params.setLeadRecord(lead);
        params.setReturnLead(returnLead);
        return port.syncLead(params, sign(), null).getResult();
    }

    static ResultGetMultipleLeads getMultipleLeads(LeadSelector selector, Integer batchSize, String position) throws Exception {
        ParamsGetMultipleLeads params = new ParamsGetMultipleLeads();
        params.setLeadSelector(selector); // JAXB writes its xsi:type
        if (batchSize != null) params.setBatchSize(MAKE.createParamsGetMultipleLeadsBatchSize(batchSize));
        if (position != null) params.setStreamPosition(MAKE.createParamsGetMultipleLeadsStreamPosition(position));
        return port.getMultipleLeads(params, sign()).getResult();
    }

    static ResultListOperation listOperation(ListOperationType operation, String... ids) throws Exception {
        ListKey list = new ListKey();
        list.setKeyType(ListKeyType.MKTOLISTNAME);
        list.setKeyValue(LIST);
        ArrayOfLeadKey members = new ArrayOfLeadKey();
        for (String id : ids) members.getLeadKey().add(key(LeadKeyRef.IDNUM, id));
        ParamsListOperation params = new ParamsListOperation();
        params.setListOperation(operation);
        params.setListKey(list);
        params.setListMemberList(members);
        return port.listOperation(params, sign()).getResult();
    }

    static void equal(Object want, Object got) {
        if (!Objects.equals(want, got)) throw new AssertionError(got + ", want " + want);
    }

    // The server's code of a fault is in its detail.
    static String inDetail(SOAPFaultException e, String element) {
        return e.getFault().getDetail().getElementsByTagName(element).item(0).getTextContent();
    }

    static SOAPFaultException expectFault(int code, Check call) throws Exception {
        try {
            call.run();
        } catch (SOAPFaultException e) {
            equal(String.valueOf(code), inDetail(e, "code"));
            return e;
        }
        throw new AssertionError("no fault, want " + code);
    }

    static void check(String name, Check check) {
        try {
            check.run();
            System.out.println("ok " + name);
        } catch (Exception | AssertionError e) {
            failed = true;
            System.out.println("fail " + name + ": " + e.toString().replace('\n', ' '));
        }
    }

    static void wsdl() {
        equal(23L, Stream.of(MktowsPort.class.getMethods()).filter(m -> m.isAnnotationPresent(WebMethod.class)).count());
    }

    static void activity() throws Exception {
        ArrayOfActivityType types = new ArrayOfActivityType();
        types.getActivityType().add(ActivityType.NEW_LEAD);
        ActivityTypeFilter filter = new ActivityTypeFilter();
        filter.setIncludeTypes(types);
        ParamsGetLeadActivity params = new ParamsGetLeadActivity();
        params.setLeadKey(key(LeadKeyRef.IDNUM, "318815"));
        params.setActivityFilter(MAKE.createParamsGetLeadActivityActivityFilter(filter));
        LeadActivityList page = port.getLeadActivity(params, sign()).getLeadActivityList();
        equal(List.of(1, 0), List.of(page.getReturnCount(), page.getRemainingCount()));
        ActivityRecord record = value(page.getActivityRecordList()).getActivityRecord().get(0);
        equal(List.of(12025714L, "2015-09-04T16:07:16-05:00", "New Lead"),
            List.of(record.getId(), record.getActivityDateTime().toString(), record.getActivityType()));
        equal("Web service API", attribute(value(record.getActivityAttributes()), "Source Type"));
    }

    static void paging() throws Exception {
        ParamsGetLeadActivity params = new ParamsGetLeadActivity();
        params.setLeadKey(key(LeadKeyRef.IDNUM, System.getenv("MKTOWS_TEST_HISTORY_LEAD")));
        params.setBatchSize(MAKE.createParamsGetLeadActivityBatchSize(100));
        List<Long> ids = new ArrayList<>();
        LeadActivityList page;
        do {
            page = port.getLeadActivity(params, sign()).getLeadActivityList();
            ArrayOfActivityRecord records = value(page.getActivityRecordList()); // nil in a page without records
            if (records != null) records.getActivityRecord().forEach(r -> ids.add(r.getId()));
            params.setStartPosition(MAKE.createParamsGetLeadActivityStartPosition(page.getNewStartPosition()));
        } while (page.getRemainingCount() > 0);
        int want = Integer.parseInt(System.getenv("MKTOWS_TEST_HISTORY_COUNT"));
        equal(List.of(want, want), List.of(ids.size(), new HashSet<>(ids).size()));
    }

    static void write() throws Exception {
        ResultSyncLead result = syncLead(lead(EMAIL, NAME), false);
        equal(LeadSyncStatus.CREATED, result.getSyncStatus().getStatus());
        LeadRecord lead = getLead(EMAIL);
        equal(result.getLeadId(), value(lead.getId()));
        equal(NAME, attribute(value(lead.getLeadAttributeList()), "LastName"));
    }

    static void writeFlags() throws Exception {
        ResultSyncLead with = syncLead(lead(EMAIL, "Flagg"), true);
        equal(LeadSyncStatus.UPDATED, with.getSyncStatus().getStatus());
        equal(EMAIL, value(value(with.getLeadRecord()).getEmail()));
        ResultSyncLead without = syncLead(lead(EMAIL, "Flagge"), false);
        equal(LeadSyncStatus.UPDATED, without.getSyncStatus().getStatus());
        equal(true, without.getLeadRecord().isNil());
    }

    static void many() throws Exception {
        LeadRecord none = lead("none-" + EMAIL, "None");
        none.setId(MAKE.createLeadRecordId(2000000000));
        ArrayOfLeadRecord records = new ArrayOfLeadRecord();
        records.getLeadRecord().addAll(List.of(lead("many-" + EMAIL, "Many"), none));
        ParamsSyncMultipleLeads params = new ParamsSyncMultipleLeads();
        params.setLeadRecordList(records);
        params.setDedupEnabled(MAKE.createParamsSyncMultipleLeadsDedupEnabled(true));
        List<SyncStatus> list = port.syncMultipleLeads(params, sign()).getResult().getSyncStatusList().getSyncStatus();
        equal(List.of(LeadSyncStatus.CREATED, LeadSyncStatus.FAILED), list.stream().map(SyncStatus::getStatus).toList());
        equal(true, list.get(0).getLeadId() > 0 && !value(list.get(1).getError()).isEmpty());
    }

    static void list() throws Exception {
        equal(true, listOperation(ListOperationType.ADDTOLIST, "318816").isSuccess());
        ResultListOperation result = listOperation(ListOperationType.ISMEMBEROFLIST, "318816", "318817");
        equal(false, result.isSuccess());
        equal(List.of(true, false), value(result.getStatusList()).getLeadStatus().stream().map(LeadStatus::isStatus).toList());
    }

    static void selectorKeys() throws Exception {
        LeadKeySelector selector = new LeadKeySelector();
        selector.setKeyType(LeadKeyRef.IDNUM);
        selector.setKeyValues(strings("318815", "318816"));
        ResultGetMultipleLeads result = getMultipleLeads(selector, null, null);
        equal(List.of(2, 0), List.of(result.getReturnCount(), result.getRemainingCount()));
        equal(Map.of(318815, "lead@example.com", 318816, "contact@example.com"),
            value(result.getLeadRecordList()).getLeadRecord().stream()
                .collect(Collectors.toMap(r -> value(r.getId()), r -> value(r.getEmail()))));
    }

    static void selectorList() throws Exception {
        StaticListSelector selector = new StaticListSelector();
        selector.setStaticListName(MAKE.createStaticListSelectorStaticListName(LIST));
        ResultGetMultipleLeads result = getMultipleLeads(selector, null, null);
        equal(true, value(result.getLeadRecordList()).getLeadRecord().stream().anyMatch(r -> value(r.getId()) == 318816));
    }

    static void selectorUpdated() throws Exception {
        LastUpdateAtSelector selector = new LastUpdateAtSelector();
        selector.setOldestUpdatedAt(time(timestamp(Duration.ofHours(1))));
        List<String> emails = new ArrayList<>();
        ResultGetMultipleLeads result = null;
        do {
            result = getMultipleLeads(selector, 2, result == null ? null : result.getNewStreamPosition());
            ArrayOfLeadRecord records = value(result.getLeadRecordList());
            if (records != null) records.getLeadRecord().forEach(r -> emails.add(value(r.getEmail())));
        } while (result.getRemainingCount() > 0);
        equal(emails.size(), new HashSet<>(emails).size());
        equal(true, emails.containsAll(List.of(EMAIL, "many-" + EMAIL)));
    }

    static void changes() throws Exception {
        StreamPosition position = new StreamPosition();
        position.setOldestCreatedAt(MAKE.createStreamPositionOldestCreatedAt(time("2015-09-01T00:00:00-05:00")));
        ParamsGetLeadChanges params = new ParamsGetLeadChanges();
        params.setActivityNameFilter(MAKE.createParamsGetLeadChangesActivityNameFilter(strings("New Lead")));
        params.setBatchSize(MAKE.createParamsGetLeadChangesBatchSize(2));
        List<String> leads = new ArrayList<>();
        for (int page = 1; page <= 2; page++) {
            params.setStartPosition(position);
            ResultGetLeadChanges result = port.getLeadChanges(params, sign()).getResult();
            value(result.getLeadChangeRecordList()).getLeadChangeRecord().forEach(r -> leads.add(r.getMktPersonId()));
            position = result.getNewStartPosition();
        }
        equal(List.of("318815", "318816", "318817", "318818"), leads);
    }

    // XML cannot carry U+0001: this client writes it all the same, the server says where it stands.
    static void control() throws Exception {
        SOAPFaultException e = expectFault(20012, () -> syncLead(lead("control-" + EMAIL, "a\u0001b"), false));
        equal(true, inDetail(e, "message").contains("attrValue"));
        expectFault(20103, () -> getLead("control-" + EMAIL));
    }

    public static void main(String[] args) throws Exception {
        port = new MktMktowsApiService(new URL(ENDPOINT + "?WSDL")).getMktowsApiSoapPort();
        ((BindingProvider) port).getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, ENDPOINT);
        LeadKey anybody = key(LeadKeyRef.IDNUM, "318815");
        check("wsdl", Client::wsdl);
        check("activity", Client::activity);
        check("paging", Client::paging);
        check("write", Client::write);
        check("write-flags", Client::writeFlags);
        check("many", Client::many);
        check("list", Client::list);
        check("selector-keys", Client::selectorKeys);
        check("selector-list", Client::selectorList);
        check("selector-updated", Client::selectorUpdated);
        check("changes", Client::changes);
        check("wrong-key", () -> expectFault(20014, () -> getLead(anybody, sign(Duration.ZERO, "another-example-key"))));
        check("expired", () -> expectFault(20016, () -> getLead(anybody, sign(Duration.ofDays(1), KEY))));
        check("control", Client::control);
        check("unknown-lead", () -> expectFault(20103, () -> getLead("nobody@example.com")));
        System.exit(failed ? 1 : 0);
    }
}
