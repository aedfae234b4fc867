package server

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// slowSignatureElement says in one expression what hideElements does.
var slowSignatureElement = regexp.MustCompile(
	`(?s)(<(?:[^<>\s/:]+:)?requestSignature(?:\s(?:[^>]*[^/>])?)?>).*?(</(?:[^<>\s/:]+:)?requestSignature\s*>|\z)`)

// Whatever a document looks like, the scan hides what the expression hides.
func TestHideElements(t *testing.T) {
	t.Parallel()
	parts := []string{"<", "</", ">", "/>", "requestSignature", "m:", ":", " ", "\n", "a", "x='1'", "secret", "<requestSignature>", "</m:requestSignature >", "<m:requestSignature", "é"}
	r := rand.New(rand.NewPCG(7, 1))
	hidden := 0
	for range 50_000 {
		var b strings.Builder
		for range 1 + r.IntN(14) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		doc := b.String()
		want := string(slowSignatureElement.ReplaceAll([]byte(doc), []byte("${1}"+redacted+"${2}")))
		if got := string(hideElements([]byte(doc))); got != want {
			t.Fatalf("%q\n got %q\nwant %q", doc, got, want)
		} else if got != doc {
			hidden++
		}
	}
	if hidden < 1000 {
		t.Errorf("only %d documents had anything to hide", hidden)
	}
}

// What is refused before anybody is let in is answered in a few words, however long the
// names of the document are.
func TestRequestFault_isShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 100_000)
	open := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">`
	for name, doc := range map[string]string{
		"another root":        "<" + long + "/>",
		"another SOAP":        `<Envelope xmlns="urn:soap:` + long + `"/>`,
		"to be understood":    open + `<s:Header><o:x s:mustUnderstand="1" xmlns:o="urn:` + long + `"/></s:Header><s:Body/></s:Envelope>`,
		"no body, but a name": open + "<o:" + long + ` xmlns:o="urn:o"/></s:Envelope>`,
	} {
		c := &call{Server: new(Server)}
		err := c.open(doc)
		if err == nil || len(err.Error()) > 2*maxTold {
			t.Errorf("%s: %d bytes", name, len(err.Error()))
		}
	}
}
