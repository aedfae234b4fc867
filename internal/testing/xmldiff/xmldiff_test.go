package xmldiff_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/internal/testing/xmldiff"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	mkt = `"http://www.marketo.com/mktows/"`
	xsi = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
)

func TestDiff_equal(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]string{
		"prefix":                {`<a:r xmlns:a=` + mkt + `/>`, `<b:r xmlns:b=` + mkt + `/>`},
		"default namespace":     {`<a:r xmlns:a=` + mkt + `><c/></a:r>`, `<r xmlns=` + mkt + `><c xmlns=""/></r>`},
		"place of declaration":  {`<r xmlns:a=` + mkt + `><a:c/></r>`, `<r><a:c xmlns:a=` + mkt + `/></r>`},
		"unused declaration":    {`<r xmlns:a="urn:a"/>`, `<r/>`},
		"prefix declared anew":  {`<a:r xmlns:a="urn:a"><a:c xmlns:a="urn:b" xmlns:d="urn:d"/></a:r>`, `<r xmlns="urn:a"><x:c xmlns:x="urn:b"/></r>`},
		"prefix of xsi":         {`<r ` + xsi + ` xsi:nil="true"/>`, `<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>`},
		"prefix in xsi:type":    {`<r ` + xsi + ` xmlns:a=` + mkt + ` xsi:type="a:T"/>`, `<r ` + xsi + ` xmlns:b=` + mkt + ` xsi:type=" b:T "/>`},
		"no prefix in xsi:type": {`<p:r ` + xsi + ` xmlns:p=` + mkt + ` xsi:type="p:T"/>`, `<r ` + xsi + ` xmlns=` + mkt + ` xsi:type="T"/>`},
		"xml prefix":            {`<r xml:lang="en"/>`, `<r xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en"/>`},
		"comments":              {`<!-- a --><r><!-- b --><c>x<!-- c -->y</c></r><!-- d -->`, `<r><c>xy</c></r>`},
		"instructions":          {`<?a b?><r><?c?><c>x<?d?>y</c></r>`, `<r><c>xy</c></r>`},
		"declaration":           {`<?xml version="1.0" encoding="UTF-8"?>` + "\n<r/>\n", `<r/>`},
		"byte order mark":       {"\uFEFF<r/>", `<r/>`},
		"other UTF-8 names":     {`<?xml version="1.0" encoding="US-ASCII"?><r/>`, `<?xml version="1.0" encoding="utf8"?><r/>`},
		"layout":                {"<r>\r\n\t<a>1</a> <b> \n</b>\n</r>", `<r><a>1</a><b> ` + "\n" + `</b></r>`},
		"layout and comment":    {"<r> <!-- a --> <a/> <!-- b --> </r>", `<r><a/></r>`},
		"empty element":         {`<r><a/></r>`, `<r><a></a></r>`},
		"empty CDATA":           {`<r><a><![CDATA[]]></a></r>`, `<r><a/></r>`},
		"CDATA and references":  {`<r><![CDATA[<b>&]]> &#x41;</r>`, `<r>&lt;b>&amp; A</r>`},
		"line ends":             {"<r>a\r\nb\rc</r>", "<r>a\nb\nc</r>"},
		"order of attributes":   {`<r a="1" b='2'/>`, `<r b="2" a="1"/>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range [][2]string{pair, {pair[1], pair[0]}} {
				if got, err := xmldiff.Diff([]byte(p[0]), []byte(p[1])); got != "" || err != nil {
					t.Errorf("%s\n%s\n%v\n%s", p[0], p[1], err, got)
				}
			}
		})
	}
}

func TestDiff_different(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ a, b, path, inA, inB string }{
		"root":                 {`<r/>`, `<s/>`, "", "the element r", "the element s"},
		"namespace of root":    {`<r xmlns="urn:a"/>`, `<r/>`, "", "{urn:a}r", "element r"},
		"inherited namespace":  {`<p:r xmlns:p="urn:a"><c/></p:r>`, `<r xmlns="urn:a"><c/></r>`, "/r", "element c", "{urn:a}c"},
		"order":                {`<r><a/><b/></r>`, `<r><b/><a/></r>`, "/r: child 1", "element a", "element b"},
		"missing element":      {`<r><a/><b/></r>`, `<r><a/></r>`, "/r: child 2", "element b", "nothing"},
		"text":                 {`<r><a>x</a></r>`, `<r><a>y</a></r>`, "/r/a: text", `"x"`, `"y"`},
		"letter case":          {`<r><a>True</a></r>`, `<r><a>true</a></r>`, "/r/a: text", `"True"`, `"true"`},
		"space around text":    {`<r><a> x </a></r>`, `<r><a>x</a></r>`, "/r/a: text", `" x "`, `"x"`},
		"space for text":       {`<r><a> </a></r>`, `<r><a/></r>`, "/r/a: child 1", `the text " "`, "nothing"},
		"layout in a leaf":     {"<r><a>\n</a></r>", `<r><a> </a></r>`, "/r/a: text", `"\n"`, `" "`},
		"carriage return":      {"<r><a>x&#xD;</a></r>", "<r><a>x\r</a></r>", "/r/a: text", `"x\r"`, `"x\n"`},
		"text for an element":  {`<r><a>b</a></r>`, `<r><a><b/></a></r>`, "/r/a: child 1", `the text "b"`, "the element b"},
		"text beside elements": {`<r>x<a/>y</r>`, `<r>x<a/>z</r>`, "/r: text", `"y"`, `"z"`},
		"nil and empty":        {`<r ` + xsi + `><a xsi:nil="true"/></r>`, `<r><a/></r>`, "/r/a: attribute {http://www.w3.org/2001/XMLSchema-instance}nil", `"true"`, "nothing"},
		"nil and absent":       {`<r ` + xsi + `><a xsi:nil="true"/></r>`, `<r/>`, "/r: child 1", "element a", "nothing"},
		"empty and absent":     {`<r><a/></r>`, `<r/>`, "/r: child 1", "element a", "nothing"},
		"nil of no namespace":  {`<r ` + xsi + ` xsi:nil="true"/>`, `<r nil="true"/>`, "/r: attribute nil", "nothing", `"true"`},
		"xsi:type":             {`<r ` + xsi + ` xmlns:p="urn:a" xsi:type="p:T"/>`, `<r ` + xsi + ` xmlns:p="urn:b" xsi:type="p:T"/>`, "}type", "{urn:a}T", "{urn:b}T"},
		"xsi:type by default":  {`<p:r ` + xsi + ` xmlns:p="urn:a" xsi:type="p:T"/>`, `<p:r ` + xsi + ` xmlns:p="urn:a" xsi:type="T"/>`, "}type", "{urn:a}T", `"T"`},
		"attribute's space":    {`<r a=" x"/>`, `<r a="x"/>`, "/r: attribute a", `" x"`, `"x"`},
		"empty attribute":      {`<r a=""/>`, `<r/>`, "/r: attribute a", `""`, "nothing"},
		"second of a kind":     {`<r><a>1</a><b/><a>2</a></r>`, `<r><a>1</a><b/><a>3</a></r>`, "/r/a[2]: text", `"2"`, `"3"`},
		"long text of emoji": {
			`<r>` + strings.Repeat("😀", 50) + `x</r>`, `<r>` + strings.Repeat("😀", 50) + `y</r>`,
			"/r: text", `…"` + strings.Repeat("😀", 8) + `x"`, `…"` + strings.Repeat("😀", 8) + `y"`,
		},
		"long text": {
			`<r>` + strings.Repeat("é", 100) + `x` + strings.Repeat("ü", 100) + `</r>`, `<r>` + strings.Repeat("é", 100) + `y</r>`,
			"/r: text", `…"` + strings.Repeat("é", 15) + `x` + strings.Repeat("ü", 29) + `"…`, `…"` + strings.Repeat("é", 15) + `y"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, c.a, c.b, c.path, c.inA, c.inB)
			check(t, c.b, c.a, "", c.inB, c.inA)
		})
	}
}

// check wants a difference at the path, with what either side has.
func check(t *testing.T, a, b, path, inA, inB string) {
	t.Helper()
	got, err := xmldiff.Diff([]byte(a), []byte(b))
	lines := strings.Split(got, "\n")
	if err != nil || len(lines) < 3 {
		t.Fatalf("%s\n%s\nno difference: %q, %v", a, b, got, err)
	}
	for i, want := range []string{path, inA, inB} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("%q lacks %q in:\n%s", lines[i], want, got)
		}
	}
}

func TestDiff_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ doc, want string }{
		"empty":               {``, "root element"},
		"two roots":           {`<r/><r/>`, "root element"},
		"text outside":        {`<r/>x`, "root element"},
		"half":                {`<r><a>`, "XML"},
		"mismatched":          {`<r></s>`, "XML"},
		"DTD":                 {`<!DOCTYPE r [<!ENTITY a "b">]><r/>`, "DOCTYPE"},
		"undeclared":          {`<r><p:a/></r>`, "/r/a: the prefix of p:a"},
		"undeclared again":    {`<r><p:a xmlns:p="urn:a"/><p:a/></r>`, "prefix of p:a"},
		"unbound":             {`<p:r xmlns:p=""/>`, "prefix of p:r"},
		"undeclared type":     {`<r ` + xsi + ` xsi:type="p:T"/>`, "prefix of p:T"},
		"undeclared attr":     {`<r p:a="1"/>`, "prefix of p:a"},
		"attribute twice":     {`<r a="1" a="1"/>`, "attribute a stands twice"},
		"one name twice":      {`<r xmlns:p="urn:a" xmlns:q="urn:a" p:a="1" q:a="1"/>`, "q:a stands twice"},
		"declared twice":      {`<r xmlns:p="urn:a" xmlns:p="urn:a"/>`, "xmlns:p stands twice"},
		"Latin 1":             {`<?xml version="1.0" encoding="ISO-8859-1"?><r/>`, "ISO-8859-1"},
		"not UTF-8":           {"<r>\xe9</r>", "UTF-8"},
		"directive inside":    {`<r><!ELEMENT a ANY></r>`, "ELEMENT"},
		"undefined reference": {`<r>&nbsp;</r>`, "nbsp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for side, docs := range map[string][2]string{"document a": {c.doc, `<r/>`}, "document b": {`<r/>`, c.doc}} {
				got, err := xmldiff.Diff([]byte(docs[0]), []byte(docs[1]))
				if err == nil || got != "" || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), side) {
					t.Errorf("%q: %v, want an error that says %q and %q", got, err, c.want, side)
				}
			}
		})
	}
}

func TestIgnore(t *testing.T) {
	t.Parallel()
	const a = `<e:E xmlns:e="urn:e"><e:H><user>u</user><sign>1</sign></e:H><e:B><sign>2</sign></e:B></e:E>`
	for name, c := range map[string]struct {
		b      string
		ignore []string
		equal  bool
	}{
		"nothing":           {strings.Replace(a, "1", "x", 1), nil, false},
		"local name":        {strings.NewReplacer("1", "x", "2", "y").Replace(a), []string{"sign"}, true},
		"other name":        {strings.Replace(a, "1", "x", 1), []string{"user"}, false},
		"several names":     {strings.NewReplacer("1", "x", "<user>u", "<user>v").Replace(a), []string{"user", "sign"}, true},
		"end of a path":     {strings.Replace(a, "1", "x", 1), []string{"H/sign"}, true},
		"end of other path": {strings.Replace(a, "2", "x", 1), []string{"H/sign"}, false},
		"whole path":        {strings.Replace(a, "1", "x", 1), []string{"/E/H/sign"}, true},
		"no whole path":     {strings.Replace(a, "1", "x", 1), []string{"/H/sign"}, false},
		"end of a name":     {strings.Replace(a, "1", "x", 1), []string{"ign"}, false},
		"content inside":    {strings.Replace(a, "<user>u</user>", "", 1), []string{"H"}, true},
		"element missing":   {strings.Replace(a, "<sign>1</sign>", "", 1), []string{"sign"}, false},
		"attribute":         {strings.Replace(a, "<sign>1", `<sign a="b">1`, 1), []string{"sign"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := xmldiff.Diff([]byte(a), []byte(c.b), xmldiff.Ignore(c.ignore...))
			if err != nil || (got == "") != c.equal {
				t.Errorf("equal: %t, want %t (%v)\n%s", got == "", c.equal, err, got)
			}
		})
	}
}

// The whole text of an answer, and where it ends.
func TestDiff_text(t *testing.T) {
	t.Parallel()
	a, b := "<r>", "<r>"
	for range 12 {
		a, b = a+"<a><b>1</b></a>", b+"<a><b>2</b></a>"
	}
	got, err := xmldiff.Diff([]byte(a+"</r>"), []byte(b+"</r>"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "many.golden", got+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}

func FuzzDiff(f *testing.F) {
	for _, s := range []string{
		`<a:r xmlns:a="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><c xsi:type="a:T"> x </c><d xsi:nil="true"/></a:r>`,
		`<r><!-- c --><?p i?><a b="1" c='2'>x<![CDATA[<]]>&#xD;</a> <a/></r>`,
		"\uFEFF<?xml version=\"1.0\"?><r xmlns=\"urn:a\"><c xmlns=\"\">\r\n</c>é</r>",
		`<r>text<a/>text</r>`,
	} {
		f.Add([]byte(s), []byte(`<r><a b="1">é</a></r>`))
		f.Add([]byte(s), []byte(s))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if got, err := xmldiff.Diff(a, a); err == nil && got != "" {
			t.Errorf("a document differs from itself:\n%s", got)
		}
		one, err := xmldiff.Diff(a, b)
		other, err2 := xmldiff.Diff(b, a)
		if (err == nil) != (err2 == nil) || (one == "") != (other == "") {
			t.Errorf("the answer depends on the order:\n%s %v\n%s %v", one, err, other, err2)
		}
	})
}
