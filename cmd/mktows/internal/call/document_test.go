package call

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/testing/xmldiff"
)

const body = `<s:Body><m:paramsListMObjects/></s:Body>`

var testStamp = auth.Stamp{UserID: "u&1", Signature: "5", Timestamp: "2026-01-02T03:04:05+00:00"}

const testFields = `<mktowsUserId>u&amp;1</mktowsUserId><requestSignature>5</requestSignature><requestTimestamp>2026-01-02T03:04:05+00:00</requestTimestamp>`

func TestDocument_stamp(t *testing.T) {
	t.Parallel()
	const declare = ` xmlns:mkt="http://www.marketo.com/mktows/"`
	tests := []struct{ name, in, want string }{
		{"no header", wrap(body), wrap(`<s:Header><m:AuthenticationHeader>` + testFields + `</m:AuthenticationHeader></s:Header>` + body)},
		{"an empty header", wrap(`<s:Header/>` + body), wrap(`<s:Header><m:AuthenticationHeader>` + testFields + `</m:AuthenticationHeader></s:Header>` + body)},
		{
			"an old one, at its place, with its attributes",
			wrap(`<s:Header><x/><m:AuthenticationHeader s:mustUnderstand="1"><mktowsUserId>a</mktowsUserId><mode>1</mode></m:AuthenticationHeader><y/></s:Header>` + body),
			wrap(`<s:Header><x/><m:AuthenticationHeader s:mustUnderstand="1">` + testFields + `</m:AuthenticationHeader><y/></s:Header>` + body),
		},
		{
			"two old ones",
			wrap(`<s:Header><m:AuthenticationHeader/>` + "\n" + `<m:AuthenticationHeader/></s:Header>` + body),
			wrap(`<s:Header><m:AuthenticationHeader>` + testFields + `</m:AuthenticationHeader>` + "\n" + `</s:Header>` + body),
		},
		{
			"a partner id stays",
			wrap(`<s:Header><m:AuthenticationHeader><partnerId> p_1 </partnerId></m:AuthenticationHeader></s:Header>` + body),
			wrap(`<s:Header><m:AuthenticationHeader>` + testFields + `<partnerId>p_1</partnerId></m:AuthenticationHeader></s:Header>` + body),
		},
		{
			"a header of that name from elsewhere",
			wrap(`<s:Header><x:AuthenticationHeader xmlns:x="urn:x"/></s:Header>` + body),
			wrap(`<s:Header><m:AuthenticationHeader>` + testFields + `</m:AuthenticationHeader><x:AuthenticationHeader xmlns:x="urn:x"/></s:Header>` + body),
		},
		{
			"the layout of the old one",
			wrap("<s:Header>\n <m:AuthenticationHeader>\n  <mktowsUserId>a</mktowsUserId>\n </m:AuthenticationHeader>\n</s:Header>" + body),
			wrap("<s:Header>\n <m:AuthenticationHeader>\n  " + strings.ReplaceAll(testFields, "><r", ">\n  <r") + "\n </m:AuthenticationHeader>\n</s:Header>" + body),
		},
		{
			"the layout of the envelope",
			wrap("\n  " + body + "\n"),
			wrap("\n  <s:Header><m:AuthenticationHeader>" + testFields + "</m:AuthenticationHeader></s:Header>\n  " + body + "\n"),
		},
		{
			"default namespaces",
			`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><paramsListMObjects xmlns="http://www.marketo.com/mktows/"/></Body></Envelope>`,
			`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><mkt:AuthenticationHeader` + declare + `>` +
				strings.NewReplacer("<m", `<m`, "Id>u", `Id xmlns="">u`, "ature>5", `ature xmlns="">5`, "amp>2", `amp xmlns="">2`).Replace(testFields) +
				`</mkt:AuthenticationHeader></Header><Body><paramsListMObjects xmlns="http://www.marketo.com/mktows/"/></Body></Envelope>`,
		},
		{
			"a prefix that is declared too late",
			`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:paramsListMObjects xmlns:m="http://www.marketo.com/mktows/"/></s:Body></s:Envelope>`,
			`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><mkt:AuthenticationHeader` + declare + `>` + testFields +
				`</mkt:AuthenticationHeader></s:Header><s:Body><m:paramsListMObjects xmlns:m="http://www.marketo.com/mktows/"/></s:Body></s:Envelope>`,
		},
		{
			"all else as it was",
			`<?xml version="1.0" encoding="UTF-8"?><!-- a -- >` + "\n" + wrap(`<s:Header/><s:Body a="&lt;&quot;'&#xA;"><!--b--><m:paramsListMObjects><![CDATA[<&]]>'"&#xD;`+"\n"+`</m:paramsListMObjects></s:Body><!--c-->`) + "<?d e?>\n",
			"",
		},
	}
	tests[len(tests)-1].in = strings.Replace(tests[len(tests)-1].in, "-- a -- >", "-- a -->", 1)
	tests[len(tests)-1].want = strings.Replace(tests[len(tests)-1].in, "<s:Header/>", `<s:Header><m:AuthenticationHeader>`+testFields+`</m:AuthenticationHeader></s:Header>`, 1)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := stamped(t, test.in)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			checkStamp(t, got)
		})
	}
}

func stamped(t *testing.T, text string) string {
	t.Helper()
	doc, err := readDocument(t.Context(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := doc.stamped(testStamp)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// checkStamp has the server's reader look for the header.
func checkStamp(t *testing.T, text string) {
	t.Helper()
	q, err := envelope.OpenRequest(context.Background(), text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	h := q.Authentication
	if h == nil || h.MktowsUserId != testStamp.UserID || h.RequestSignature != testStamp.Signature || h.RequestTimestamp != testStamp.Timestamp {
		t.Errorf("the header is read as %+v in %s", h, text)
	}
}

func TestReadDocument_refused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", "", "XML"},
		{"no XML", "hello", "XML"},
		{"mismatched tags", "<a></b>", "XML"},
		{"two roots", "<a/><b/>", "XML"},
		{"a DTD", "<!DOCTYPE a><a/>", "XML"},
		{"not an envelope", "<a/>", "root element is {}a"},
		{"no body", wrap(""), "0 bodies"},
		{"two bodies", wrap(body + body), "2 bodies"},
		{"two headers", wrap("<s:Header/><s:Header/>" + body), "at most one"},
		{"a header after the body", wrap(body + "<s:Header/>"), "at most one"},
		{"an empty body", wrap("<s:Body/>"), "0 elements"},
		{"two requests", wrap("<s:Body><m:paramsGetTags/><m:paramsGetTags/></s:Body>"), "2 elements"},
		{"another element", wrap("<s:Body><m:paramsGetAll/></s:Body>"), "{http://www.marketo.com/mktows/}paramsGetAll"},
		{"no namespace", wrap("<s:Body><paramsGetTags/></s:Body>"), "{}paramsGetTags"},
		{"another encoding", `<?xml version="1.0" encoding="windows-1252"?>` + wrap(body), "windows-1252"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := readDocument(t.Context(), []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestDocument_byteOrderMark: editors of Windows begin files so.
func TestDocument_byteOrderMark(t *testing.T) {
	t.Parallel()
	const begin = "\uFEFF" + `<?xml version="1.0" encoding="UTF-8"?>` + "\r\n"
	doc, err := readDocument(t.Context(), []byte(begin+wrap(body)))
	if err != nil {
		t.Fatal(err)
	}
	if doc.operation != gen.OperationByName("listMObjects") {
		t.Errorf("operation %v", doc.operation)
	}
	got := stamped(t, begin+wrap(body))
	if want := strings.Replace(begin, "\r\n", "\n", 1); !strings.HasPrefix(got, want) {
		t.Errorf("%q does not begin with %q", got, want)
	}
	checkStamp(t, got)
}

// FuzzDocument: what can be read can be stamped, the server finds the stamp in it, nothing
// beside the header is changed, and stamping again changes nothing at all.
func FuzzDocument(f *testing.F) {
	f.Add(wrap(body))
	f.Add(wrap(`<s:Header a="&#10;&quot;'"><x:y xmlns:x="urn:x">a&#13;b&#9;<![CDATA[ <&]]></x:y><!-- c --></s:Header><s:Body><m:paramsGetTags a=' &lt;'> &amp;x</m:paramsGetTags></s:Body>`))
	f.Add(wrap(`<s:Header><AuthenticationHeader xmlns="http://www.marketo.com/mktows/"><a/></AuthenticationHeader></s:Header>` + body))
	f.Add(`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><!----><Body><m:paramsGetTags xmlns:m="http://www.marketo.com/mktows/">&#13;</m:paramsGetTags></Body></Envelope>`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := readDocument(t.Context(), []byte(text))
		if err != nil {
			return
		}
		if _, err := envelope.OpenRequest(context.Background(), text); err != nil {
			return // other headers may be what a server refuses
		}
		hadHeader := len(doc.parts("Header")) > 0
		once, err := doc.stamped(testStamp)
		if err != nil {
			t.Fatal(err)
		}
		checkStamp(t, string(once))
		if diff, err := xmldiff.Diff([]byte(text), once, xmldiff.Ignore("/Envelope/Header")); hadHeader && err == nil && diff != "" {
			t.Errorf("%s\nbefore:\n%s\nafter:\n%s", diff, text, once)
		}
		if again := stamped(t, string(once)); again != string(once) {
			t.Errorf("stamped once:\n%s\ntwice:\n%s", once, again)
		}
	})
}

// wrap makes an envelope with the prefix s for SOAP and m for the service.
func wrap(inside string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/">` + inside + `</s:Envelope>`
}
