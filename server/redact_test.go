package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// signatureElement is what redactElements looks for, as an expression. That one is too
// slow for documents from anybody: 200 ns a byte.
var signatureElement = regexp.MustCompile(
	`(?s)<(?:[^<>\s/:]+:)?requestSignature(?:\s(?:[^<>]*[^</>])?)?>(.*?)(?:</(?:[^<>\s/:]+:)?requestSignature\s*>|\z)`)

func TestRedactElements(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"<a>requestSignature</a>":                                    "<a>requestSignature</a>",
		"<requestSignature>x</requestSignature>":                     "<requestSignature>[redacted]</requestSignature>",
		"<m:requestSignature a='b'>x</n:requestSignature >y":         "<m:requestSignature a='b'>[redacted]</n:requestSignature >y",
		"<requestSignature/><b>y</b>":                                "<requestSignature/><b>y</b>",
		"<requestSignature a='b' /><b>y</b>":                         "<requestSignature a='b' /><b>y</b>",
		"<requestSignature2>y</requestSignature2>":                   "<requestSignature2>y</requestSignature2>",
		"<m:x:requestSignature>y":                                    "<m:x:requestSignature>y",
		"<requestSignature>x":                                        "<requestSignature>[redacted]",
		"<requestSignature>x</requestSignature":                      "<requestSignature>[redacted]",
		"<requestSignature>x</requestSignatures>z":                   "<requestSignature>[redacted]",
		"<requestSignature ":                                         "<requestSignature [redacted]",
		"<requestSignature":                                          "<requestSignature",
		"<requestSignature <b>x</requestSignature>":                  "<requestSignature [redacted]</requestSignature>",
		"<requestSignature>x</requestSignature><requestSignature>x":  "<requestSignature>[redacted]</requestSignature><requestSignature>[redacted]",
		"<requestSignature><requestSignature>x</requestSignature>y<": "<requestSignature>[redacted]</requestSignature>y<",
	} {
		if got := string(redactElements([]byte(doc))); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", doc, got, want)
		}
	}
}

// FuzzRedactElements holds the search to the expression: what that one finds is redacted.
func FuzzRedactElements(f *testing.F) {
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
		out := string(redactElements([]byte(b.String())))
		for _, m := range signatureElement.FindAllStringSubmatch(b.String(), -1) {
			for _, secret := range secrets.FindAllString(m[1], -1) {
				if strings.Contains(out, secret) {
					t.Errorf("%q\nis %q\nwhich shows %s", b.String(), out, secret)
				}
			}
		}
	})
}
