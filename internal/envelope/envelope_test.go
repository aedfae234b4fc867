package envelope_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/internal/testing/bench"
)

const (
	soapNS = "http://schemas.xmlsoap.org/soap/envelope/"
	open   = `<e:Envelope xmlns:e="` + soapNS + `" xmlns:m="http://www.marketo.com/mktows/">`
	answer = `<m:successListOperation><result><success>true</success></result></m:successListOperation>`
)

func TestAppendRequest_form(t *testing.T) {
	t.Parallel()
	header := envelope.Header{
		Authentication: &gen.AuthenticationHeaderInfo{MktowsUserId: "example_user", RequestSignature: "00", RequestTimestamp: "2026-01-02T03:04:05+00:00"},
		Context:        &gen.MktowsContextHeaderInfo{TargetWorkspace: "Default"},
	}
	got, err := envelope.AppendRequest(nil, gen.V2_7, header, &gen.ParamsListMObjects{})
	want := `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">` +
		`<SOAP-ENV:Header><ns1:AuthenticationHeader><mktowsUserId>example_user</mktowsUserId><requestSignature>00</requestSignature>` +
		`<requestTimestamp>2026-01-02T03:04:05+00:00</requestTimestamp></ns1:AuthenticationHeader>` +
		`<ns1:MktowsContextHeader><targetWorkspace>Default</targetWorkspace></ns1:MktowsContextHeader></SOAP-ENV:Header>` +
		`<SOAP-ENV:Body><ns1:paramsListMObjects></ns1:paramsListMObjects></SOAP-ENV:Body></SOAP-ENV:Envelope>
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, string(got)))
	}
}

// TestAppendResponse_declaresXSIOnlyWhenUsed follows the service's answers.
func TestAppendResponse_declaresXSIOnlyWhenUsed(t *testing.T) {
	t.Parallel()
	status := &gen.SyncStatus{LeadId: 1, Status: gen.LeadSyncStatusUPDATED}
	out := &gen.SuccessSyncLead{Result: &gen.ResultSyncLead{LeadId: 1, SyncStatus: status}}
	for want, state := range map[bool]gen.State{false: gen.Absent, true: gen.Nil} {
		status.Error.State = state
		doc, err := envelope.AppendResponse([]byte("prefix"), gen.V2_7, out)
		head, _, _ := strings.Cut(string(doc), "<SOAP-ENV:Body>")
		if err != nil || !strings.HasPrefix(head, "prefix<?xml") || strings.Contains(head, "xmlns:xsi=") != want {
			t.Errorf("state %d: %v, %s", state, err, doc)
		}
	}
}

func TestReadResponse_takes(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"plain":            open + `<e:Body>` + answer + `</e:Body></e:Envelope>`,
		"header":           open + `<e:Header><x:y xmlns:x="u">z</x:y></e:Header><e:Body>` + answer + `</e:Body></e:Envelope>`,
		"after the body":   open + `<e:Body>` + answer + `</e:Body><x:y xmlns:x="u"/></e:Envelope>`,
		"comments":         `<?xml version="1.0"?><!-- a -->` + open + `<!-- b --><e:Body><!-- c -->` + answer + `<!-- d --></e:Body></e:Envelope><!-- e -->`,
		"default prefix":   `<Envelope xmlns="` + soapNS + `"><Body>` + strings.Replace(answer, "<m:success", `<m:success`, 1) + `</Body></Envelope>`,
		"byte order mark":  "\uFEFF" + open + `<e:Body>` + answer + `</e:Body></e:Envelope>`,
		"encodingStyle":    open + `<e:Body e:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">` + answer + `</e:Body></e:Envelope>`,
		"unknown elements": open + `<e:Body>` + strings.Replace(answer, "<result>", "<new>x</new><result>", 1) + `</e:Body></e:Envelope>`,
	} {
		doc = strings.Replace(doc, `<Envelope xmlns="`, `<Envelope xmlns:m="http://www.marketo.com/mktows/" xmlns="`, 1)
		var out gen.SuccessListOperation
		// With SOAP as the default namespace the children would be in it: reset it.
		if name == "default prefix" {
			doc = strings.Replace(doc, "<result>", `<result xmlns="">`, 1)
		}
		if err := envelope.ReadResponse(context.Background(), doc, &out); err != nil || !out.Result.Success {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadResponse_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		doc, want   string
		notEnvelope bool
	}{
		"empty":                {"", "empty", true},
		"HTML":                 {"<!DOCTYPE html><html><body>502</body></html>", "DTD", true},
		"XHTML":                {"<html><body>502</body></html>", "html", true},
		"JSON":                 {`{"error":"x"}`, "expected an element", true},
		"SOAP 1.2":             {`<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>`, "SOAP 1.1", true},
		"DTD bomb":             {`<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + open + `<e:Body>&b;</e:Body></e:Envelope>`, "DTD", true},
		"no body":              {open + `<e:Header/></e:Envelope>`, "no body", false},
		"empty body":           {open + `<e:Body/></e:Envelope>`, "body is empty", false},
		"text in body":         {open + `<e:Body>nothing</e:Body></e:Envelope>`, "body is empty", false},
		"two elements":         {open + `<e:Body>` + answer + answer + `</e:Body></e:Envelope>`, "second element", false},
		"two bodies":           {open + `<e:Body>` + answer + `</e:Body><e:Body/></e:Envelope>`, "after the body", false},
		"two headers":          {open + `<e:Header/><e:Header/><e:Body>` + answer + `</e:Body></e:Envelope>`, "unexpected", false},
		"other answer":         {open + `<e:Body><m:successGetLead/></e:Body></e:Envelope>`, "expected successListOperation", false},
		"other namespace":      {open + `<e:Body><successListOperation/></e:Body></e:Envelope>`, "expected successListOperation", false},
		"fault of no SOAP":     {open + `<e:Body><m:Fault><faultstring>x</faultstring></m:Fault></e:Body></e:Envelope>`, "expected successListOperation", false},
		"fault without prefix": {open + `<e:Body><Fault><faultstring>x</faultstring></Fault></e:Body></e:Envelope>`, "expected successListOperation", false},
		"other part of SOAP":   {open + `<e:Body><e:Header/></e:Body></e:Envelope>`, "expected successListOperation", false},
		"cut in half":          {(open + `<e:Body>` + answer)[:len(open)+40], "ends", false},
		"after the envelope":   {open + `<e:Body>` + answer + `</e:Body></e:Envelope><x/>`, "after the root", false},
		"element beside":       {open + `<Body/><e:Body>` + answer + `</e:Body></e:Envelope>`, "expected a header or a body", false},
		"fault and then more":  {open + `<e:Body><e:Fault/>` + answer + `</e:Body></e:Envelope>`, "second element", false},
		"fault that is broken": {open + `<e:Body><e:Fault><faultstring>x</e:Fault></e:Body></e:Envelope>`, "does not match", false},
	} {
		err := envelope.ReadResponse(context.Background(), c.doc, new(gen.SuccessListOperation))
		var syntax *soapxml.SyntaxError
		switch {
		case err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: %v, want %q in one line", name, err, c.want)
		case errors.Is(err, envelope.ErrNotEnvelope) != c.notEnvelope:
			t.Errorf("%s: ErrNotEnvelope %t", name, !c.notEnvelope)
		case !c.notEnvelope && !errors.As(err, &syntax):
			t.Errorf("%s: %T", name, err)
		}
	}
}

func TestReadResponse_faults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want fault.Fault
	}{
		"as the service sends it": {
			`<e:Fault><faultcode>e:Client</faultcode><faultstring>20014 - Authentication failed</faultstring><detail><m:serviceException><name>mktServiceException</name><message>Authentication failed (20014)</message><code>20014</code></m:serviceException></detail></e:Fault>`,
			fault.Fault{Code: 20014, FaultCode: "e:Client", FaultString: "20014 - Authentication failed", Name: "mktServiceException", Message: "Authentication failed (20014)"},
		},
		"without detail": {`<e:Fault><faultcode>e:Client</faultcode><faultstring>20103 - Lead not found</faultstring></e:Fault>`,
			fault.Fault{Code: 20103, FaultCode: "e:Client", FaultString: "20103 - Lead not found"}},
		"without code": {`<e:Fault><faultcode>e:Server</faultcode><faultstring> upstream is down </faultstring><faultactor>urn:proxy</faultactor><detail><trace>x</trace></detail></e:Fault>`,
			fault.Fault{FaultCode: "e:Server", FaultString: "upstream is down", Actor: "urn:proxy"}},
		"qualified children": {`<e:Fault><e:faultcode>e:Client</e:faultcode><e:faultstring>x</e:faultstring><e:detail><m:serviceException><m:code> 20105 </m:code></m:serviceException></e:detail></e:Fault>`,
			fault.Fault{Code: 20105, FaultCode: "e:Client", FaultString: "x"}},
		"negative code": {`<e:Fault><faultstring>-5 - x</faultstring></e:Fault>`, fault.Fault{FaultString: "-5 - x"}},
		"empty":         {`<e:Fault/>`, fault.Fault{}},
	} {
		err := envelope.ReadResponse(context.Background(), open+`<e:Body>`+c.body+`</e:Body></e:Envelope>`, new(gen.SuccessGetLead))
		var f *fault.Fault
		if !errors.As(err, &f) {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(&c.want, f); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAppendFault_isReadBack(t *testing.T) {
	t.Parallel()
	for _, want := range []*fault.Fault{
		fault.New(fault.CodeLeadNotFound, "No lead found with EMAIL = a&b@example.com"),
		{FaultCode: "SOAP-ENV:MustUnderstand", FaultString: "no", Actor: "urn:x"},
	} {
		doc := envelope.AppendFault(nil, want)
		var got *fault.Fault
		if err := envelope.ReadResponse(context.Background(), string(doc), new(gen.SuccessGetLead)); !errors.As(err, &got) {
			t.Errorf("%v\n%s", err, doc)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s", diff)
		}
	}
	doc := envelope.AppendFault(nil, &fault.Fault{FaultString: "no \x00 such \xff thing"})
	if !strings.Contains(string(doc), "no ? such ? thing") {
		t.Errorf("%s", doc)
	}
}

// TestAppendFault_code gives the codes of SOAP the prefix that is declared, and no other prefix.
func TestAppendFault_code(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"SOAP-ENV:Client":         "SOAP-ENV:Client",
		"soap:Server":             "SOAP-ENV:Server",
		"e:VersionMismatch":       "SOAP-ENV:VersionMismatch",
		"e:Client.Authentication": "SOAP-ENV:Client.Authentication",
		"x:Custom":                "Custom",
		"Custom":                  "Custom",
	} {
		doc := string(envelope.AppendFault(nil, &fault.Fault{FaultCode: code, FaultString: "x"}))
		if !strings.Contains(doc, "<faultcode>"+want+"</faultcode>") {
			t.Errorf("%s: want %s in %s", code, want, doc)
		}
	}
}

func TestOpenRequest(t *testing.T) {
	t.Parallel()
	auth := `<m:AuthenticationHeader><mktowsUserId>example_user</mktowsUserId><requestSignature>s</requestSignature><requestTimestamp>t</requestTimestamp></m:AuthenticationHeader>`
	body := `<e:Body><m:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>7</keyValue></leadKey></m:paramsGetLead></e:Body></e:Envelope>`
	q, err := envelope.OpenRequest(context.Background(), open+`<e:Header>`+auth+`<m:MktowsContextHeader><targetWorkspace>w</targetWorkspace></m:MktowsContextHeader><x:y xmlns:x="u"/></e:Header>`+body)
	if err != nil || q.Authentication.MktowsUserId != "example_user" || q.Context.TargetWorkspace != "w" || q.Space != soapxml.Namespace || q.Element != "paramsGetLead" {
		t.Fatalf("%+v, %v", q, err)
	}
	var in gen.ParamsGetLead
	if err := q.Read(&in); err != nil || in.LeadKey.KeyValue != "7" {
		t.Errorf("%+v, %v", in, err)
	}
	if q, err = envelope.OpenRequest(context.Background(), open+body); err != nil || q.Authentication != nil || q.Context != nil {
		t.Errorf("without header: %+v, %v", q, err)
	}
	if _, err = envelope.OpenRequest(context.Background(), open+`<e:Header>`+auth+auth+`</e:Header>`+body); err == nil || !strings.Contains(err.Error(), "stands twice") {
		t.Errorf("two headers: %v", err)
	}
	var must *envelope.MustUnderstandError
	if _, err = envelope.OpenRequest(context.Background(), open+`<e:Header><x:y xmlns:x="u" e:mustUnderstand="1"/></e:Header>`+body); !errors.As(err, &must) || must.Local != "y" {
		t.Errorf("mustUnderstand: %v", err)
	}
	for attributes, refused := range map[string]bool{
		`e:mustUnderstand="true"`: true,
		`e:mustUnderstand="0"`:    false,
		`e:mustUnderstand="1" e:actor="http://schemas.xmlsoap.org/soap/actor/next"`: true,
		`e:mustUnderstand="1" e:actor="http://other.example.com/"`:                  false, // meant for somebody else
	} {
		_, err := envelope.OpenRequest(context.Background(), open+`<e:Header><x:y xmlns:x="u" `+attributes+`/></e:Header>`+body)
		if errors.As(err, &must) != refused {
			t.Errorf("%s: %v", attributes, err)
		}
	}
	if _, err = envelope.OpenRequest(context.Background(), open+`<e:Header>`+strings.Replace(auth, ">", ` e:mustUnderstand="1">`, 1)+`</e:Header>`+body); err != nil {
		t.Errorf("mustUnderstand on what is understood: %v", err)
	}
	q, err = envelope.OpenRequest(context.Background(), open+strings.Replace(body, "IDNUM</keyType>", "IDNUM", 1))
	if err != nil {
		t.Fatalf("the body is read before the caller asks: %v", err)
	}
	if err = q.Read(&in); err == nil {
		t.Error("an ill-formed body is taken")
	}
}

// TestReadResponse_allocations holds a page to what its speed rests on.
func TestReadResponse_allocations(t *testing.T) {
	for _, n := range []int{100, 1000} {
		doc, err := bench.Indented(bench.Page(n))
		if err != nil {
			t.Fatal(err)
		}
		allocs := testing.AllocsPerRun(3, func() {
			var v gen.SuccessGetLeadActivity
			if err := envelope.ReadResponse(context.Background(), doc, &v); err != nil {
				t.Fatal(err)
			}
		})
		if perRecord := allocs / float64(n); perRecord > 4 {
			t.Errorf("%d records: %.1f allocations a record, want 4 at most", n, perRecord)
		}
	}
}

func FuzzReadResponse(f *testing.F) {
	f.Add(open + `<e:Body>` + answer + `</e:Body></e:Envelope>`)
	f.Add(open + `<e:Body><e:Fault><faultstring>1</faultstring></e:Fault></e:Body></e:Envelope>`)
	f.Fuzz(func(t *testing.T, doc string) {
		var out gen.SuccessListOperation
		if err := envelope.ReadResponse(context.Background(), doc, &out); err != nil {
			if strings.Contains(err.Error(), "\n") && !strings.Contains(doc, "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		again, err := envelope.AppendResponse(nil, gen.V2_7, &out)
		if out.Result == nil {
			return // cannot be written: the element is required
		}
		var back gen.SuccessListOperation
		if err == nil {
			err = envelope.ReadResponse(context.Background(), string(again), &back)
		}
		if err != nil && !strings.Contains(err.Error(), "is required") && !strings.Contains(err.Error(), "values of its type") {
			t.Fatalf("%v\n%s", err, again)
		}
		if diff := cmp.Diff(out, back); err == nil && diff != "" {
			t.Fatal(diff)
		}
	})
}
