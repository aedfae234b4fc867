package server_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	units "unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

// wide returns a text in UTF-16.
func wide(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range units.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// The encodings that old clients send. A byte order mark decides, then the charset, then
// the declaration (RFC 7303, section 3).
func TestServeHTTP_encodings(t *testing.T) {
	t.Parallel()
	const (
		value  = "Zoë"
		latin  = "Zo\xEB"
		euro   = "Zo\xEB \x80" // windows-1252
		wanted = "Zoë €"
	)
	declare := func(encoding string) string { return `<?xml version="1.0" encoding="` + encoding + `"?>` }
	with := func(b *bundle, value string) string { return strings.Replace(b.signed(body), "318815", value, 1) }
	le, be := binary.LittleEndian, binary.BigEndian
	for _, test := range []struct {
		name, charset string
		doc           func(doc func(value string) string) string
		want          string
	}{
		{"UTF-8", "utf-8", func(doc func(string) string) string { return declare("utf-8") + doc(value) }, value},
		{"UTF-16 little-endian with a mark", "", func(doc func(string) string) string { return "\xFF\xFE" + wide(le, doc(wanted)) }, wanted},
		{"UTF-16 big-endian with a mark, declared", "utf-16", func(doc func(string) string) string { return "\xFE\xFF" + wide(be, declare("UTF-16")+doc(wanted)) }, wanted},
		{"UTF-16BE without a mark", "utf-16be", func(doc func(string) string) string { return wide(be, declare("UTF-16BE")+doc(wanted)) }, wanted},
		{"UTF-16 without a mark is big-endian", "UTF-16", func(doc func(string) string) string { return wide(be, doc(wanted)) }, wanted},
		{"UTF-16 without a mark by its first character", "utf-16", func(doc func(string) string) string { return wide(le, declare("utf-16")+doc(wanted)) }, wanted},
		{"UTF-16 after a line break", "", func(doc func(string) string) string { return wide(le, "\n"+doc(wanted)) }, wanted},
		{"a charset in single quotes", "'utf-8'", func(doc func(string) string) string { return doc(value) }, value},
		{"another in single quotes", "'ISO-8859-1'", func(doc func(string) string) string { return doc(latin) }, value},
		{"ISO-8859-15 by the charset", "iso-8859-15", func(doc func(string) string) string { return doc("Zo\xEB \xA4") }, wanted},
		{"ISO-8859-15 declared", "", func(doc func(string) string) string { return declare("ISO-8859-15") + doc("Zo\xEB \xA4") }, wanted},
		{"UTF-16LE without a mark", "UTF-16LE", func(doc func(string) string) string { return wide(le, doc("😀")) }, "😀"},
		{"UTF-16 by its first bytes", "", func(doc func(string) string) string { return wide(le, declare("utf-16")+doc(wanted)) }, wanted},
		{"UTF-16 big-endian by its first bytes", "", func(doc func(string) string) string { return wide(be, doc(wanted)) }, wanted},
		{"ISO-8859-1 declared", "", func(doc func(string) string) string { return declare("ISO-8859-1") + doc(latin) }, value},
		{"latin1 by the charset", "latin1", func(doc func(string) string) string { return doc(latin) }, value},
		{"windows-1252 declared", "", func(doc func(string) string) string { return declare("windows-1252") + doc(euro) }, wanted},
		{"windows-1252 by the charset", "Windows-1252", func(doc func(string) string) string { return doc(euro) }, wanted},
		{"quotes and white space of a declaration", "", func(doc func(string) string) string {
			return "<?xml version = '1.0'\n encoding = 'ISO-8859-1' standalone='yes' ?>" + doc(latin)
		}, value},
		{"a mark before the charset", "iso-8859-1", func(doc func(string) string) string { return "\uFEFF" + declare("ISO-8859-1") + doc(value) }, value},
		{"a mark of UTF-16 before the charset", "utf-8", func(doc func(string) string) string { return "\xFF\xFE" + wide(le, declare("utf-8")+doc(value)) }, value},
		{"the charset before the declaration", "utf-8", func(doc func(string) string) string { return declare("ISO-8859-1") + doc(value) }, value},
		{"the charset before the declaration, reversed", "iso-8859-1", func(doc func(string) string) string { return declare("UTF-8") + doc(latin) }, value},
		{"a mark before the declaration", "", func(doc func(string) string) string { return "\uFEFF" + declare("windows-1252") + doc(value) }, value},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got string
			b := setup(t, portOf(func(_ context.Context, in *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
				got = in.LeadKey.KeyValue
				return nil, fault.New(fault.CodeLeadNotFound, "No lead found with EMAIL = "+got)
			}))
			kind := "text/xml"
			if test.charset != "" {
				kind += "; charset=" + test.charset
			}
			a := b.post(test.doc(func(value string) string { return with(b, value) }), "Content-Type", kind)
			if f := a.fault(t); f == nil || got != test.want || !strings.Contains(f.Message, test.want) || a.header.Get("Content-Type") != "text/xml; charset=utf-8" {
				t.Errorf("%q, want %q; answered %v in %s", got, test.want, f, a.header.Get("Content-Type"))
			}
			raw := string(b.exchanges.last().RawRequest)
			if !strings.Contains(raw, test.want) || !strings.Contains(raw, "[redacted]") || strings.Contains(raw, auth.Sign(user, auth.NewSecret(key), auth.FormatTimestamp(start))) {
				t.Errorf("the journal has %q", raw)
			}
		})
	}
}

func TestServeHTTP_badEncodings(t *testing.T) {
	t.Parallel()
	le := binary.LittleEndian
	for _, test := range []struct {
		name, charset string
		doc           func(doc string) string
		text          string
	}{
		{"half a unit of UTF-16", "", func(doc string) string { return "\xFF\xFE" + wide(le, doc) + "\n" }, "UTF-16"},
		{"a high surrogate alone", "", func(doc string) string { return "\xFF\xFE" + wide(le, doc) + "\x3D\xD8" }, "half a character"},
		{"a low surrogate alone", "utf-16le", func(doc string) string { return wide(le, doc) + "\x00\xDE \x00" }, "half a character"},
		{"a high surrogate and then something else", "utf-16le", func(doc string) string { return wide(le, doc) + "\x3D\xD8 \x00" }, "half a character"},
		{"two high surrogates", "utf-16le", func(doc string) string { return wide(le, doc) + "\x3D\xD8\x3D\xD8" }, "half a character"},
		{"UTF-16 that says it is UTF-8", "utf-8", func(doc string) string { return wide(le, doc) }, "20012"},
		{"declared as UTF-16 and is not", "", func(doc string) string { return `<?xml version="1.0" encoding="UTF-16"?>` + doc }, "is not supported"},
		{"declared in what is not read", "", func(doc string) string { return `<?xml version="1.0" encoding="KOI8-R"?>` + doc }, "\"KOI8-R\" is not supported: send UTF-8; UTF-16, ISO-8859-1, ISO-8859-15 and windows-1252 are read too"},
		{"a charset that is not read", "ISO-8859-8", func(doc string) string { return doc }, "\"ISO-8859-8\" is not supported: send UTF-8; UTF-16, ISO-8859-1, ISO-8859-15 and windows-1252 are read too"},
		{"Latin-1 that says it is UTF-8", "utf-8", func(doc string) string { return strings.Replace(doc, "318815", "Zo\xEB", 1) }, "not UTF-8"},
		{"an XML that grows too large", "iso-8859-1", func(doc string) string { return doc + "<!--" + strings.Repeat("\xEB", 3000) + "-->" }, "larger than 4000 bytes"},
	} {
		b := setup(t, nil, server.WithMaxBody(4000))
		a := b.post(test.doc(b.signed(body)), "Content-Type", strings.TrimSuffix("text/xml; charset="+test.charset, "; charset="))
		if code := a.code(t); code != fault.CodeRequestNotUnderstood || !strings.Contains(a.body, test.text) {
			t.Errorf("%s: fault %d\n%s", test.name, code, a.body)
		}
		if logged := b.logged.String() + string(b.exchanges.last().RawRequest); strings.Contains(logged, auth.Sign(user, auth.NewSecret(key), auth.FormatTimestamp(start))) {
			t.Errorf("%s: the signature is shown: %s", test.name, logged)
		}
	}
}

// A pretty-printed envelope: the signature is over the fields without the white space
// around them, keys are looked up without it, values keep it.
func TestServeHTTP_whiteSpace(t *testing.T) {
	t.Parallel()
	var got gen.Message
	var workspace gen.MktowsContextHeaderInfo
	b := setup(t, gen.PortFunc(func(ctx context.Context, _ *gen.Operation, in, _ gen.Message) error {
		got = in
		workspace, _ = gen.MktowsContext(ctx)
		return fault.New(fault.CodeInternal, "")
	}))
	signature := auth.Sign(user, auth.NewSecret(key), auth.FormatTimestamp(start))
	pad := func(s string) string { return "\n\t  " + s + "\r\n\t" }
	doc := envelopeWith(headerWith(pad(user), pad(signature), pad(auth.FormatTimestamp(start)))+
		"<m:MktowsContextHeader><targetWorkspace> Europe\n</targetWorkspace></m:MktowsContextHeader>",
		`<m:paramsSyncLead><leadRecord><Email>
			a@example.com
		</Email><leadAttributeList><attribute><attrName> Note </attrName><attrValue> two  words </attrValue></attribute></leadAttributeList></leadRecord></m:paramsSyncLead>`)
	if code := b.post(doc).code(t); code != fault.CodeInternal {
		t.Fatalf("fault %d\n%s", code, b.logged)
	}
	in, ok := got.(*gen.ParamsSyncLead)
	want := gen.Attribute{AttrName: "Note", AttrValue: " two  words "}
	if !ok || in.LeadRecord.Email.Value != "a@example.com" || in.LeadRecord.LeadAttributeList.Value.Attribute[0] != want || workspace.TargetWorkspace != "Europe" {
		t.Errorf("%+v, workspace %q", got, workspace.TargetWorkspace)
	}
	if e := b.exchanges.last(); e.UserID != user || strings.Contains(string(e.RawRequest), signature) {
		t.Errorf("user %q\n%s", e.UserID, e.RawRequest)
	}
}

// Timestamps as programs write them: the signature is over the text as it is sent.
func TestServeHTTP_timestamps(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		code   fault.Code
		reason string
	}{
		"2015-09-04 10:00:00 -0700":    {0, ""},
		"2015-09-04 17:00:00.000 Z":    {fault.CodeAuthenticationFailed, "is not like"},
		"2015-09-04T17:00:00Z":         {0, ""},
		"2015-09-04 17:00:00":          {fault.CodeAuthenticationFailed, "has no offset from UTC"},
		"2015-09-04T17:00:00":          {fault.CodeAuthenticationFailed, "has no offset from UTC"},
		"2015-09-04 17:00:00 -0700":    {fault.CodeRequestExpired, "stale"},
		"Fri Sep 4 17:00:00 2015":      {fault.CodeAuthenticationFailed, "is not like"},
		"\n 2015-09-04 10:00:00 -0700": {0, ""},
	} {
		b := setup(t, nil)
		doc := envelopeWith(headerWith(user, auth.Sign(user, auth.NewSecret(key), strings.TrimSpace(text)), text), body)
		if code := b.post(doc).code(t); code != want.code || !strings.Contains(b.logged.String(), want.reason) {
			t.Errorf("%s: fault %d, want %d with %q\n%s", text, code, want.code, want.reason, b.logged)
		}
	}
}

// What the schema lacks is passed over and named: in the journal, in the log, and in a
// fault that may follow from it.
func TestServeHTTP_passedOver(t *testing.T) {
	t.Parallel()
	refusing := func(code fault.Code) gen.Port {
		return gen.PortFunc(func(context.Context, *gen.Operation, gen.Message, gen.Message) error {
			return fmt.Errorf("wrapped: %w", fault.New(code, "the record has no key"))
		})
	}
	many := ""
	for i := range 30 {
		many += fmt.Sprintf("<x%02d/>", i)
	}
	for _, test := range []struct {
		name, body string
		code       fault.Code
		passed     []string
		told       bool
	}{
		{"nothing", `<m:paramsSyncLead><leadRecord><Email>a</Email></leadRecord></m:paramsSyncLead>`, fault.CodeLeadSyncFailed, nil, false},
		{"another letter case", `<m:paramsSyncLead><leadRecord><email>a</email><leadId>1</leadId><email>b</email></leadRecord></m:paramsSyncLead>`,
			fault.CodeLeadSyncFailed, []string{"leadRecord/email", "leadRecord/leadId"}, true},
		{"a fault that does not follow from it", `<m:paramsSyncLead><leadRecord><email>a</email></leadRecord></m:paramsSyncLead>`,
			fault.CodeLeadAttributeBad, []string{"leadRecord/email"}, false},
		{"a missing parameter", `<m:paramsGetLead><key/></m:paramsGetLead>`, fault.CodeParameterRequired, []string{"key"}, true},
		{"a missing key", `<m:paramsGetLead><m:key><a><b>x</b></a></m:key></m:paramsGetLead>`, fault.CodeLeadKeyRequired, []string{"key"}, true},
		{"an operation without fields", `<m:paramsListMObjects><a/></m:paramsListMObjects>`, fault.CodeBadParameter, []string{"a"}, true},
		{"stray text", `<m:paramsSyncLead>x<leadRecord> y &amp; z <!-- c --></leadRecord><![CDATA[q]]></m:paramsSyncLead>`,
			fault.CodeInvalidRequest, []string{"text()", "leadRecord/text()"}, true},
		{"another namespace", `<m:paramsSyncLead><leadRecord><o:Email xmlns:o="urn:o">a</o:Email></leadRecord></m:paramsSyncLead>`,
			fault.CodeLeadDetailRequired, []string{"leadRecord/Email"}, true},
		{"more than are named", `<m:paramsGetLead>` + many + `</m:paramsGetLead>`, fault.CodeParameterRequired, nil, true},
		{"markup in a value", `<m:paramsSyncLead><leadRecord><Email>a<b/></Email></leadRecord></m:paramsSyncLead>`, fault.CodeLeadSyncFailed, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, refusing(test.code))
			f := b.post(b.signed(test.body)).fault(t)
			got := b.exchanges.last().Passed
			if test.body == `<m:paramsGetLead>`+many+`</m:paramsGetLead>` {
				if len(got) != 21 || got[0] != "x00" || got[19] != "x19" || got[20] != "…" {
					t.Errorf("%q", got)
				}
			} else if diff := cmp.Diff(test.passed, got); diff != "" {
				t.Error(diff)
			}
			if f == nil || f.Code != test.code || strings.Contains(f.Message, "passed over") != test.told || strings.Count(f.Message, fmt.Sprintf("(%d)", test.code)) != 1 {
				t.Errorf("%+v", f)
			}
			for _, name := range got {
				if test.told && !strings.Contains(f.Message, name) || !strings.Contains(b.logged.String(), name) {
					t.Errorf("%s is not named in %q or %s", name, f.Message, b.logged)
				}
			}
			if (len(got) > 0) != strings.Contains(b.logged.String(), "passed_over") {
				t.Errorf("log: %s", b.logged)
			}
		})
	}
}

// Headers are looked at before anybody is let in: what they have too much is named, but
// never the signature.
func TestServeHTTP_passedOverInHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	const signature = "abcdef0123456789abcdef0123456789abcdef01"
	doc := strings.Replace(envelopeWith(headerWith("nobody", signature, auth.FormatTimestamp(start)), body), "<s:Header>",
		`<s:Header><o:Security xmlns:o="urn:o"/>`, 1)
	doc = strings.Replace(doc, "</m:AuthenticationHeader>", "<extra/></m:AuthenticationHeader><m:"+signature+"/>", 1)
	if code := b.post(doc).code(t); code != fault.CodeAuthenticationFailed {
		t.Errorf("fault %d", code)
	}
	want := []string{"Header/Security", "Header/AuthenticationHeader/extra", "Header/[redacted]"}
	if diff := cmp.Diff(want, b.exchanges.last().Passed); diff != "" || strings.Contains(b.logged.String(), signature) {
		t.Errorf("%s\n%s", diff, b.logged)
	}
}

// A selector without xsi:type, and a request without includeAttributes, reach the port.
func TestServeHTTP_leftOut(t *testing.T) {
	t.Parallel()
	var got []string
	b := setup(t, gen.PortFunc(func(_ context.Context, op *gen.Operation, in, _ gen.Message) error {
		switch in := in.(type) {
		case *gen.ParamsGetMultipleLeads:
			got = append(got, fmt.Sprintf("%T", in.LeadSelector))
		case *gen.ParamsGetCustomObjects:
			got = append(got, fmt.Sprint(op.Name, in.IncludeAttributes == nil))
		}
		return fault.New(fault.CodeInternal, "")
	}))
	for _, body := range []string{
		`<m:paramsGetMultipleLeads><leadSelector><oldestUpdatedAt>2015-09-04T10:00:00Z</oldestUpdatedAt></leadSelector></m:paramsGetMultipleLeads>`,
		`<m:paramsGetCustomObjects><objTypeName>Device</objTypeName></m:paramsGetCustomObjects>`,
	} {
		if code := b.post(b.signed(body)).code(t); code != fault.CodeInternal {
			t.Errorf("fault %d for %s", code, body)
		}
	}
	if want := []string{"*gen.LastUpdateAtSelector", "getCustomObjectstrue"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The mock gives what the service has been seen to give for a caller's mistake.
func TestRule_text(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.rules.Add(server.Rule{Code: fault.CodeInternal, Text: "Parameter required", Times: 1})
	want := &fault.Fault{Code: 10001, FaultCode: "SOAP-ENV:Client", FaultString: "Parameter required", Name: "mktServiceException", Message: "Parameter required (10001)"}
	if diff := cmp.Diff(want, b.call().fault(t)); diff != "" {
		t.Error(diff)
	}
	b.rules.Add(server.Rule{Code: fault.CodeInternal})
	if f := b.call().fault(t); f.FaultString != "10001 - Internal Error" {
		t.Errorf("%+v", f)
	}
	if err := (server.Rule{Text: "x", Status: 500}).Validate(); err == nil || !strings.Contains(err.Error(), "Text") {
		t.Error(err)
	}
}
