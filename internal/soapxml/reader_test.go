package soapxml

import (
	"errors"
	"strings"
	"testing"
)

func TestReader_refuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		doc    string
		offset int64
		want   string
	}{
		{"", 0, "empty"},
		{" \n", 2, "empty"},
		{"text", 0, "expected an element"},
		{"<a>", 3, "a is not closed"},
		{"<a", 2, "ends inside a tag"},
		{"<a><b></a></b>", 8, "</a> does not match <b>"},
		{"<a></a", 6, "document ends"},
		{"<a></a ", 7, "ends inside a tag"},
		{"<a></ab", 7, "ends inside a tag"},
		{"<a></a></a>", 7, "after the root"},
		{"<a/>x", 4, "after the root"},
		{"<a/><a/>", 4, "after the root"},
		{"<a/><?xml version='1.0'?>", 4, "XML declaration"},
		{"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 0, "DTD"},
		{"<a><!DOCTYPE a></a>", 3, "DTD"},
		{"<a>&x;</a>", 3, "&x; is not defined"},
		{"<a>1&lt;2&gt;&x;</a>", 13, "&x; is not defined"},
		{"<a>x & y</a>", 5, "&amp;"},
		{"<a>&#0;</a>", 3, "&#0;"},
		{"<a>&#xD800;</a>", 3, "&#xD800;"},
		{"<a>&#x110000;</a>", 3, "&#x110000;"},
		{"<a>&#xFFFFFFFF;</a>", 3, "&#xFFFFFFFF;"},
		{"<a>&#x100000041;</a>", 3, "&#x100000041;"},
		{"<a>&#12a;</a>", 3, "&#12a;"},
		{"<a>\x01</a>", 3, "U+0001"},
		{"<a b='\x02'/>", 6, "U+0002"},
		{"<a><!--\x03--></a>", 7, "U+0003"},
		{"<a><![CDATA[\x04]]></a>", 12, "U+0004"},
		{"<a>\uFFFF</a>", 3, "U+FFFF"},
		{"<a>\xe9</a>", 3, "not UTF-8"},
		{"<a>é\x80</a>", 5, "not UTF-8"},
		{"<a>\xe2\x82", 3, "ends inside a character"},
		{"<a>\xe2\x82x", 3, "not UTF-8"},
		{"\xff\xfe<\x00a\x00", 0, "UTF-16"},
		{"<a>]]></a>", 3, "]]>"},
		{"<a><!-- a -- b --></a>", 10, "comment"},
		{"<a><!-- a", 3, "comment"},
		{"<a><![CDATA[", 3, "CDATA"},
		{"<![CDATA[x]]><a/>", 0, "unexpected markup"},
		{"<a><?x", 3, "processing instruction"},
		{"<a><!x></a>", 3, "unexpected markup"},
		{"<1/>", 1, "not a name"},
		{"<a:/>", 1, "not a name"},
		{"<:a/>", 1, "not a name"},
		{"<a:b:c xmlns:a='u'/>", 1, "not a name"},
		{"< a/>", 1, "expected a name"},
		{"<p:a/>", 6, "prefix of p:a"},
		{"<a p:b='1'/>", 12, "prefix of attribute p:b"},
		{"<a b/>", 4, "no value"},
		{"<a b", 4, "ends inside a tag"},
		{"<a b=", 5, "ends inside a tag"},
		{"<a b=c/>", 5, "not in quotes"},
		{"<a b='c/>", 5, "does not end"},
		{"<a b='<'/>", 6, "'<'"},
		{"<a b='1'c='2'/>", 8, "unexpected"},
		{"<a b='1' b='2'/>", 16, "b stands twice"},
		{"<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", 42, "b stands twice"},
		{"<a xmlns:p='u' xmlns:p='v'/>", 15, "declared twice"},
		{"<a xmlns:p=''/>", 3, "no namespace"},
		{"<a xmlns:xml='u'/>", 3, "cannot be bound"},
		{"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", 3, "cannot be bound"},
		{"<a xmlns:xmlns='u'/>", 3, "cannot be bound"},
		{"<?xml version='1.1'?><a/>", 0, "version"},
		{"<?xml version='1.0' encoding='latin1'?><a/>", 0, "latin1"},
		{"<?xml version='1.0' standalone='maybe'?><a/>", 0, "not well-formed"},
		{"<?xml encoding='utf-8'?><a/>", 0, "version"},
		{"<?xml version='1.0'", 0, "does not end"},
		{strings.Repeat("<a>", 300), 768, "nested"},
	} {
		_, err := events(c.doc)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: error %v, want a *SyntaxError", c.doc, err)
		} else if syntax.Offset != c.offset || !strings.Contains(syntax.Msg, c.want) {
			t.Errorf("%q: %v; want %q at byte %d", c.doc, err, c.want, c.offset)
		}
	}
}

func TestReader_takes(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"\uFEFF<?xml version=\"1.0\" encoding='UTF-8' standalone='no' ?>\r\n<!-- x --><?pi?><a>t</a>\n<!-- y -->": "t",
		"<a>\r\nx\ry\n</a>":                           "\nx\ny\n",
		"<a>&lt;&gt;&amp;&apos;&quot;</a>":            `<>&'"`,
		"<a>&#65;&#x42;&#13;</a>":                     "AB\r",
		"<a>1<!-- x -->2<?pi x?>3<![CDATA[<4>]]></a>": "123<4>",
		"<a> x ]] > y </a>":                           " x ]] > y ",
		"<a><b/>t</a>":                                "<b/>t",
		"<a>t/<b/>t</a>":                              "t/<b/>t",
		"<a></a >":                                    "",
		"<a\n>t</a\n>":                                "t",
		"<a />":                                       "",
		"<ä>é😀</ä>":                                   "é😀",
	} {
		if got, err := rootText(doc); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", doc, got, err, want)
		}
	}
}

func TestReader_namespacesAndAttributes(t *testing.T) {
	t.Parallel()
	r := NewReader(`<a xmlns="u" xmlns:p="v" x="1 &#10;2	3" p:x='"'><p:b/><c xmlns="" xmlns:p="w"><p:d/></c><e xml:lang="en"/></a>`)
	want := []string{"{u}a", "{v}b", "/", "{}c", "{w}d", "/", "/", "{u}e", "/", "/"}
	var got []string
	space, local, ok := r.Root()
	if x, _ := r.Attr("", "x"); x != "1 \n2 3" {
		t.Errorf("x is %q", x)
	}
	if x, _ := r.Attr("v", "x"); x != `"` {
		t.Errorf("p:x is %q", x)
	}
	for depth := 0; ; {
		if ok {
			depth++
			got = append(got, "{"+space+"}"+local)
		} else {
			depth--
			got = append(got, "/")
		}
		if depth == 0 {
			break
		}
		space, local, ok = r.Next()
	}
	if r.End(); r.Err() != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%q, %v", got, r.Err())
	}
}

// TestReader_nilIsNotInherited holds xsi:nil to the element that bears it.
func TestReader_nilIsNotInherited(t *testing.T) {
	t.Parallel()
	r := NewReader(`<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:o="u"><b xsi:nil="true"/><c/><d xsi:nil="1" ></d><e xsi:nil="0"/><f o:nil="true"/></a>`)
	r.Root()
	var nils []string
	for {
		name, ok := r.Child()
		if !ok {
			break
		}
		if r.Nil() {
			nils = append(nils, name)
		}
		r.Skip()
	}
	if r.Err() != nil || strings.Join(nils, "") != "bd" {
		t.Errorf("nil: %q, %v", nils, r.Err())
	}
}

// TestReader_nilByNamespace believes no prefix without its namespace.
func TestReader_nilByNamespace(t *testing.T) {
	t.Parallel()
	real := ` xmlns:xsi="` + xsiNamespace + `"`
	many := numbered(20, " xmlns:p%d='u'")
	for doc, want := range map[string]string{
		`<a><b` + real + ` xsi:nil="true"/></a>`:                    "nil",
		`<a` + real + `><b xsi:nil="true"/></a>`:                    "nil",
		`<a` + real + ` xmlns:o="u"><b xsi:nil="true" /></a>`:       "nil",
		`<a xmlns:o="u"` + real + `><b xsi:nil="true"/></a>`:        "nil",
		`<a` + real + many + `><b xsi:nil="true"/></a>`:             "nil",
		`<a xmlns:i="` + xsiNamespace + `"><b i:nil=" 1 "/></a>`:    "nil",
		`<a xmlns:xsi="u"><b xsi:nil="true"/></a>`:                  "not",
		`<a xmlns:xsi="u"` + many + `><b xsi:nil="true"/></a>`:      "not",
		`<a` + real + `><b xmlns:xsi="u" xsi:nil="true"/></a>`:      "not",
		`<a` + real + ` xsi:nil="true"><b/></a>`:                    "not",
		`<a` + real + `><b xsi:nil="false"/></a>`:                   "not",
		`<a` + real + `><b nil="true"/></a>`:                        "not",
		`<a xmlns:i="` + xsiNamespace + `"><b xsi:nil="true"/></a>`: "not declared",
		`<a` + many + `><b xsi:nil="true"/></a>`:                    "not declared",
	} {
		r := NewReader(doc)
		r.Root()
		_, ok := r.Child()
		got := map[bool]string{true: "nil", false: "not"}[r.Nil()]
		if r.Err() != nil {
			got = "not declared"
		}
		if got != want || ok != (r.Err() == nil) {
			t.Errorf("%s: %s, %v; want %s", doc, got, r.Err(), want)
		}
	}
	r := NewReader(`<a` + real + `><x xmlns:xsi="u"><b xsi:nil="true"/></x></a>`)
	r.Root()
	r.Child()
	if r.Child(); r.Nil() || r.Err() != nil {
		t.Errorf("an outer meaning of the prefix is believed: %v", r.Err())
	}
}

// TestReader_afterAnError answers every question with "no more".
func TestReader_afterAnError(t *testing.T) {
	t.Parallel()
	r := NewReader("<a><b></c></a>")
	r.Root()
	r.Child()
	r.Text()
	first := r.Err()
	if _, ok := r.Child(); ok || r.Text() != "" || first == nil {
		t.Error("reads on")
	}
	r.Skip()
	r.End()
	r.Failf("later")
	r.Wrong("something")
	if r.Err() != first {
		t.Errorf("error %v, want the first: %v", r.Err(), first)
	}
}

// TestReader_afterTheRoot answers every question about a document that is read with "no more".
func TestReader_afterTheRoot(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"<a/>", "<a></a>", "<a>t</a><!-- c -->"} {
		r := NewReader(doc)
		r.Root()
		r.Skip()
		_, _, next := r.Next()
		if _, ok := r.Child(); ok || next || r.Text() != "" || r.Err() != nil {
			t.Errorf("%s: reads on, %v", doc, r.Err())
		}
	}
}

// TestReader_noElementWithAnError cuts documents short: what is not there is not read.
func TestReader_noElementWithAnError(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"<a>", "<a> ", "<a><", "<a>t", "<a><b", "<a></b>", "<a><!", "<a><?p"} {
		r := NewReader(doc)
		r.Root()
		next := *r
		if _, _, ok := next.Next(); ok || next.Err() == nil {
			t.Errorf("%s: another element %t, %v", doc, ok, next.Err())
		}
		if name, ok := r.Child(); ok || r.Err() == nil {
			t.Errorf("%s: the child %q, %v", doc, name, r.Err())
		}
	}
}

// TestReader_longValuesAreClipped keeps documents out of error messages.
func TestReader_longValuesAreClipped(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		"<a></" + strings.Repeat("é", 500) + ">", "<a>&" + strings.Repeat("x", 500) + ";</a>", "<a><!" + strings.Repeat("x", 500) + "></a>",
	} {
		if _, err := events(doc); err == nil || len(err.Error()) > 300 {
			t.Errorf("%v", err)
		}
	}
}

// TestReader_cutOff cuts a document at each byte: the error says that the document ends.
func TestReader_cutOff(t *testing.T) {
	t.Parallel()
	doc := "\uFEFF<?xml version=\"1.0\" encoding='utf-8'?>\n<!-- ä --><?pi d?><e:a xmlns:e = \"u\" ä='ö &amp;' ><b xmlns='v'>t&#65;<![CDATA[x]]>ü</b ><!-- c --><c/><d x=\"1\"/><f xmlns:xsi=\"" + xsiNamespace + "\"><g xsi:nil=\"true\" /></f></e:a>"
	read := map[string]func(string) error{
		"elements": func(doc string) error { _, err := events(doc); return err },
		"text":     func(doc string) error { _, err := rootText(doc); return err },
	}
	for way, f := range read {
		if err := f(doc); err != nil {
			t.Fatalf("the whole document, read as %s: %v", way, err)
		}
		for i := range len(doc) {
			err := f(doc[:i])
			if err == nil || !strings.Contains(err.Error(), "the document ends") && !strings.Contains(err.Error(), "does not end") && !strings.Contains(err.Error(), "is empty") {
				t.Errorf("%q, read as %s: %v", doc[:i], way, err)
			}
		}
	}
}

// TestReader_childrenByNamespace takes what is in no namespace or in the service's.
func TestReader_childrenByNamespace(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`<a><x/><y>t</y></a>`:                                                      "x y",
		`<a xmlns="` + Namespace + `"><x/><y/></a>`:                                "x y",
		`<m:a xmlns:m="` + Namespace + `"><m:x/><y/></m:a>`:                        "x y",
		`<a xmlns="urn:other"><x/><y/></a>`:                                        "",
		`<a xmlns:o="urn:other"><o:x/><y/></a>`:                                    "y",
		`<a xmlns:o="urn:other"><o:x><y/></o:x><z/></a>`:                           "z",
		`<a><x xmlns="urn:other"/><y/></a>`:                                        "y",
		`<a><x xmlns="urn:other" xml:lang="en">t</x></a>`:                          "",
		`<a xmlns="urn:other"><x xmlns=""/><y xmlns="` + Namespace + `"/><z/></a>`: "x y",
		`<a xmlns="urn:other" xmlns:m="` + Namespace + `"><m:x/></a>`:              "x",
		`<xml:a><xml:x/><y/></xml:a>`:                                              "y",
	} {
		r := NewReader(doc)
		r.Root()
		names := childrenLeft(r)
		if r.End(); r.Err() != nil || strings.Join(names, " ") != want {
			t.Errorf("%s: %q, %v; want %q", doc, names, r.Err(), want)
		}
	}
	// Inside a foreign element the default namespace is foreign too.
	r := NewReader(`<a><x xmlns="urn:other"><y/></x></a>`)
	r.Root()
	r.Next()
	if name, ok := r.Child(); ok {
		t.Errorf("%s is taken for a child in no namespace", name)
	}
}

func TestReader_type(t *testing.T) {
	t.Parallel()
	head := `<r xmlns:i="` + xsiNamespace + `" xmlns:m="` + Namespace + `" xmlns:o="urn:other"><a `
	for attribute, want := range map[string]string{
		`i:type="m:T"`:                    "{" + Namespace + "}T",
		`i:type=" o:T&#10;"`:              "{urn:other}T",
		`i:type=":T"`:                     "not a name",
		`i:type="m:"`:                     "not a name",
		`i:type=""`:                       "not a name",
		`i:type="T"`:                      "{}T",
		`i:type="T" xmlns="urn:default"`:  "{urn:default}T",
		`i:type="p:T" xmlns:p="urn:here"`: "{urn:here}T",
		`i:type="xml:T"`:                  "{" + xmlNamespace + "}T",
		`type="m:T"`:                      "",
		`o:type="m:T"`:                    "",
		`x="1"`:                           "",
		`i:type="q:T"`:                    "not declared",
		`i:type="` + strings.Repeat("q", 500) + `:T"`: "not declared",
	} {
		r := NewReader(head + attribute + "></a></r>")
		r.Root()
		r.Next()
		space, local, ok := r.Type()
		got := ""
		switch {
		case ok:
			got = "{" + space + "}" + local
		case r.Err() != nil && strings.Contains(r.Err().Error(), want) && len(r.Err().Error()) < 300:
			got = want
		}
		if got != want {
			t.Errorf("%s: %q, %v; want %q", attribute, got, r.Err(), want)
		}
	}
}

// TestReader_values reads each simple type: well, badly and not at all.
func TestReader_values(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		read func(r *Reader) (any, bool)
		want any // nil: none; an error: its text
	}{
		{" 7\n", readInt(32), int64(7)},
		{"-2147483648", readInt(32), int64(-2147483648)},
		{"2147483648", readInt(32), errors.New(`"2147483648" is not a whole number of 32 bits`)},
		{"2147483648", readInt(64), int64(2147483648)},
		{"9223372036854775808", readInt(64), errors.New("64 bits")},
		{"", readInt(32), nil},
		{" \t\r\n", readInt(32), nil},
		{"1 2", readInt(32), errors.New(`"1 2"`)},
		{"true", readBool, true},
		{" TRUE ", readBool, true},
		{"1", readBool, true},
		{"0", readBool, false},
		{"False", readBool, false},
		{"", readBool, nil},
		{"no", readBool, errors.New(`"no" is not true or false`)},
		{"2015-09-04T16:07:16Z ", readDateTime, "2015-09-04T16:07:16Z"},
		{"", readDateTime, nil},
		{"2015-09-04", readDateTime, errors.New("xs:dateTime")},
		{" AP8Q ", readBase64, "\x00\xff\x10"},
		{"AP\n8\tQ", readBase64, "\x00\xff\x10"},
		{"AP8 Q", readBase64, errors.New("base64")},
		{"AP8", readBase64, errors.New("base64")},
		{"", readBase64, nil},
	} {
		r := NewReader("<r><list><a>" + c.text + "</a></list></r>")
		r.Root()
		r.Child()
		r.Child()
		got, ok := c.read(r)
		if wrong, isErr := c.want.(error); isErr {
			var syntax *SyntaxError
			if ok || !errors.As(r.Err(), &syntax) || !syntax.Value || syntax.Path != "r/list/a" || syntax.Offset != int64(len("<r><list><a>")) || !strings.Contains(syntax.Msg, wrong.Error()) {
				t.Errorf("%q: %v, %t, %#v; want %q", c.text, got, ok, r.Err(), wrong)
			}
		} else if ok != (c.want != nil) || ok && got != c.want || r.Err() != nil {
			t.Errorf("%q: %v, %t, %v; want %v", c.text, got, ok, r.Err(), c.want)
		}
	}
}

// TestReader_noValueIsZero gives no value where there is none, and none that is wrong.
func TestReader_noValueIsZero(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "wrong!"} {
		for zero, read := range map[any]func(r *Reader) (any, bool){int64(0): readInt(64), false: readBool, "": readDateTime} {
			r := NewReader("<a>" + text + "</a>")
			r.Root()
			if got, ok := read(r); ok || got != zero {
				t.Errorf("%q is read as %#v, %t", text, got, ok)
			}
		}
	}
}

func readInt(bits int) func(r *Reader) (any, bool) {
	return func(r *Reader) (any, bool) { n, ok := r.Int(bits); return n, ok }
}
func readBool(r *Reader) (any, bool)     { v, ok := r.Bool(); return v, ok }
func readDateTime(r *Reader) (any, bool) { v, ok := r.DateTime(); return v, ok }
func readBase64(r *Reader) (any, bool)   { v, ok := r.Base64(); return string(v), ok }

// TestReader_refusals are about the element that was closed last, or a child of it.
func TestReader_refusals(t *testing.T) {
	t.Parallel()
	for want, refuse := range map[string]func(r *Reader){
		"XML: wrong 7 (in r/a, at byte 11)":     func(r *Reader) { r.Refuse("", "wrong %d", 7) },
		"XML: missing (in r/a/b, at byte 11)":   func(r *Reader) { r.Refuse("b", "missing") },
		`XML: "t" is not x (in r/a, at byte 6)`: func(r *Reader) { r.Wrong("x") },
		"XML: failed (in r, at byte 11)":        func(r *Reader) { r.Failf("failed") },
	} {
		r := NewReader("<r><a> t</a></r>")
		r.Root()
		r.Child()
		if r.Token() != "t" {
			t.Fatal(r.Err())
		}
		refuse(r)
		refuse(r)
		if r.Err() == nil || r.Err().Error() != strings.Replace(want, "byte 11", "byte 12", 1) {
			t.Errorf("%v, want %s", r.Err(), want)
		}
	}
	r := NewReader("<r/>")
	r.Root()
	r.Skip()
	if r.Refuse("a", "missing"); r.Err().Error() != "XML: missing (in r/a, at byte 4)" {
		t.Errorf("of the root: %v", r.Err())
	}
}
