package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

func TestServeHTTP_answer(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	got := b.call()
	want := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><SOAP-ENV:Body><ns1:successGetLeadActivity><leadActivityList>` +
		`<returnCount>0</returnCount><remainingCount>0</remainingCount><newStartPosition><offset>0</offset></newStartPosition>` +
		`<activityRecordList xsi:nil="true"/></leadActivityList></ns1:successGetLeadActivity></SOAP-ENV:Body></SOAP-ENV:Envelope>` + "\n"
	if diff := cmp.Diff(want, got.body); diff != "" || got.status != http.StatusOK {
		t.Errorf("HTTP %d\n%s", got.status, diff)
	}
	headers := map[string]string{
		"Content-Type": "text/xml; charset=utf-8", "Content-Length": fmt.Sprint(len(want)), "Server": "mktows-go",
		"Date": "Fri, 04 Sep 2015 17:00:00 GMT", // by the clock that signatures are held against
	}
	for name, value := range headers {
		if got.header.Get(name) != value {
			t.Errorf("header %s: %q, want %q", name, got.header.Get(name), value)
		}
	}
}

// The published fault, byte for byte but for white space between elements.
func TestServeHTTP_authenticationFault(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	got := b.post(envelopeWith(header(user, "wrong-key", start), body))
	want := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault>` +
		`<faultcode>SOAP-ENV:Client</faultcode><faultstring>20014 - Authentication failed</faultstring><detail>` +
		`<ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/"><name>mktServiceException</name>` +
		`<message>Authentication failed (20014)</message><code>20014</code></ns1:serviceException></detail>` +
		`</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>` + "\n"
	if diff := cmp.Diff(want, got.body); diff != "" || got.status != http.StatusInternalServerError {
		t.Errorf("HTTP %d\n%s", got.status, diff)
	}
	unknown := b.post(envelopeWith(header("somebody", "wrong-key", start), body))
	if diff := cmp.Diff(got, unknown, cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("the answer to an unknown user differs:\n%s", diff)
	}
}

func TestServeHTTP_faults(t *testing.T) {
	t.Parallel()
	good := header(user, key, start)
	params := func(inner string) string {
		return envelopeWith(good, "<m:paramsGetLeadActivity>"+inner+"</m:paramsGetLeadActivity>")
	}
	entry := func(e string) string { return envelopeWith(e+good, body) }
	const (
		notUnderstood = fault.CodeRequestNotUnderstood
		authFailed    = fault.CodeAuthenticationFailed
	)
	tests := []struct {
		name, doc string
		code      fault.Code
		text      string // in message or faultstring
	}{
		{"empty body", "", notUnderstood, "empty"},
		{"no XML", "leadKey=1", notUnderstood, "byte 0"},
		{"a page of HTML", "<html><body>x</body></html>", notUnderstood, "html"},
		{"cut off", envelopeWith(good, body)[:420], notUnderstood, "byte 420"},
		{"another envelope", `<Envelope/>`, notUnderstood, "Envelope"},
		{"mismatched tags", strings.Replace(envelopeWith(good, body), "</keyType>", "</keytype>", 1), notUnderstood, "keytype"},
		{"content after the envelope", envelopeWith(good, body) + "x", notUnderstood, "after the root"},
		{"a document type declaration", `<!DOCTYPE a [<!ENTITY b "c">]>` + envelopeWith(good, body), notUnderstood, "DTD"},
		{"an undefined entity", params("<leadKey>&b;</leadKey>"), notUnderstood, "&b;"},
		{"no body", `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>`, notUnderstood, "no body"},
		{"an empty body element", envelopeWith(good, ""), notUnderstood, "empty"},
		{"two requests", envelopeWith(good, body+body), notUnderstood, "second element"},
		{"request in no namespace", envelopeWith(good, "<paramsGetLeadActivity/>"), notUnderstood, "namespace"},
		{"request in another namespace", envelopeWith(good, `<paramsGetLeadActivity xmlns="urn:x"/>`), notUnderstood, "urn:x"},
		{"unknown request", envelopeWith(good, "<m:paramsDance/>"), fault.CodeUnsupportedOperation, "paramsDance"},
		{"an answer as request", envelopeWith(good, "<m:successGetLeadActivity/>"), fault.CodeUnsupportedOperation, "success"},
		{"operation that the port lacks", envelopeWith(good, "<m:paramsListMObjects/>"), fault.CodeUnsupportedOperation, "listMObjects"},
		{"raw control character", params("<leadKey><keyValue>a\x0Bb</keyValue></leadKey>"), notUnderstood, "U+000B"},
		{"reference to a control character", params("<leadKey><keyValue>a&#11;b</keyValue></leadKey>"), notUnderstood, "&#11;"},
		{"bytes that are not UTF-8", params("<leadKey><keyValue>\xE4</keyValue></leadKey>"), notUnderstood, "UTF-8"},
		{"number that is none", params("<batchSize>ten</batchSize>"), fault.CodeBadParameter, "batchSize"},
		{"number too large", params("<batchSize>4294967296</batchSize>"), fault.CodeBadParameter, "batchSize"},
		{"date that is none", params("<startPosition><latestCreatedAt>2015-02-30T00:00:00Z</latestCreatedAt></startPosition>"),
			fault.CodeBadParameter, "latestCreatedAt"},

		{"no header", strings.NewReplacer("<s:Header>", "", "</s:Header>", "").Replace(envelopeWith("", body)), authFailed, "AuthenticationHeader"},
		{"empty header", envelopeWith("", body), authFailed, "AuthenticationHeader"},
		{"empty entry", envelopeWith("<m:AuthenticationHeader/>", body), authFailed, ""},
		{"header twice", envelopeWith(good+good, body), notUnderstood, "twice"},
		{"upper-case signature", envelopeWith(headerWith(user, strings.ToUpper(auth.Sign(user, auth.NewSecret(key), "2015-09-04T17:00:00+00:00")),
			"2015-09-04T17:00:00+00:00"), body), authFailed, ""},
		{"signed unreadable timestamp", envelopeWith(headerWith(user, auth.Sign(user, auth.NewSecret(key), "noon"), "noon"), body), authFailed, "requestTimestamp"},
		{"another user's key", envelopeWith(header(user, "second-key", start), body), authFailed, ""},
		{"stale", envelopeWith(header(user, key, start.Add(-15*time.Minute-time.Second)), body), fault.CodeRequestExpired, "2015-09-04T17:00:00+00:00"},
		{"from the future", envelopeWith(header(user, key, start.Add(15*time.Minute+time.Second)), body), fault.CodeRequestExpired, "15m"},
		{"just not stale", envelopeWith(header(user, key, start.Add(-15*time.Minute)), body), 0, ""},
		{"just not from the future", envelopeWith(header(user, key, start.Add(15*time.Minute)), body), 0, ""},

		{"SOAP 1.2", strings.Replace(envelopeWith(good, body), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1),
			0, "SOAP-ENV:VersionMismatch"},
		{"header that must be understood", entry(`<x:y xmlns:x="urn:x" s:mustUnderstand="1"/>`), 0, "SOAP-ENV:MustUnderstand"},
		{"header that need not be", entry(`<x:y xmlns:x="urn:x" s:mustUnderstand="0"/>`), 0, ""},

		// Which check comes first.
		{"unknown request, wrong key", envelopeWith(header(user, "x", start), "<m:paramsDance/>"), authFailed, ""},
		{"bad number, wrong key", envelopeWith(header(user, "x", start), "<m:paramsGetLeadActivity><batchSize>x</batchSize></m:paramsGetLeadActivity>"), authFailed, ""},
		{"broken inside the request, wrong key", envelopeWith(header(user, "x", start), "<m:paramsGetLeadActivity><a></b>"), authFailed, ""},
		{"stale, wrong key", envelopeWith(header(user, "x", start.Add(-time.Hour)), body), authFailed, ""},
		{"stale, unknown request", envelopeWith(header(user, key, start.Add(-time.Hour)), "<m:paramsDance/>"), fault.CodeRequestExpired, ""},
		{"broken header, wrong key", strings.Replace(envelopeWith(header(user, "x", start), body), "</mktowsUserId>", "", 1), notUnderstood, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := setup(t, nil).post(test.doc)
			f := got.fault(t)
			if f == nil {
				if test.code != 0 || test.text != "" || got.status != http.StatusOK {
					t.Fatalf("HTTP %d, no fault, want %d", got.status, test.code)
				}
				return
			}
			text := strings.Join([]string{f.FaultCode, f.FaultString, f.Message}, "\n")
			if f.Code != test.code || !strings.Contains(text, test.text) || got.status != http.StatusInternalServerError {
				t.Errorf("HTTP %d, fault %d\n%s\nwant HTTP 500, %d with %q", got.status, f.Code, text, test.code, test.text)
			}
			if strings.Contains(got.body, auth.Sign(user, auth.NewSecret(key), auth.FormatTimestamp(start))) {
				t.Error("the answer holds the signature")
			}
		})
	}
}

// Header faults have no detail (SOAP 1.1, section 4.4).
func TestServeHTTP_headerFaultWithoutDetail(t *testing.T) {
	t.Parallel()
	got := setup(t, nil).post(envelopeWith(`<x:y xmlns:x="urn:x" s:mustUnderstand="1"/>`+header(user, key, start), body))
	if strings.Contains(got.body, "<detail") || !strings.Contains(got.body, "{urn:x}y") {
		t.Errorf("want a fault without detail that names the entry:\n%s", got.body)
	}
}

// Every way to write a request that clients are known to use.
func TestServeHTTP_generousReading(t *testing.T) {
	t.Parallel()
	good := header(user, key, start)
	plain := envelopeWith(good, body)
	replace := strings.NewReplacer
	tests := []struct {
		name, doc string
		headers   []string
	}{
		{"as it is", plain, nil},
		{"other prefixes", replace("s:", "SOAP-ENV:", "xmlns:s=", "xmlns:SOAP-ENV=", "m:", "ns1:", "xmlns:m=", "xmlns:ns1=").Replace(plain), nil},
		{"default namespaces", `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><AuthenticationHeader xmlns="http://www.marketo.com/mktows/">` +
			strings.TrimSuffix(strings.TrimPrefix(good, "<m:AuthenticationHeader>"), "</m:AuthenticationHeader>") + `</AuthenticationHeader></Header><Body>` +
			`<paramsGetLeadActivity xmlns="http://www.marketo.com/mktows/"><leadKey><keyType>IDNUM</keyType><keyValue>318815</keyValue></leadKey>` +
			`</paramsGetLeadActivity></Body></Envelope>`, nil},
		{"qualified children", replace("<k", "<m:k", "</k", "</m:k", "<l", "<m:l", "</l", "</m:l").Replace(plain), nil},
		{"declaration and byte order mark", "\uFEFF<?xml version='1.0' encoding='utf-8' standalone=\"no\"?>\r\n" + plain, nil},
		{"comments and white space", replace("><", ">\n <!-- c --> <").Replace(plain), nil},
		{"CDATA and references", replace("318815", "<![CDATA[318]]>81&#x35;").Replace(plain), nil},
		{"a processing instruction", replace("<leadKey>", "<?php x ?><leadKey>").Replace(plain), nil},
		{"unknown elements", replace("</leadKey>", "<note>x</note></leadKey><more><leadKey/></more>").Replace(plain), nil},
		{"another encodingStyle", replace("<s:Body>", `<s:Body s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" id="_0">`).Replace(plain), nil},
		{"empty optional elements", replace("</leadKey>", "</leadKey><activityFilter/><startPosition><latestCreatedAt /><oldestCreatedAt></oldestCreatedAt>"+
			"<offset /></startPosition><batchSize/>").Replace(plain), nil},
		{"nil optional elements", replace("</leadKey>", `</leadKey><batchSize xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>`).Replace(plain), nil},
		{"empty SOAPAction", plain, []string{"SOAPAction", `""`}},
		{"wrong SOAPAction", plain, []string{"SOAPAction", `"http://www.marketo.com/mktows/syncLead"`}},
		{"no content type", plain, []string{"Content-Type", ""}},
		{"content type of other XML", plain, []string{"Content-Type", "application/xml"}},
		{"content type of SOAP 1.2", plain, []string{"Content-Type", `application/soap+xml; charset="UTF-8"; action="x"`}},
		{"parameters that cannot be parsed", plain, []string{"Content-Type", "text/xml; charset=utf-8; action="}},
		{"charset utf8", plain, []string{"Content-Type", "Text/XML;charset=utf8"}},
		{"context header", envelopeWith(good+"<m:MktowsContextHeader><targetWorkspace>default</targetWorkspace></m:MktowsContextHeader>", body), nil},
		{"partner id", replace("</requestTimestamp>", "</requestTimestamp><partnerId>p_1</partnerId>").Replace(plain), nil},
		{"Content-Encoding identity", plain, []string{"Content-Encoding", "identity"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			got := b.post(test.doc, test.headers...)
			if f := got.fault(t); f != nil {
				t.Fatal(f)
			}
			want := &gen.LeadKey{KeyType: "IDNUM", KeyValue: "318815"}
			in, ok := b.exchanges.last().Request.(*gen.ParamsGetLeadActivity)
			if !ok {
				t.Fatalf("request %T", b.exchanges.last().Request)
			}
			if diff := cmp.Diff(want, in.LeadKey); diff != "" {
				t.Error(diff)
			}
			if in.BatchSize.State == gen.Present {
				t.Errorf("batchSize %v, want none", in.BatchSize)
			}
		})
	}
}

func TestServeHTTP_transport(t *testing.T) {
	t.Parallel()
	const limit = 2000
	doc := setup(t, nil).signed(body)
	huge := strings.Replace(doc, "318815", strings.Repeat("1", 4000), 1)
	tests := []struct {
		name, doc string
		headers   []string
		status    int
		code      fault.Code
		text      string
	}{
		{"gzip", zipped(doc), []string{"Content-Encoding", "gzip"}, 200, 0, ""},
		{"x-gzip", zipped(doc), []string{"Content-Encoding", "X-GZIP"}, 200, 0, ""},
		{"not gzip", doc, []string{"Content-Encoding", "gzip"}, 500, fault.CodeRequestNotUnderstood, "gzip"},
		{"half a gzip", zipped(doc)[:100], []string{"Content-Encoding", "gzip"}, 500, fault.CodeRequestNotUnderstood, "gzip"},
		{"another encoding", doc, []string{"Content-Encoding", "br"}, 415, 0, "gzip"},
		{"too large", huge, nil, 500, fault.CodeRequestNotUnderstood, "larger than 2000 bytes"},
		{"too large after decompression", zipped(huge), []string{"Content-Encoding", "gzip"}, 500, fault.CodeRequestNotUnderstood, "larger than 2000 bytes"},
		{"too large before decompression", strings.Repeat(zipped(""), 100) + zipped(doc), []string{"Content-Encoding", "gzip"}, 500,
			fault.CodeRequestNotUnderstood, "larger than 2000 bytes"},
		{"exactly the limit", doc + strings.Repeat(" ", limit-len(doc)), nil, 200, 0, ""},
		{"one more", doc + strings.Repeat(" ", limit-len(doc)+1), nil, 500, fault.CodeRequestNotUnderstood, "larger"},
		{"a form", doc, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, 0, "text/xml"},
		{"JSON", doc, []string{"Content-Type", "application/json"}, 415, 0, "application/json"},
		{"attachments", doc, []string{"Content-Type", `multipart/related; boundary="x"`}, 415, 0, "multipart"},
		{"a charset that is not read", doc, []string{"Content-Type", "text/xml; charset=KOI8-R"}, 500, fault.CodeRequestNotUnderstood, "KOI8-R"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := setup(t, nil, server.WithMaxBody(limit)).post(test.doc, test.headers...)
			if got.status != test.status || !strings.Contains(got.body, test.text) {
				t.Fatalf("HTTP %d, want %d with %q\n%s", got.status, test.status, test.text, got.body)
			}
			if test.status != http.StatusUnsupportedMediaType {
				if code := got.code(t); code != test.code {
					t.Errorf("fault %d, want %d", code, test.code)
				}
			}
		})
	}
}

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

// What the port returns, and what the caller and the log get of it.
func TestServeHTTP_portErrors(t *testing.T) {
	t.Parallel()
	const internal = "dial tcp 192.0.2.1: refused"
	notFound := fault.New(fault.CodeLeadNotFound, "No lead found with EMAIL = a@example.com")
	list := func(r gen.ActivityRecord) *gen.LeadActivityList {
		return &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{},
			ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: []gen.ActivityRecord{r}})}
	}
	tests := []struct {
		name   string
		answer func() (*gen.LeadActivityList, error)
		code   fault.Code
		text   string // for the caller
		logged string
	}{
		{"a fault", func() (*gen.LeadActivityList, error) { return nil, notFound },
			fault.CodeLeadNotFound, "No lead found with EMAIL = a@example.com (20103)", ""},
		{"a wrapped fault", func() (*gen.LeadActivityList, error) {
			return nil, errors.Join(errors.New("x"), &fault.OpError{Op: "getLeadActivity", Err: fmt.Errorf("y: %w", notFound)})
		}, fault.CodeLeadNotFound, "No lead found", ""},
		{"a typed fault", func() (*gen.LeadActivityList, error) {
			return nil, &fault.QuotaError{Fault: fault.New(fault.CodeRequestLimitExceeded, "")}
		}, fault.CodeRequestLimitExceeded, "Request Limit Exceeded (20015)", ""},
		{"a budget of the port", func() (*gen.LeadActivityList, error) {
			return nil, &fault.OpError{Op: "getLeadActivity", Err: &fault.QuotaError{ResetsAt: time.Date(2026, 11, 29, 6, 0, 0, 0, time.UTC)}}
		}, fault.CodeRequestLimitExceeded, "daily quota used up; the count starts anew at 2026-11-29", ""},
		{"only a code", func() (*gen.LeadActivityList, error) { return nil, &fault.Fault{Code: fault.CodeListNotFound} },
			fault.CodeListNotFound, `<faultcode>SOAP-ENV:Client</faultcode><faultstring>20111 - List Not Found</faultstring><detail>` +
				`<ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/"><name>mktServiceException</name><message>List Not Found (20111)</message>`, ""},
		{"a fault with another prefix", func() (*gen.LeadActivityList, error) {
			return nil, &fault.Fault{FaultCode: "soapenv:Server", FaultString: "proxy"}
		}, 0, "<faultcode>SOAP-ENV:Server</faultcode><faultstring>proxy</faultstring>", ""},
		{"a code as an error", func() (*gen.LeadActivityList, error) { return nil, fault.CodeListNotFound },
			fault.CodeListNotFound, "List Not Found", ""},
		{"another error", func() (*gen.LeadActivityList, error) { return nil, errors.New(internal) },
			fault.CodeServiceInternal, "Internal Error (20011)", internal},
		{"a deadline", func() (*gen.LeadActivityList, error) { return nil, context.DeadlineExceeded },
			fault.CodeServiceInternal, "Internal Error (20011)", "deadline"},
		{"a panic", func() (*gen.LeadActivityList, error) { panic(internal) }, fault.CodeServiceInternal, "Internal Error (20011)", internal},
		{"a panic with an error", func() (*gen.LeadActivityList, error) { panic(errors.New(internal)) },
			fault.CodeServiceInternal, "Internal Error (20011)", internal},
		{"a character that XML cannot carry", func() (*gen.LeadActivityList, error) {
			return list(gen.ActivityRecord{Id: gen.Some[int64](1), ActivityDateTime: "2015-09-04T16:07:16-05:00", ActivityType: "\x00"}), nil
		}, fault.CodeServiceInternal, "Internal Error (20011)",
			"successGetLeadActivity.leadActivityList.activityRecordList.activityRecord[0].activityType"},
		{"a date that is none", func() (*gen.LeadActivityList, error) { return list(gen.ActivityRecord{Id: gen.Some[int64](1)}), nil },
			fault.CodeServiceInternal, "Internal Error (20011)", "activityDateTime"},
		{"a required element missing", func() (*gen.LeadActivityList, error) { return nil, nil },
			fault.CodeServiceInternal, "Internal Error (20011)", "leadActivityList"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, portOf(func(context.Context, *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) { return test.answer() }))
			got := b.call()
			if got.code(t) != test.code || got.status != http.StatusInternalServerError || !strings.Contains(got.body, test.text) {
				t.Errorf("HTTP %d, want fault %d with %q:\n%s", got.status, test.code, test.text, got.body)
			}
			if strings.Contains(got.body, internal) || strings.Contains(got.body, "successGet") {
				t.Errorf("the answer tells what is inside, or half an answer:\n%s", got.body)
			}
			if !strings.Contains(b.logged.String(), test.logged) {
				t.Errorf("the log lacks %q:\n%s", test.logged, b.logged)
			}
			if hasError := strings.Contains(b.logged.String(), "level=ERROR"); hasError != (test.logged != "") {
				t.Errorf("an entry at level Error: %t\n%s", hasError, b.logged)
			}
		})
	}
}

// A port that returns a nil pointer of the right type has no answer.
type nilPort struct{ gen.PortFunc }

func (nilPort) GetLeadActivity(context.Context, *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	return nil, nil
}

func TestServeHTTP_nilAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, nilPort{})
	if code := b.call().code(t); code != fault.CodeServiceInternal || b.exchanges.last().Response != nil {
		t.Errorf("fault %d, want 20011", code)
	}
}

// MktowsContextHeader reaches the port for syncLead and for nothing else.
func TestServeHTTP_contextHeader(t *testing.T) {
	t.Parallel()
	var seen string
	b := setup(t, gen.PortFunc(func(ctx context.Context, op *gen.Operation, _, _ gen.Message) error {
		h, ok := gen.MktowsContext(ctx)
		seen = fmt.Sprintf("%s %q %t", op.Name, h.TargetWorkspace, ok)
		return fault.CodeServiceInternal
	}))
	context := "<m:MktowsContextHeader><targetWorkspace>Europe</targetWorkspace></m:MktowsContextHeader>"
	tests := []struct{ header, body, want string }{
		{context, "<m:paramsSyncLead><leadRecord/><returnLead>false</returnLead></m:paramsSyncLead>", `syncLead "Europe" true`},
		{"", "<m:paramsSyncLead><leadRecord/><returnLead>false</returnLead></m:paramsSyncLead>", `syncLead "" false`},
		{context, body, `getLeadActivity "" false`},
	}
	for _, test := range tests {
		if got := b.post(envelopeWith(header(user, key, start)+test.header, test.body)); seen != test.want {
			t.Errorf("the port saw %s, want %s\n%s", seen, test.want, got.body)
		}
	}
}

// Each of the 23 operations gets to the port, chosen by the body element.
func TestServeHTTP_allOperations(t *testing.T) {
	t.Parallel()
	var seen string
	b := setup(t, gen.PortFunc(func(_ context.Context, op *gen.Operation, _, _ gen.Message) error {
		seen = op.Name
		return fault.CodeListNotFound
	}), server.WithLimits(limits.Unlimited()))
	for _, op := range gen.Operations() {
		doc, err := envelope.AppendRequest(nil, gen.V3_1, envelope.Header{}, &gen.ParamsListMObjects{})
		if err != nil {
			t.Fatal(err)
		}
		request := strings.Replace(string(doc), "<SOAP-ENV:Header>", "<SOAP-ENV:Header>"+strings.ReplaceAll(header(user, key, start), "m:", "ns1:"), 1)
		request = strings.ReplaceAll(request, "paramsListMObjects", op.Input)
		if code := b.post(request).code(t); code != fault.CodeListNotFound || seen != op.Name || b.exchanges.last().Operation != op.Name {
			t.Errorf("%s: fault %d, the port saw %s", op.Name, code, seen)
		}
	}
}

// The answer is in the form of the version in the path.
func TestServeHTTP_versions(t *testing.T) {
	t.Parallel()
	b := setup(t, portOf(func(context.Context, *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		return &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{}, ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{
			ActivityRecord: []gen.ActivityRecord{{Id: gen.Some[int64](1), MarketoGUID: "g1", ActivityDateTime: "2015-09-04T16:07:16-05:00"}},
		})}, nil
	}))
	tests := []struct {
		path   string
		status int
		guid   bool
	}{
		{"/soap/mktows/1_4", 200, false},
		{"/soap/mktows/2_0", 200, false},
		{"/soap/mktows/2_7", 200, false},
		{"/soap/mktows/2_8", 200, true},
		{"/soap/mktows/3_1", 200, true},
		{"/soap/mktows/3_1/", 200, true},
		{"/a/b/soap/mktows/2_7", 200, false},
		{"/soap/mktows/2_7/soap/mktows/3_1", 200, true},
		{"/soap/mktows/3_2", 404, false},
		{"/soap/mktows/0_0", 404, false},
		{"/soap/mktows/x", 404, false},
		{"/soap/mktows/", 404, false},
		{"/soap/mktows/3_1/more", 404, false},
		{"/", 404, false},
	}
	for _, test := range tests {
		r := request(b.signed(body))
		r.URL.Path = test.path
		got := b.do(r)
		if got.status != test.status || strings.Contains(got.body, "marketoGUID") != test.guid {
			t.Errorf("%s: HTTP %d, GUID %t; want HTTP %d, %t", test.path, got.status, strings.Contains(got.body, "marketoGUID"), test.status, test.guid)
		}
	}
}

func TestServeHTTP_gzipAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, portOf(func(_ context.Context, in *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		return &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{Offset: gen.Some(strings.Repeat("x", int(in.BatchSize.Or(0))))}}, nil
	}))
	tests := []struct {
		accept string
		size   int
		want   string
	}{
		{"gzip", 5000, "gzip"},
		{"deflate, GZIP;q=0.5", 5000, "gzip"},
		{"*", 5000, "gzip"},
		{"gzip", 10, ""},
		{"", 5000, ""},
		{"identity", 5000, ""},
		{"gzip;q=0", 5000, ""},
		{"*;q=0", 5000, ""},
		{"gzip;q=0, *", 5000, ""},
	}
	for _, test := range tests {
		doc := b.signed(strings.Replace(body, "</leadKey>", fmt.Sprintf("</leadKey><batchSize>%d</batchSize>", test.size), 1))
		got := b.post(doc, "Accept-Encoding", test.accept)
		if encoding := got.header.Get("Content-Encoding"); encoding != test.want || got.header.Get("Content-Length") != fmt.Sprint(len(got.body)) {
			t.Errorf("Accept-Encoding %q, %d: %q, want %q; %v", test.accept, test.size, encoding, test.want, got.header)
		}
		if test.want == "gzip" {
			got.body = unzipped(t, got.body)
		}
		if !strings.Contains(got.body, strings.Repeat("x", test.size)+"</offset>") || got.code(t) != 0 {
			t.Errorf("Accept-Encoding %q: the answer is not whole", test.accept)
		}
	}
}
