package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// signatureElement is what redactMarkup finds at least, as an expression. That one is too
// slow for documents from anybody: 200 ns a byte.
var signatureElement = regexp.MustCompile(
	`(?s)<(?:[^<>\s/:]+:)?requestSignature(?:\s(?:[^<>]*[^</>])?)?>(.*?)(?:</(?:[^<>\s/:]+:)?requestSignature\s*>|\z)`)

func TestRedactMarkup(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"<a>requestSignature</a>":                                    "<a>requestSignature</a>",
		"<requestSignature>x</requestSignature>":                     "<requestSignature>[redacted]</requestSignature>",
		"<m:requestSignature a='b'>x</n:requestSignature >y":         "<m:requestSignature a='b'>[redacted]</n:requestSignature >y",
		"<requestSignature/><b>y</b>":                                "<requestSignature/><b>y</b>",
		"<requestSignature a='b' /><b>y</b>":                         "<requestSignature a='b' /><b>y</b>",
		"<requestSignature2>y</requestSignature2>":                   "<requestSignature2>[redacted]</requestSignature2>",
		"<m:x:requestSignature>y":                                    "<m:x:requestSignature>[redacted]",
		"<requestSignature>x":                                        "<requestSignature>[redacted]",
		"<requestSignature>x</requestSignature":                      "<requestSignature>[redacted]",
		"<requestSignature>x</requestSignatures>z":                   "<requestSignature>[redacted]",
		"<requestSignature ":                                         "<requestSignature [redacted]",
		"<requestSignature":                                          "<requestSignature[redacted]",
		"<requestSignature <b>x</requestSignature>":                  "<requestSignature [redacted]</requestSignature>",
		"<requestSignature>x</requestSignature><requestSignature>x":  "<requestSignature>[redacted]</requestSignature><requestSignature>[redacted]",
		"<requestSignature><requestSignature>x</requestSignature>y<": "<requestSignature>[redacted]</requestSignature>y<",

		// other spellings, anywhere
		"<RequestSignature>x</RequestSignature>z":              "<RequestSignature>[redacted]</RequestSignature>z",
		"<requestsignature>x</RequestSignature>z":              "<requestsignature>[redacted]</RequestSignature>z",
		"<reqestSignature>x</reqestSignature>z":                "<reqestSignature>[redacted]</reqestSignature>z",
		"<b requestSignature=\"x>y\" c='d'>z</b>":              "<b requestSignature=\"[redacted]\" c='d'>z</b>",
		"<b q:REQUESTSIGNATURE = 'x'/>z":                       "<b q:REQUESTSIGNATURE = '[redacted]'/>z",
		"<b requestSignature=x c=d>z":                          "<b requestSignature=[redacted] c=d>z",
		"<b requestSignature=\"x<c>z":                          "<b requestSignature=\"[redacted]<c>z",
		"<?b requestSignature='x'?>z":                          "<?b requestSignature='[redacted]'?>z",
		"<!-- <requestSignature>x</requestSignature> -->z":     "<!-- <requestSignature>[redacted]</requestSignature> -->z",
		"<wsse:Password Type='t'>x</wsse:Password>z":           "<wsse:Password Type='t'>[redacted]</wsse:Password>z",
		"<body><attrName>Signature</attrName> < b =\"'</body>": "<body><attrName>Signature</attrName> < b =\"'</body>",

		// in a header, all that is not known to be harmless
		"<e:Header><a>x</a>\n</e:Header><b c='d'>z</b>":                                            "<e:Header><a>[redacted]</a>\n</e:Header><b c='d'>z</b>",
		"<AuthenticationHeader><mktowsUserId>u</mktowsUserId>x</AuthenticationHeader>z":            "<AuthenticationHeader><mktowsUserId>u</mktowsUserId>[redacted]</AuthenticationHeader>z",
		"<m:authenticationHeaders><requestSig>x</requestSig></m:authenticationHeaders>z":           "<m:authenticationHeaders><requestSig>[redacted]</requestSig></m:authenticationHeaders>z",
		"<m:AuthenticationHeader sig='x' xmlns:m='n' e:mustUnderstand='1' requestTimestamp='t'/>z": "<m:AuthenticationHeader sig='[redacted]' xmlns:m='n' e:mustUnderstand='1' requestTimestamp='t'/>z",
		"<Header><RequestTimestamp xsi:type='s'>t</RequestTimestamp><a b='x' y/></Header>z":        "<Header><RequestTimestamp xsi:type='s'>t</RequestTimestamp><a b='[redacted]' [redacted]/></Header>z",
		"<Header><mktowsUserId><b>x</b></mktowsUserId></Header>z":                                  "<Header><mktowsUserId><b>[redacted]</b></mktowsUserId></Header>z",
		"<Header><mktowsUserId>u<!-- x --></mktowsUserId></Header>z":                               "<Header><mktowsUserId>u<![redacted]</mktowsUserId></Header>z",
		"<Header><a><![CDATA[x]]></a></Header>z":                                                   "<Header><a><![redacted]</a></Header>z",
		"<Header><Header>x</Header>x</Header>z":                                                    "<Header><Header>[redacted]</Header>[redacted]</Header>z",
		"<Header/><b>z</b>":                                                                        "<Header/><b>z</b>",
		"<Header><a>x</a><Body>z":                                                                  "<Header><a>[redacted]</a><Body>[redacted]",
		"<importFileHeader>z</importFileHeader>":                                                   "<importFileHeader>z</importFileHeader>",
	} {
		if got := string(redactMarkup([]byte(doc))); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", doc, got, want)
		}
	}
}

// TestRedact_digests: what has the form of a signature is hidden in elements of whatever name.
func TestRedact_digests(t *testing.T) {
	t.Parallel()
	const digest = "0123456789abcdef0123456789ABCDEF01234567"
	for doc, want := range map[string]string{
		"<sig>" + digest + "</sig>": "<sig>[redacted]</sig>",
		digest:                      "[redacted]",
		"<a b='" + digest + "'>x" + digest + " " + digest:                                        "<a b='[redacted]'>x" + digest + " [redacted]",
		"<a>" + digest + "0</a><a>" + digest[1:] + "</a>":                                        "<a>" + digest + "0</a><a>" + digest[1:] + "</a>",
		"<a>" + strings.Repeat("g", len(digest)) + "</a>é":                                       "<a>" + strings.Repeat("g", len(digest)) + "</a>é",
		"<Header><mktowsUserId>u</mktowsUserId></Header><mktowsUserId>u</mktowsUserId>" + digest: "<Header><mktowsUserId>u</mktowsUserId></Header><mktowsUserId>u</mktowsUserId>[redacted]",
	} {
		if got := string(redact([]byte(doc), "")); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", doc, got, want)
		}
	}
}

// Package fault, which may import none of ours, has a placeholder of its own: the same.
func TestRedacted_oneText(t *testing.T) {
	t.Parallel()
	if got := (&fault.SyncError{Reason: "requestSignature=abc"}).Error(); !strings.Contains(got, redacted) {
		t.Errorf("%q has not %q", got, redacted)
	}
}

// Redaction costs the same for each byte, whatever the document is made of.
func TestRedactMarkup_isLinear(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"<", "<a", "<a b='", "<requestSignature>", "</requestSignature>", "<Header>", "<a b=\"", "<a b", "=", "<a b='c' ", "</", "<!--"} {
		doc := []byte(strings.Repeat(piece, 256<<10/len(piece)))
		begin := time.Now()
		redactMarkup(doc)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%q: 256 kB took %s", piece, took)
		}
	}
}

// FuzzRedactMarkup holds the search to the expression: what that one finds is redacted.
func FuzzRedactMarkup(f *testing.F) {
	for _, parts := range []string{"\x80123", "\x804156", "\xb07\xb18", "9999", "\x80a\xb1b"} {
		f.Add(parts)
	}
	pieces := []string{"<requestSignature>", "</requestSignature>", "<m:requestSignature", "requestSignature", "</m:requestSignature\n", " ", ">", "/>", "<", ":", "x", "\t"}
	secrets := regexp.MustCompile("secret[0-9]+;")
	f.Fuzz(func(t *testing.T, choice string) {
		var b strings.Builder
		for i := range min(len(choice), 1000) { // the expression is slow
			b.WriteString(pieces[int(choice[i])%len(pieces)])
			if choice[i]&0x80 != 0 {
				fmt.Fprintf(&b, "secret%d;", i)
			}
		}
		out := string(redactMarkup([]byte(b.String())))
		for _, m := range signatureElement.FindAllStringSubmatch(b.String(), -1) {
			for _, secret := range secrets.FindAllString(m[1], -1) {
				if strings.Contains(out, secret) {
					t.Errorf("%q\nis %q\nwhich shows %s", b.String(), out, secret)
				}
			}
		}
	})
}
