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
		{"<a></a></a>", 7, "after the root"},
		{"<a/>x", 4, "after the root"},
		{"<a/><a/>", 4, "after the root"},
		{"<a/><?xml version='1.0'?>", 4, "XML declaration"},
		{"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 0, "DTD"},
		{"<a><!DOCTYPE a></a>", 3, "DTD"},
		{"<a>&x;</a>", 3, "&x; is not defined"},
		{"<a>x & y</a>", 5, "&amp;"},
		{"<a>&#0;</a>", 3, "&#0;"},
		{"<a>&#xD800;</a>", 3, "&#xD800;"},
		{"<a>&#x110000;</a>", 3, "&#x110000;"},
		{"<a>&#12a;</a>", 3, "&#12a;"},
		{"<a>\x01</a>", 3, "U+0001"},
		{"<a b='\x02'/>", 6, "U+0002"},
		{"<a><!--\x03--></a>", 7, "U+0003"},
		{"<a><![CDATA[\x04]]></a>", 12, "U+0004"},
		{"<a>\uFFFF</a>", 3, "U+FFFF"},
		{"<a>\xe9</a>", 3, "not UTF-8"},
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
	other := NewReader(`<a xmlns:xsi="u"><b xsi:nil="true"/></a>`)
	other.Root()
	if other.Child(); other.Nil() {
		t.Error("the prefix xsi is believed without its namespace")
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

func TestWriter_pathsAndEscapes(t *testing.T) {
	t.Parallel()
	w := NewWriter([]byte("x"), 7)
	w.Root("m")
	w.Open("list")
	w.Item("i", 3)
	w.String("s", "a<b>&\"'\r\n]]>")
	w.Nil("n")
	w.Close()
	w.Close()
	w.EndRoot()
	got, err := w.Finish()
	want := `x<ns1:m xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><list><i><s>a&lt;b&gt;&amp;"'&#xD;` + "\n" + `]]&gt;</s><n xsi:nil="true"/></i></list></ns1:m>`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
	w = NewWriter(nil, 0)
	w.Root("m")
	w.Item("i", 3)
	w.String("s", "\x00")
	w.String("later", "\x00")
	if _, err := w.Finish(); err == nil || !strings.HasPrefix(err.Error(), "m.i[3].s: the character U+0000 at byte 0") {
		t.Error(err)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	if got := Clean("a\x00\xff\uFFFE\t\r\nb"); got != "a???\t\r\nb" {
		t.Errorf("%q", got)
	}
}
