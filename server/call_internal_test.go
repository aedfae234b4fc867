package server

import (
	"strings"
	"testing"
)

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
		err := c.open(t.Context(), doc)
		if err == nil || len(err.Error()) > 2*maxTold {
			t.Errorf("%s: %d bytes", name, len(err.Error()))
		}
	}
}
