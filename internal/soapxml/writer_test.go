package soapxml

import (
	"errors"
	"strings"
	"testing"
)

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
	if err != nil || string(got) != want || w.Version() != 7 {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
	if again, err := w.Finish(); err != nil || string(again) != want {
		t.Errorf("finished twice: %s, %v", again, err)
	}
}

func TestWriter_values(t *testing.T) {
	t.Parallel()
	w := NewWriter(nil, 0)
	w.Root("m")
	w.Int("i", -9223372036854775808)
	w.Bool("t", true)
	w.Bool("f", false)
	w.Enum("e", "A&B", true)
	w.DateTime("d", "2015-09-04T16:07:16.25-05:00")
	w.Base64("b", []byte("\x00\xff\x10"))
	w.OpenType("o", "T")
	w.String("s", "")
	w.Close()
	w.Raw("<!-- raw & -->")
	w.EndRoot()
	got, err := w.Finish()
	want := `<ns1:m xmlns:ns1="` + Namespace + `" xmlns:xsi="` + xsiNamespace + `"><i>-9223372036854775808</i><t>true</t><f>false</f><e>A&amp;B</e>` +
		`<d>2015-09-04T16:07:16.25-05:00</d><b>AP8Q</b><o xsi:type="ns1:T"><s></s></o><!-- raw & --></ns1:m>`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}

// TestWriter_declaresWhereItIsTold leaves the declarations of an envelope to its writer.
func TestWriter_declaresWhereItIsTold(t *testing.T) {
	t.Parallel()
	for _, useXSI := range []bool{false, true} {
		w := NewWriter(nil, 0)
		w.Raw(`<e`)
		w.DeclareHere()
		w.Raw(`>`)
		w.Root("m")
		want := `<e><ns1:m></ns1:m>`
		if useXSI {
			w.Nil("n")
			want = `<e xmlns:xsi="` + xsiNamespace + `"><ns1:m><n xsi:nil="true"/></ns1:m>`
		}
		w.EndRoot()
		if got, err := w.Finish(); err != nil || string(got) != want {
			t.Errorf("%s, %v\nwant %s", got, err, want)
		}
	}
}

// TestWriter_refuses names the field and what is wrong, and keeps the first error.
func TestWriter_refuses(t *testing.T) {
	t.Parallel()
	for want, write := range map[string]func(w *Writer){
		"m.i[3].s: the character U+0000 at byte 0: ":    func(w *Writer) { w.String("s", "\x00") },
		"m.i[3].s: the character U+001F at byte 2: ":    func(w *Writer) { w.String("s", "<a\x1f") },
		"m.i[3].s: the character U+FFFE at byte 2: ":    func(w *Writer) { w.String("s", "é\uFFFE") },
		"m.i[3].s: the character U+FFFF at byte 4: ":    func(w *Writer) { w.String("s", "\U0001F600\uFFFF") },
		"m.i[3].s: the byte 0xFF at offset 1 is not":    func(w *Writer) { w.String("s", "a\xff") },
		"m.i[3].s: the byte 0xED at offset 0 is not":    func(w *Writer) { w.String("s", "\xed\xa0\x80") }, // a surrogate
		`m.i[3].e: "B" is not one of the values of its`: func(w *Writer) { w.Enum("e", "B", false) },
		`m.i[3].d: "today": expected a date and time `:  func(w *Writer) { w.DateTime("d", "today") },
		"m.i[3].f: 7 is wrong":                          func(w *Writer) { w.Failf("f", "%d is wrong", 7) },
		"m.i[3]: is wrong":                              func(w *Writer) { w.Failf("", "is wrong") },
	} {
		w := NewWriter(nil, 0)
		w.Root("m")
		w.Item("i", 3)
		write(w)
		w.Failf("later", "too late")
		w.Close()
		w.EndRoot()
		_, err := w.Finish()
		var field *FieldError
		if !errors.As(err, &field) || !strings.HasPrefix(err.Error(), want) || errors.Unwrap(field) == nil {
			t.Errorf("%v, want %q", err, want)
		}
	}
	long := NewWriter(nil, 0)
	long.DateTime("d", strings.Repeat("x", 1000))
	if _, err := long.Finish(); err == nil || len(err.Error()) > 300 {
		t.Errorf("a long value stands in the error: %v", err)
	}
}

// TestWriter_whatItWritesIsReadBack tries every character that XML can carry.
func TestWriter_whatItWritesIsReadBack(t *testing.T) {
	t.Parallel()
	for first := rune(0); first < 0x11_0000; first += 0x1000 {
		var text strings.Builder
		for r := first; r < first+0x1000; r++ {
			if IsChar(r) {
				text.WriteRune(r)
			}
		}
		w := NewWriter(nil, 0)
		w.Root("m")
		w.Raw(text.String()[:0])
		w.text("", text.String())
		w.EndRoot()
		doc, err := w.Finish()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := rootText(string(doc)); err != nil || got != text.String() {
			t.Errorf("from U+%04X: %v", first, err)
		}
	}
}

// TestChars_bothSidesAgree holds that what the writer refuses is what the reader refuses.
func TestChars_bothSidesAgree(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{0, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE, 0x1F, 0x20, 0x7F, 0x80, 0xD7FF, 0xE000, 0xEFFF, 0xF000, 0xFDD0, 0xFEFF, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1FFFF, 0x10FFFF} {
		w := NewWriter(nil, 0)
		w.String("a", "x"+string(r))
		_, err := w.Finish()
		for _, form := range []string{"<a>x%s</a>", "<a><b x='%s'/></a>", "<a><!--%s--></a>", "<a><![CDATA[%s]]></a>", "<a><?p %s?></a>", "<a>&amp;%s</a>"} {
			if _, readErr := events(strings.Replace(form, "%s", string(r), 1)); (err == nil) != IsChar(r) || (readErr == nil) != IsChar(r) {
				t.Errorf("U+%04X: written %v, read in %s %v", r, err, form, readErr)
			}
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"a\x00\xff\uFFFE\t\r\nb": "a???\t\r\nb", "\uFFFF\uFFFD": "?\uFFFD", "": "", "\x1f\x20": "? ",
	} {
		if got := Clean(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
