package soapxml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// events reads the document with the Reader and returns its elements, one a line.
func events(doc string) (string, error) {
	var b strings.Builder
	r := NewReader(doc)
	space, local, ok := r.Root()
	depth := 0
	for ok || depth > 0 {
		if ok {
			depth++
			fmt.Fprintf(&b, "<{%s}%s\n", space, local)
		} else {
			depth--
			b.WriteString(">\n")
		}
		if depth == 0 || r.Err() != nil {
			break
		}
		space, local, ok = r.Next()
	}
	r.End()
	return b.String(), r.Err()
}

// rootText reads the root element as a leaf.
func rootText(doc string) (string, error) {
	r := NewReader(doc)
	r.Root()
	text := r.Text()
	r.End()
	return text, r.Err()
}

// rival does the same with encoding/xml. The text is that of a root without elements.
func rival(doc string) (tree, text string, leaf bool, err error) {
	var b, t strings.Builder
	d := xml.NewDecoder(strings.NewReader(doc))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	leaf = true
	depth, roots := 0, 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			if roots == 0 {
				err = errors.New("no root")
			} else {
				err = nil
			}
			return b.String(), t.String(), leaf, err
		}
		if err != nil {
			return "", "", false, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			} else {
				leaf = false
			}
			depth++
			fmt.Fprintf(&b, "<{%s}%s\n", tok.Name.Space, tok.Name.Local)
		case xml.EndElement:
			depth--
			b.WriteString(">\n")
		case xml.CharData:
			if depth == 1 {
				t.Write(tok)
			}
		}
	}
}

// FuzzReader compares the reader with encoding/xml: what the reader takes, the other
// takes too, and reads alike. The reverse does not hold: the reader is stricter.
func FuzzReader(f *testing.F) {
	for _, doc := range []string{
		"<a/>", "<a>x &amp; y</a>", `<?xml version="1.0" encoding="utf-8"?><a xmlns="u"><b:c xmlns:b="v">t</b:c></a>`,
		"<a><!-- c --><b x='1' y=\"2\"/><![CDATA[<&]]></a>", "<a>\r\nx\ry</a>", "<a>&#x41;&#66;</a>", "<a xmlns:p='u'><p:b p:c='&lt;'/></a >",
		"\uFEFF<a>é</a>", "<a>]]&gt;</a>", "<a><b></a></b>", "<!DOCTYPE a><a/>", "<a/><b/>", "<a>\x01</a>", "<a b='1' b='2'/>", "<p:a/>",
		"<?pi x?><a><?pi?></a>", "<a xml:lang='en'/>", "<a>\xff</a>", "<a>\uFFFE</a>", "<a xsi:nil=\"true\" />", "<é/>", "<a:b:c/>",
	} {
		f.Add(doc)
	}
	f.Fuzz(compare)
}

// fragments are what documents of FuzzReaderFragments are put together from.
var fragments = []string{
	"<a>", "</a>", "<a/>", "<a >", "</a >", "<p:b xmlns:p='u'>", "</p:b>", "<p:b>", "<b xmlns='v'>", "</b>", "<b>", "<b xmlns=''>",
	"<a xmlns:p='u' p:x='1' x='2'>", "<a x='1' x='2'>", "<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''>", "<a x=\"&lt;&#10;'\t\">", "<a x>",
	"t", " ", "\n", "\r\n", "\r", "&amp;", "&#x41;", "&#0;", "&x;", "&", "]]>", "]", ">", "é", "\uFFFD", "\uFFFE", "\uFFFF", "\x00", "\xff", "\u00A0",
	"<!--c-->", "<!--c--d-->", "<!-- -", "<![CDATA[<&]]>", "<![CDATA[\r\n]]>", "<![CDATA[]]]]>", "<?pi d?>", "<?pi?>", "<?xml version='1.0'?>", "<?XML?>",
	"<!DOCTYPE a>", "<", "/>", "<é>", "</é>", "<1>", "<a.b-c_d>", "</a.b-c_d>", "<x:y:z/>", "<:a/>", "<a:/>", "<xmlns:a/>", "<xml:a/>", "\uFEFF",
	"<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>", "<c xsi:nil=\"true\"/>", "<c xsi:nil=\"true\" />", "<c xsi:nil=\"true\">", "</c>",
}

// FuzzReaderFragments is FuzzReader on documents that are nearly well-formed.
func FuzzReaderFragments(f *testing.F) {
	for i := range fragments {
		f.Add([]byte{0, byte(i), 1})
	}
	f.Add([]byte{0, 6, 1, 59, 60, 61, 63, 1})
	f.Fuzz(func(t *testing.T, choice []byte) {
		var b strings.Builder
		for _, c := range choice {
			b.WriteString(fragments[int(c)%len(fragments)])
		}
		compare(t, b.String())
	})
}

func compare(t *testing.T, doc string) {
	tree, err := events(doc)
	text, textErr := rootText(doc)
	if (err == nil) != (textErr == nil) {
		t.Fatalf("%q read as elements: %v; read as a leaf: %v", doc, err, textErr)
	}
	if err != nil {
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > int64(len(doc)) {
			t.Fatalf("%q: error without a place in the document: %#v", doc, err)
		}
		return
	}
	wantTree, wantText, leaf, rivalErr := rival(doc)
	switch {
	case rivalErr != nil && strings.Contains(rivalErr.Error(), "invalid XML name") && strings.ContainsFunc(doc, beyondASCII):
		t.Skip("encoding/xml has the narrower names of the Fourth Edition")
	case rivalErr != nil:
		t.Fatalf("%q is taken, but encoding/xml says: %v", doc, rivalErr)
	case tree != wantTree:
		t.Fatalf("%q: elements\n%s\nencoding/xml reads\n%s", doc, tree, wantTree)
	case leaf && text != wantText:
		t.Fatalf("%q: text %q, encoding/xml reads %q", doc, text, wantText)
	}
}

func beyondASCII(r rune) bool { return r > 0x7F }
