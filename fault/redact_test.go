package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mktows/mktows-go/fault"
)

const (
	signature = "0176853b8471c6d4477206402d7d6e21826d6ebd" // made with the placeholder key
	odd       = "never-shown"                              // nothing but its name tells that it is secret
)

func TestDecodeError_Error(t *testing.T) {
	t.Parallel()
	body := []byte("<a>\n  <b>text</c>\n</a>")
	tests := []struct {
		err  *fault.DecodeError
		want string
	}{
		{
			fault.NewDecodeError(body, 13, errors.New("end tag c does not match b")),
			"the SOAP message cannot be read at byte 13: end tag c does not match b; near: <a> <b>text</c> </a>",
		},
		{fault.NewDecodeError(nil, 0, io.ErrUnexpectedEOF), "the SOAP message cannot be read at byte 0: unexpected EOF"},
		{fault.NewDecodeError(nil, -1, nil), "the SOAP message cannot be read: no cause given"},
		{fault.NewContentError(io.ErrUnexpectedEOF), "the content of the answer cannot be right: unexpected EOF"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestDecodeError_keepsThePlace(t *testing.T) {
	t.Parallel()
	body := []byte(strings.Repeat("before ", 10_000) + "<here>" + strings.Repeat(" after", 10_000))
	at := int64(bytes.Index(body, []byte("<here>")))
	for _, offset := range []int64{at - 200, at, at + 200} {
		e := fault.NewDecodeError(body, offset, io.ErrUnexpectedEOF)
		if len(e.Snapshot) > 512 || !strings.Contains(string(e.Snapshot), "<here>") {
			t.Errorf("offset %d: snapshot %q", offset, e.Snapshot)
		}
	}
	for _, offset := range []int64{-1, 0, int64(len(body)), 1 << 62} {
		if n := len(fault.NewDecodeError(body, offset, nil).Snapshot); n < 400 || n > 512 {
			t.Errorf("offset %d: snapshot of %d bytes", offset, n)
		}
	}
}

// secretTexts are the ways in which a message or an echo of it may hold a secret.
var secretTexts = map[string]string{
	"element":               "<requestSignature>%s</requestSignature>",
	"with prefix":           "<ns1:requestSignature>%s</ns1:requestSignature>",
	"with attribute":        `<ns1:requestSignature xsi:type="xsd:string" >%s</ns1:requestSignature>`,
	"over lines":            "<requestSignature\n>\n\t%s\n</requestSignature\n>",
	"CDATA":                 "<requestSignature><![CDATA[%s]]></requestSignature>",
	"comment inside":        "<requestSignature><!-- a < b -->%s</requestSignature>",
	"other case":            "<REQUESTSIGNATURE>%s</REQUESTSIGNATURE>",
	"cut off":               "<requestSignature>%s",
	"never closed":          "<requestSignature>%s<requestTimestamp>2017",
	"wrongly closed":        "<requestSignature>%s</requestTimestamp>",
	"signature value":       "<ds:SignatureValue>%s</ds:SignatureValue>",
	"password":              "<wsse:Password Type='text'>%s</wsse:Password>",
	"attribute":             `<header requestSignature="%s" other="1"/>`,
	"attribute, apostrophe": `<header requestSignature = '%s'/>`,
	"attribute cut off":     `<header requestSignature="%s`,
	"JSON":                  `{"requestSignature": "%s", "a": 1}`,
	"JSON inside JSON":      `{"body": "{\"client_secret\":\"%s\"}"}`,
	"JSON of REST":          `{"accessToken":"%s"}`,
	"page, numbered":        "requestSignature&#62;%s&#60;/requestSignature&#62;",
	"script":                `requestSignature\u003e%s\u003c/requestSignature`,
	"page that shows XML":   "<pre>&lt;requestSignature&gt;%s&lt;/requestSignature&gt;</pre>",
	"form":                  "client_id=1&client_secret=%s&grant_type=client_credentials",
	"address":               "GET /rest/v1/leads.json?access_token=%s HTTP/1.1",
	"basic":                 "Authorization: Basic %s\r\nAccept: */*",
	"bearer":                "proxy-authorization: Bearer %s\r\n",
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	for name, form := range secretTexts {
		for _, secret := range []string{signature, odd} {
			t.Run(name+" "+secret, func(t *testing.T) {
				t.Parallel()
				text := "before " + fmt.Sprintf(form, secret)
				for _, err := range []error{
					fault.NewDecodeError([]byte(text), 10, errors.New(text)),
					&fault.DecodeError{Snapshot: []byte(text), Err: errors.New(text)},
					fault.NewStatusError(200, text, 0, []byte(text)),
					&fault.StatusError{ContentType: text, Snippet: []byte(text)},
					&fault.Fault{Code: 20012, Message: text},
					&fault.Fault{FaultCode: text, FaultString: text},
					&fault.SyncError{Reason: text},
				} {
					got := err.Error()
					if strings.Contains(got, secret) || !strings.Contains(got, "[redacted]") || !strings.Contains(got, "before") {
						t.Errorf("%T: %s", err, got)
					}
				}
				if got := fault.NewDecodeError([]byte(text), 10, nil).Snapshot; bytes.Contains(got, []byte(secret)) {
					t.Errorf("snapshot %s", got)
				}
				if got := fault.NewStatusError(200, "", 0, []byte(text)).Snippet; bytes.Contains(got, []byte(secret)) {
					t.Errorf("snippet %s", got)
				}
			})
		}
	}
}

// Each error below a DecodeError shows as little as the DecodeError itself, however it is reached, and is found as before.
func TestRedaction_chain(t *testing.T) {
	t.Parallel()
	for name, form := range secretTexts {
		text := "before " + fmt.Sprintf(form, odd)
		leaf := &fault.SyncError{Reason: text, Index: 3}
		raw := fmt.Errorf("two: %w", errors.Join(fmt.Errorf("one, %s: %w", text, io.ErrUnexpectedEOF), errors.New(text), leaf))
		for _, err := range []error{
			fault.NewDecodeError(nil, -1, raw), &fault.DecodeError{Err: raw}, fault.NewDecodeError(nil, -1, raw).Err,
			fault.NewDecodeError(nil, -1, fmt.Errorf("harmless: %w", hiding{raw})),
		} {
			levels := tree(err)
			for _, level := range levels {
				for _, verb := range []string{"%+v", "%#v"} {
					if level == error(leaf) && verb == "%#v" {
						continue // what the service said stays in the field
					}
					if got := fmt.Sprintf(verb, level); strings.Contains(got, odd) {
						t.Errorf("%s, %s, %T: %s", name, verb, level, got)
					}
				}
			}
			var found *fault.SyncError
			if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &found) || found != leaf || len(levels) < 6 {
				t.Errorf("%s: of %v some is lost: %d levels", name, err, len(levels))
			}
		}
	}
	if err := fault.NewDecodeError(nil, -1, io.ErrUnexpectedEOF); err.Err != io.ErrUnexpectedEOF || err.Unwrap() != io.ErrUnexpectedEOF {
		t.Errorf("what is harmless has become %v", err.Err)
	}
}

// hiding is an error whose own text says nothing of what it wraps.
type hiding struct{ error }

func (hiding) Error() string { return "something is wrong" }

func (h hiding) Unwrap() error { return h.error }

// tree returns an error and all that it unwraps to.
func tree(err error) []error {
	if err == nil {
		return nil
	}
	all := []error{err}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, inner := range several.Unwrap() {
			all = append(all, tree(inner)...)
		}
		return all
	}
	return append(all, tree(errors.Unwrap(err))...)
}

// Wherever the piece begins or ends, no piece of a secret is in it.
func TestRedaction_atEachOffset(t *testing.T) {
	t.Parallel()
	elements := map[string]string{
		"<requestSignature>" + signature + "</requestSignature>": signature,
		"<requestSignature>" + odd + "</requestSignature>":       odd,
		"a " + signature + " b":                                  signature, // no name tells
	}
	for element, secret := range elements {
		before := strings.Repeat("x y ", 500)
		body := []byte(before + element + before)
		for offset := len(before) - 300; offset < len(before)+len(element)+300; offset++ {
			text := string(fault.NewDecodeError(body, int64(offset), io.ErrUnexpectedEOF).Snapshot)
			if part := shownPart(text, secret, 3); part != "" {
				t.Fatalf("offset %d shows %q: %s", offset, part, text)
			}
		}
	}
}

// shownPart returns a piece of secret, n bytes long, that text shows.
func shownPart(text, secret string, n int) string {
	for i := range len(secret) - n + 1 {
		if strings.Contains(text, secret[i:i+n]) {
			return secret[i : i+n]
		}
	}
	return ""
}

// A digest is known by its shape, from the 32 digits of MD5 on.
func TestRedaction_digestWithoutAName(t *testing.T) {
	t.Parallel()
	for digits, hidden := range map[int]bool{31: false, 32: true, 40: true, 64: true, 200: true} {
		digest := strings.Repeat("0aB9", 50)[:digits]
		got := (&fault.SyncError{Reason: "got " + digest + " for it"}).Error()
		if hidden != strings.HasSuffix(got, ": got [redacted] for it") || hidden == strings.Contains(got, digest) {
			t.Errorf("%d digits: %s", digits, got)
		}
	}
}

func TestRedaction_leavesTheRest(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"element requestSignature: missing", "end tag requestSignature> without a start",
		"<requestTimestamp>2017-03-09T17:40:00-08:00</requestTimestamp>", "<mktowsUserId>example_user</mktowsUserId>",
		"<newStreamPosition>id:1089965:to:1392234668:tl:1392321068:os:2:rc:24</newStreamPosition>",
		"<marketoGUID>2b9a2a2c-8e1b-4b0e-9d55-0f7a3f0b9c11</marketoGUID>", "<keyValue>a@example.com</keyValue>",
	} {
		if got := fault.NewDecodeError([]byte(text), 0, errors.New(text)).Error(); strings.Count(got, text) != 2 {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestRedaction_nothingOfBinaryData(t *testing.T) {
	t.Parallel()
	var utf16 []byte
	for _, b := range []byte("<requestSignature>" + signature) {
		utf16 = append(utf16, b, 0)
	}
	if e := fault.NewDecodeError(utf16, 3, io.EOF); len(e.Snapshot) != 0 {
		t.Errorf("snapshot %q", e.Snapshot)
	}
	if e := (&fault.DecodeError{Snapshot: utf16, Err: io.EOF}).Error(); strings.Contains(e, "near") {
		t.Error(e)
	}
}

func TestStatusError_Error(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  *fault.StatusError
		want []string
	}{
		{
			fault.NewStatusError(502, "text/html; charset=iso-8859-1", 0, []byte("<html>\n<h1>Bad Gateway</h1>")),
			[]string{
				"HTTP 502 with text/html; charset=iso-8859-1 instead of a SOAP envelope (text/xml); ",
				"try again later; the answer begins: <html> <h1>Bad Gateway</h1>",
			},
		},
		{fault.NewStatusError(200, "text/xml", 0, nil), []string{"HTTP 200 with text/xml and no readable text instead of a SOAP envelope", "check the endpoint's host and path"}},
		{fault.NewStatusError(200, "", 0, []byte("\x1f\x8b\x00")), []string{"no content type and no readable text"}},
		{fault.NewStatusError(503, "text/plain", 30e9, []byte("busy")), []string{", asking to wait 30s; "}},
		{fault.NewStatusError(429, "", 0, nil), []string{"wait before calling again"}},
		{fault.NewStatusError(302, "", 0, nil), []string{"redirects are not followed"}},
		{fault.NewStatusError(407, "", 0, nil), []string{"check proxy and firewall"}},
		{fault.NewStatusError(401, "", 0, nil), []string{"check proxy and firewall"}},
		{fault.NewStatusError(403, "", 0, nil), []string{"check proxy and firewall"}},
		{fault.NewStatusError(404, "", 0, nil), []string{"check the endpoint's host and path"}},
	}
	for _, tt := range tests {
		for _, part := range tt.want {
			if got := tt.err.Error(); !strings.Contains(got, part) {
				t.Errorf("%q is not in %q", part, got)
			}
		}
	}
}

func TestStatusError_class(t *testing.T) {
	t.Parallel()
	want := map[int]error{200: nil, 404: nil, 499: nil, 429: fault.ErrRateLimited, 500: fault.ErrServer, 503: fault.ErrServer}
	for code, class := range want {
		for name, sentinel := range classes {
			if got := errors.Is(&fault.StatusError{Code: code}, sentinel); got != (sentinel == class) {
				t.Errorf("HTTP %d: errors.Is with %s is %v", code, name, got)
			}
		}
	}
}

func TestStatusError_snippetIsBoundedAndClean(t *testing.T) {
	t.Parallel()
	body := []byte("a\x1b[31m\r\nb\u202e\xff" + strings.Repeat("é", 1000) + strings.Repeat("secret=1 ", 100))
	e := fault.NewStatusError(200, strings.Repeat("t", 1000), 0, body)
	if got := string(e.Snippet); len(got) > 256 || !strings.HasPrefix(got, "a [31m b ?é") || !utf8.ValidString(got) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	for _, lead := range []string{"abcd", "abcde", "abcdef"} { // placeholders move the bound into a character
		e := fault.NewStatusError(200, "", 0, []byte(lead+strings.Repeat("secret=1 鍵", 20)))
		if n := len(e.Snippet); n > 256 || n < 253 || !utf8.Valid(e.Snippet) {
			t.Errorf("%d bytes: %q", n, e.Snippet)
		}
	}
	e.Snippet = body // a literal may hold anything
	if got := e.Error(); len(got) > 900 || strings.ContainsFunc(got, unicode.IsControl) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

// Whatever stands around a secret and wherever reading failed: it is not shown, and
// what is shown is one bounded line of text.
func FuzzDecodeErrorRedaction(f *testing.F) {
	f.Add([]byte("<AuthenticationHeader><mktowsUserId>u</mktowsUserId>"), []byte("<requestTimestamp>"), int64(60))
	f.Add([]byte(`<a signature="`), []byte("</b>"), int64(0))
	f.Add([]byte("<secret>x</"), []byte("<![CDATA[</"), int64(-1))
	f.Add(bytes.Repeat([]byte("é"), 700), bytes.Repeat([]byte("0"), 700), int64(1400))
	f.Fuzz(func(t *testing.T, before, after []byte, offset int64) {
		const part = 6
		for _, secret := range []string{signature, odd} {
			around := string(before) + "\n" + string(after)
			if shownPart(around, secret, part) != "" {
				t.Skip()
			}
			body := fmt.Appendf(nil, "%s<ns1:requestSignature>%s</ns1:requestSignature>%s", before, secret, after)
			decode := fault.NewDecodeError(body, offset, errors.New(string(body)))
			status := fault.NewStatusError(200, string(body), 0, body)
			for _, text := range []string{
				decode.Error(), string(decode.Snapshot), status.Error(), string(status.Snippet),
				(&fault.Fault{Message: string(body)}).Error(),
			} {
				if got := shownPart(text, secret, part); got != "" {
					t.Errorf("shows %q: %q", got, text)
				}
				if len(text) > 1200 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
					t.Errorf("%d bytes: %q", len(text), text)
				}
			}
			if len(decode.Snapshot) > 512 || len(status.Snippet) > 256 {
				t.Errorf("%d and %d bytes are kept", len(decode.Snapshot), len(status.Snippet))
			}
		}
	})
}

func BenchmarkDecodeError(b *testing.B) {
	body := []byte(strings.Repeat("<keyValue>a@example.com</keyValue>", 100) + "<requestSignature>" + signature + "</requestSignature>")
	b.ReportAllocs()
	for b.Loop() {
		_ = fault.NewDecodeError(body, int64(len(body)), io.EOF).Error()
	}
}

func BenchmarkFaultError(b *testing.B) {
	f := fault.New(fault.CodeLeadNotFound, "No lead found with EMAIL = a@example.com")
	b.ReportAllocs()
	for b.Loop() {
		_ = f.Error()
	}
}

// Secrets whose first byte is the first of a message, and digests at the edges of their alphabet.
func TestRedaction_atTheEdges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"password=" + odd:                      "password=[redacted]",
		strings.Repeat("f", 32):                "[redacted]",
		strings.Repeat("F", 32):                "[redacted]",
		strings.Repeat("0", 32):                "[redacted]",
		strings.Repeat("9a", 16):               "[redacted]",
		strings.Repeat("g", 32):                strings.Repeat("g", 32),
		strings.Repeat("f", 31):                strings.Repeat("f", 31),
		"x" + strings.ToUpper(signature) + "y": "x[redacted]y",
	} {
		if got := string(fault.NewDecodeError([]byte(text), 0, nil).Snapshot); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
