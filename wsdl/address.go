package wsdl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// soapNamespace is that of the SOAP 1.1 binding (W3C Note WSDL 1.1, section 3), where soap:address belongs.
const soapNamespace = "http://schemas.xmlsoap.org/wsdl/soap/"

// WithAddress returns a copy of a WSDL document in which every soap:address has the given location; all
// other bytes are as they were. The address is an absolute http or https URL without user or password, since
// whoever fetches the document reads it. Any other address is an error, as is a document that is not
// well-formed XML in UTF-8 or has no soap:address (W3C Note WSDL 1.1, section 3.8).
func WithAddress(doc []byte, address string) ([]byte, error) {
	location, err := attributeText(address)
	if err != nil {
		return nil, err
	}
	spans, err := locations(doc)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(doc)+len(spans)*len(location))
	done := 0
	for _, s := range spans {
		out = append(out, doc[done:s.start]...)
		out = append(out, location...)
		done = s.end
	}
	return append(out, doc[done:]...), nil
}

// attributeText checks the address and returns it escaped for use inside either kind of quotes.
func attributeText(address string) (string, error) {
	if err := checkAddress(address); err != nil {
		return "", err
	}
	var b strings.Builder
	// A strings.Builder does not fail.
	_ = xml.EscapeText(&b, []byte(address))
	// EscapeText puts this character where XML allows none; a changed address would mislead every client.
	if strings.ContainsRune(b.String(), '\uFFFD') {
		return "", errors.New("wsdl: the service address holds a character that XML cannot: percent-encode it")
	}
	return b.String(), nil
}

// checkAddress repeats nothing of the address, nor of what url.Parse says of it: a mistyped one can hold a
// password where no parser looks for it.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("wsdl: the service address is not a URL: look at its port, spaces and percent escapes")
	case u.User != nil:
		return errors.New("wsdl: the service address holds a user or password: leave them out, the document is public")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("wsdl: the service address is not absolute: begin it with http:// or https:// and a host")
	}
	return nil
}

// span is a range of bytes of a document.
type span struct{ start, end int }

// locations returns where the values of soap:address/@location stand, quotes excluded, in document order.
// The XML decoder finds the tags, by namespace and whatever the prefix; it cannot tell where attributes are.
func locations(doc []byte) ([]span, error) {
	var spans []span
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		start := int(d.InputOffset())
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("wsdl: cannot read the document: %w", err)
		}
		tag, ok := token.(xml.StartElement)
		if !ok || tag.Name != (xml.Name{Space: soapNamespace, Local: "address"}) {
			continue
		}
		at, ok := attribute(doc[start:d.InputOffset()], "location")
		if !ok {
			return nil, fmt.Errorf("wsdl: the soap:address at byte %d has no location", start)
		}
		spans = append(spans, span{start: start + at.start, end: start + at.end})
	}
	if len(spans) == 0 {
		return nil, errors.New("wsdl: the document has no soap:address: nothing to put the address in")
	}
	return spans, nil
}

// attribute finds the value of an attribute without prefix inside a start tag that the decoder has accepted.
func attribute(tag []byte, name string) (span, bool) {
	const space = " \t\r\n"
	at := bytes.IndexAny(tag, space)
	for at >= 0 {
		equals := bytes.IndexByte(tag[at:], '=')
		if equals < 0 {
			break
		}
		found := string(bytes.Trim(tag[at:at+equals], space))
		open := at + equals + bytes.IndexAny(tag[at+equals:], `"'`)
		start := open + 1
		length := bytes.IndexByte(tag[start:], tag[open])
		if length < 0 {
			break
		}
		if found == name {
			return span{start: start, end: start + length}, true
		}
		at = start + length + 1
	}
	return span{}, false
}
