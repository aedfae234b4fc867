package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

func TestWithJournal(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.call()
	got := b.exchanges.last()
	want := server.Exchange{
		Time: start, Version: gen.V3_1, UserID: user, Operation: "getLeadActivity", Status: 200,
		Request: &gen.ParamsGetLeadActivity{LeadKey: &gen.LeadKey{KeyType: "IDNUM", KeyValue: "318815"}},
		Response: &gen.SuccessGetLeadActivity{LeadActivityList: &gen.LeadActivityList{
			NewStartPosition: &gen.StreamPosition{Offset: gen.Some("0")}, ActivityRecordList: gen.NilOf[gen.ArrayOfActivityRecord](),
		}},
		RawRequest: []byte(strings.Replace(b.signed(body), auth.Sign(user, auth.NewSecret(key), auth.FormatTimestamp(start)), "[redacted]", 1)),
	}
	raw := string(got.RawResponse)
	got.RawResponse = nil
	if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(raw, "successGetLeadActivity") {
		t.Errorf("%s\n%s", diff, raw)
	}
}

// What a handler in front has put into the context of a request is found again with the exchange.
func TestWithContextJournal(t *testing.T) {
	t.Parallel()
	type inFront struct{}
	var found any
	s, err := server.New(gen.PortFunc(func(context.Context, *gen.Operation, gen.Message, gen.Message) error { return nil }), server.WithoutAuthentication(), server.WithContextJournal(func(ctx context.Context, e server.Exchange) {
		found = []any{ctx.Value(inFront{}), e.Status}
	}))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/soap/mktows/2_7", strings.NewReader("no envelope"))
	s.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), inFront{}, "left there")))
	if diff := cmp.Diff([]any{"left there", http.StatusInternalServerError}, found); diff != "" {
		t.Error(diff)
	}
}

// TestWithJournal_unmarkedGzip: what is compressed and does not say so is refused with the reason, and its bytes are shown
// to nobody.
func TestWithJournal_unmarkedGzip(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	doc := zipped(b.signed(body))
	answered := b.post(doc)
	got := b.exchanges.last()
	if want := fmt.Sprintf("[%d bytes of gzip without Content-Encoding, not shown]", len(doc)); string(got.RawRequest) != want {
		t.Errorf("the journal has %.100q, want %q", got.RawRequest, want)
	}
	if !errors.Is(got.Fault, fault.CodeRequestNotUnderstood) || !strings.Contains(answered.body, "the body is in gzip format, and no Content-Encoding says so") {
		t.Errorf("fault %v: %s", got.Fault, answered.body)
	}
}

// TestServeHTTP_quotedDigest: a fault that repeats what the request has shows no signature.
func TestServeHTTP_quotedDigest(t *testing.T) {
	t.Parallel()
	const digest = "0123456789abcdef0123456789abcdef01234567"
	b := setup(t, portOf(func(context.Context, *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		return nil, fault.New(fault.CodeLeadNotFound, "no lead "+digest)
	}))
	for _, content := range []string{body, strings.Replace(body, "318815", digest, 1), "<m:x" + digest + "/>", "<" + digest + ">"} {
		answered := b.post(b.signed(content))
		got := b.exchanges.last()
		if shown := fmt.Sprint(answered.body, got.Fault, string(got.RawRequest), string(got.RawResponse)); strings.Contains(shown, " "+digest) || strings.Contains(shown, ">"+digest) {
			t.Errorf("%s shows it: %s", content, shown)
		}
	}
}

// The journal has every call, however far it got.
func TestWithJournal_refused(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.rules.Add(server.Rule{Operation: "listMObjects", Drop: server.DropHalfAnswer})
	b.rules.Add(server.Rule{Operation: "getTags", Drop: server.DropAfterWork})
	tests := []struct {
		name    string
		post    func() answer
		want    server.Exchange
		hasText string // in the raw answer
	}{
		{"no XML", func() answer { return b.post("x") }, server.Exchange{Status: 500, Fault: &fault.Fault{Code: 20012}}, "20012"},
		{"a form", func() answer { return b.post("x", "Content-Type", "text/css") }, server.Exchange{Status: 415}, "text/css"},
		{"wrong key", func() answer { return b.post(envelopeWith(header(user, "x", start), body)) },
			server.Exchange{Status: 500, Operation: "getLeadActivity", Fault: &fault.Fault{Code: 20014}}, "20014"},
		{"unknown request", func() answer { return b.post(b.signed("<m:x/>")) },
			server.Exchange{Status: 500, UserID: user, Fault: &fault.Fault{Code: 20019}}, "20019"},
		{"fault of the port, half of it", func() answer { return b.post(b.signed("<m:paramsListMObjects/>")) },
			server.Exchange{Status: 500, UserID: user, Operation: "listMObjects", Fault: &fault.Fault{Code: 20019}, Drop: server.DropHalfAnswer, Scripted: true}, "<?xml"},
		{"dropped", func() answer { return b.post(b.signed("<m:paramsGetTags/>")) },
			server.Exchange{Status: 0, UserID: user, Operation: "getTags", Fault: &fault.Fault{Code: 20019}, Drop: server.DropAfterWork, Scripted: true}, ""},
	}
	for _, test := range tests {
		before := len(b.exchanges.all())
		a := test.post()
		if n := len(b.exchanges.all()) - before; n != 1 {
			t.Errorf("%s: %d entries, want 1", test.name, n)
		}
		got := b.exchanges.last()
		if got.Status != test.want.Status || got.UserID != test.want.UserID || got.Operation != test.want.Operation ||
			got.Drop != test.want.Drop || got.Scripted != test.want.Scripted || (got.Fault == nil) != (test.want.Fault == nil) ||
			got.Fault != nil && got.Fault.Code != test.want.Fault.Code {
			t.Errorf("%s: %+v", test.name, got)
		}
		if string(got.RawResponse) != a.body || !strings.Contains(a.body, test.hasText) {
			t.Errorf("%s: raw answer in the journal:\n%s\nsent:\n%s", test.name, got.RawResponse, a.body)
		}
	}
}

// Neither log nor journal nor answer holds a signature or a key, whatever is sent.
func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	signature := auth.Sign(user, auth.NewSecret(key), auth.FormatTimestamp(start))
	good := header(user, key, start)
	wrap := func(old, new string) string { return envelopeWith(strings.Replace(good, old, new, 1), body) }
	open, end := "<requestSignature>", "</requestSignature>"
	docs := map[string]string{
		"in order":             envelopeWith(good, body),
		"wrong user":           envelopeWith(strings.Replace(good, user, key, 1), body), // id and key swapped
		"qualified":            wrap(open+signature+end, "<m:requestSignature>"+signature+"</m:requestSignature>"),
		"attributes":           wrap(open, `<requestSignature a="/" >`),
		"white space":          wrap(open+signature+end, "<requestSignature\n>\n"+signature+"\n</requestSignature\n>"),
		"CDATA":                wrap(signature, "<![CDATA["+signature+"]]>"),
		"comment":              wrap(signature, "<!-- </ -->"+signature),
		"reference":            wrap(signature, "&#x"+fmt.Sprintf("%X", signature[0])+";"+signature[1:]),
		"twice":                wrap(open+signature+end, open+signature+end+open+signature+end),
		"empty, then again":    wrap(open, "<requestSignature/>"+open),
		"not well-formed":      wrap("<mktowsUserId>", "<"),
		"no end tag":           wrap(end, ""),
		"cut off":              envelopeWith(good, body)[:strings.Index(envelopeWith(good, body), end)],
		"elsewhere":            envelopeWith(good, strings.Replace(body, "318815", signature, 1)),
		"in capitals":          envelopeWith(good, strings.Replace(body, "318815", strings.ToUpper(signature), 1)),
		"UTF-16":               utf16(envelopeWith(good, body)),
		"in a bad number":      envelopeWith(good, "<m:paramsGetLeadActivity><batchSize>"+signature+"</batchSize></m:paramsGetLeadActivity>"),
		"control character":    envelopeWith(good, strings.Replace(body, "318815", "\x01", 1)),
		"not UTF-8":            envelopeWith(good, strings.Replace(body, "318815", "\xE4", 1)),
		"unknown request":      envelopeWith(good, "<m:x/>"),
		"header must be known": envelopeWith(good+`<a s:mustUnderstand="1"/>`, body),
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, portOf(func(context.Context, *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) { panic("x") }))
			a := b.post(doc)
			e := b.exchanges.last()
			shown := map[string]string{
				"log": b.logged.String(), "raw request": string(e.RawRequest), "raw answer": string(e.RawResponse),
				"exchange": fmt.Sprintf("%v %+v %s", e, e, e.Err),
			}
			if name != "wrong user" {
				shown["answer"] = a.body
			}
			for where, text := range shown {
				text = strings.ReplaceAll(text, "\x00", "")
				for _, secret := range []string{key, signature, signature[1:]} {
					// The id is not secret to who looks into the journal; a key in its place is his own mistake.
					if strings.Contains(strings.ToLower(text), secret) && (secret != key || where == "log" || name != "wrong user") && (where != "answer" || name != "in a bad number") {
						t.Errorf("the %s shows %s:\n%s", where, secret, text)
					}
				}
			}
		})
	}
}

func utf16(s string) string {
	var b strings.Builder
	b.WriteString("\xFF\xFE")
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteByte(0)
	}
	return b.String()
}

func TestWithLogger(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.rules.Add(server.Rule{Delay: time.Nanosecond, Drop: server.DropAfterWork, Times: 1})
	b.call()
	b.post(envelopeWith(header("somebody", key, start), body))
	b.post(envelopeWith(header(user, key, start.Add(-time.Hour)), body))
	var lines []string
	for line := range strings.Lines(b.logged.String()) {
		_, line, _ = strings.Cut(strings.TrimSpace(line), "level=")
		lines = append(lines, line)
	}
	want := []string{
		`INFO msg=call op=getLeadActivity version=3_1 user=example_user status=0 duration=0s scripted=true drop=DropAfterWork`,
		`INFO msg=call op=getLeadActivity version=3_1 user="" status=500 duration=0s fault=20014 reason="unknown user"`,
		`INFO msg=call op=getLeadActivity version=3_1 user="" status=500 duration=0s fault=20016 reason="stale timestamp"`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}
