package soapxml

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// numbered joins what the pattern gives for 1 to n.
func numbered(n int, pattern string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, pattern, i+1)
	}
	return b.String()
}

func nested(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }

// TestReader_bounds holds that a document may reach each bound and not exceed it.
func TestReader_bounds(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("n", n) }
	for name, c := range map[string]struct {
		doc  func(n int) string
		most int
		want string
	}{
		"depth":             {nested, maxDepth, "nested more than 256 deep"},
		"attributes":        {func(n int) string { return "<a" + numbered(n, " b%d=''") + "/>" }, maxAttributes, "more than 256 attributes"},
		"prefixes of a tag": {func(n int) string { return "<a" + numbered(n, " xmlns:p%d='u'") + "/>" }, maxPrefixes, "more than 256 prefixes"},
		"prefixes in scope": {func(n int) string {
			return "<a" + numbered(n/2, " xmlns:p%d='u'") + "><a" + numbered(n-n/2, " xmlns:q%d='u'") + "/></a>"
		}, maxPrefixes, "more than 256 prefixes"},
		"prefixes that hide each other": {func(n int) string {
			return strings.Repeat("<a xmlns:p='u' xmlns:q='u'>", n/2) + strings.Repeat("<a xmlns='u'>", n%2) + strings.Repeat("</a>", n/2+n%2)
		}, maxPrefixes, "more than 256 prefixes"},
		"element's name":       {func(n int) string { return "<" + long(n) + "></" + long(n) + ">" }, maxName, "longer than 1024 bytes"},
		"empty element's name": {func(n int) string { return "<" + long(n) + "/>" }, maxName, "longer than 1024 bytes"},
		"prefix":               {func(n int) string { return "<a xmlns:" + long(n-6) + "='u'/>" }, maxName, "longer than 1024 bytes"},
		"attribute's name":     {func(n int) string { return "<a " + long(n) + "=''/>" }, maxName, "longer than 1024 bytes"},
		"instruction's name":   {func(n int) string { return "<?" + long(n) + " ?><a/>" }, maxName, "longer than 1024 bytes"},
		"namespace":            {func(n int) string { return "<a xmlns:p='" + long(n) + "'/>" }, maxName, "longer than 1024 bytes"},
		"default namespace":    {func(n int) string { return "<a xmlns='" + long(n) + "'/>" }, maxName, "longer than 1024 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := events(c.doc(c.most)); err != nil {
				t.Errorf("%d are refused: %v", c.most, err)
			}
			for _, n := range []int{c.most + 1, 40_000} {
				_, err := events(c.doc(n))
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "at byte") || len(err.Error()) > 300 {
					t.Errorf("%d: %v; want %q", n, err, c.want)
				}
			}
		})
	}
}

// TestReader_typeIsBounded keeps a long xsi:type out of error messages.
func TestReader_typeIsBounded(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{maxName: true, maxName + 1: false} {
		r := NewReader(`<a xmlns:xsi="` + xsiNamespace + `" xsi:type="` + strings.Repeat("T", n) + `"/>`)
		r.Root()
		if _, local, ok := r.Type(); ok != want || ok && len(local) != n {
			t.Errorf("%d bytes: %t, %v", n, ok, r.Err())
		}
	}
}

// shapes are documents of n parts, each as costly as the bounds allow.
var shapes = map[string]func(n int) string{
	"attributes": func(n int) string { return "<r>" + strings.Repeat("<a"+numbered(200, " b%d=''")+"/>", n/200) + "</r>" },
	"few attributes": func(n int) string {
		return "<r>" + strings.Repeat("<a"+numbered(few, " b%d=''")+"/>", n/few) + "</r>"
	},
	"prefixed attributes": func(n int) string {
		return "<r" + numbered(200, " xmlns:p%d='u%[1]d'") + ">" + strings.Repeat("<a"+numbered(200, " p%d:b=''")+"/>", n/200) + "</r>"
	},
	"prefix out of many": func(n int) string {
		return "<r" + numbered(250, " xmlns:p%d='u'") + ">" + strings.Repeat("<p1:a/>", n) + "</r>"
	},
	"nil under many prefixes": func(n int) string {
		return "<r xmlns:xsi='" + xsiNamespace + "'" + numbered(250, " xmlns:p%d='u'") + ">" + strings.Repeat(`<a xsi:nil="true"/>`, n) + "</r>"
	},
	"declarations": func(n int) string {
		return "<r>" + strings.Repeat("<a"+numbered(200, " xmlns:p%d='u'")+"/>", n/200) + "</r>"
	},
	"declarations under many": func(n int) string {
		return "<r" + numbered(250, " xmlns:p%d='u'") + ">" + strings.Repeat("<a xmlns:q='u' xmlns:p1='v'><q:b/></a>", n) + "</r>"
	},
	"declarations that cross the bound of few": func(n int) string {
		return "<r" + numbered(few, " xmlns:p%d='u'") + ">" + strings.Repeat("<a xmlns:q='u'/><p1:a/>", n) + "</r>"
	},
	"depth": func(n int) string { return "<r>" + strings.Repeat(nested(maxDepth-2), n/maxDepth) + "</r>" },
	"long names": func(n int) string {
		return "<r>" + strings.Repeat("<"+strings.Repeat("n", maxName)+"/>", n/100) + "</r>"
	},
	"references":   func(n int) string { return "<r>" + strings.Repeat("&amp;", n) + "</r>" },
	"in a value":   func(n int) string { return "<r a='" + strings.Repeat("&#65;", n) + "'/>" },
	"comments":     func(n int) string { return "<r>x" + strings.Repeat("<!---->x", n) + "</r>" },
	"instructions": func(n int) string { return strings.Repeat("<?p?>", n) + "<r/>" },
	"CDATA":        func(n int) string { return "<r>" + strings.Repeat("<![CDATA[]]>", n) + "</r>" },
	"elements":     func(n int) string { return "<r>" + strings.Repeat("<a></a>", n) + "</r>" },
	"markup in a value": func(n int) string {
		return "<r>" + strings.Repeat("t<b>t</b>", n) + "</r>"
	},
}

// ways are what can be done with a document, as far as cost is concerned.
var ways = map[string]func(r *Reader){
	"elements": func(r *Reader) {
		for r.Root(); r.err == nil && len(r.open) > 0; {
			r.Next()
		}
	},
	"known elements": func(r *Reader) {
		for r.Root(); r.err == nil && len(r.open) > 0; {
			r.Child()
		}
	},
	"skipped": func(r *Reader) { r.Root(); r.Skip() },
	"text":    func(r *Reader) { r.Root(); r.Text() },
	"types": func(r *Reader) {
		for r.Root(); r.err == nil && len(r.open) > 0; r.Next() {
			r.Type()
		}
	},
}

// TestReader_workIsLinear states the work as a ratio of two sizes: counted steps, and
// allocations.
func TestReader_workIsLinear(t *testing.T) {
	const size, times = 2_000, 4
	for name, shape := range shapes {
		small, large := shape(size), shape(size*times)
		for way, read := range ways {
			measure := func(doc string) (steps, allocs float64) {
				allocs = testing.AllocsPerRun(1, func() {
					r := NewReader(doc)
					if read(r); r.Err() != nil {
						t.Fatalf("%s, %s: %v", name, way, r.Err())
					}
					steps = float64(r.work.steps)
				})
				return steps, allocs
			}
			steps, allocs := measure(small)
			moreSteps, moreAllocs := measure(large)
			if moreSteps > steps*(times+1) || moreAllocs > allocs*(times+1)+20 {
				t.Errorf("%s, %s: %d times the size costs %.1f times the steps and %.1f times the allocations", name, way, times, moreSteps/steps, moreAllocs/allocs)
			}
			if moreSteps > 2*float64(len(large)) {
				t.Errorf("%s, %s: %.0f steps for %d bytes", name, way, moreSteps, len(large))
			}
		}
	}
}

// lasting is a context that ends after Err has been asked so many times.
type lasting struct {
	context.Context
	looks int
}

func (c *lasting) Err() error {
	if c.looks--; c.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestReader_stopsWithItsContext holds that no shape of a document keeps the reader from
// looking at its context.
func TestReader_stopsWithItsContext(t *testing.T) {
	t.Parallel()
	const size, looks = 30_000, 1
	for name, shape := range shapes {
		doc := shape(size)
		if name == "long names" { // few steps, of which each is bounded
			doc = shape(40 * size)
		}
		for way, read := range ways {
			if name == "in a value" && way == "types" {
				continue // the same as elements
			}
			r := NewReaderContext(&lasting{t.Context(), looks}, doc)
			read(r)
			var syntax *SyntaxError
			if !errors.Is(r.Err(), context.DeadlineExceeded) || !errors.As(r.Err(), &syntax) || !strings.Contains(syntax.Msg, "stopped") {
				t.Errorf("%s, %s: read to the end, %v", name, way, r.Err())
			} else if most := (looks + 1) * (stepsBetweenLooks + maxAttributes*2); r.work.steps > most {
				t.Errorf("%s, %s: stopped after %d steps, want %d at most", name, way, r.work.steps, most)
			}
		}
	}
	r := NewReaderContext(&lasting{t.Context(), 0}, "<a/>")
	if _, _, ok := r.Root(); ok || !errors.Is(r.Err(), context.DeadlineExceeded) {
		t.Errorf("the context has ended before: %v", r.Err())
	}
	if _, err := events("<a"); errors.Unwrap(err) != nil {
		t.Errorf("a document's own error wraps %v", errors.Unwrap(err))
	}
}

// TestReader_manyPrefixes holds the index of prefixes to what a search finds.
func TestReader_manyPrefixes(t *testing.T) {
	t.Parallel()
	doc := "<r" + numbered(few, " xmlns:p%d='u%[1]d'") + ">" +
		"<a xmlns:q='1' xmlns:p1='2'><p1:x/><q:x/><b xmlns:p1='3'><p1:x/></b><p1:x/></a>" + // above the bound
		"<p1:x/>" + // below it
		"<a xmlns:s='4' xmlns:q='5'><q:x/><s:x/><p1:x/><p8:x/></a>" + // others in the same places
		"<a xmlns:p8='6'><p8:x/></a><p8:x/></r>"
	tree, err := events(doc)
	want := ""
	for _, space := range []string{"2", "1", "3", "2", "u1", "5", "4", "u1", "u8", "6", "u8"} {
		want += "{" + space + "} "
	}
	got := ""
	for line := range strings.Lines(tree) {
		if strings.HasSuffix(line, "x\n") {
			got += strings.TrimSuffix(strings.TrimPrefix(line, "<"), "x\n") + " "
		}
	}
	if err != nil || got != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	for _, gone := range []string{"<s:x/>", "<q:x/>"} {
		if _, err := events(strings.Replace(doc, "</r>", gone+"</r>", 1)); err == nil || !strings.Contains(err.Error(), "not declared") {
			t.Errorf("%s is taken out of its scope: %v", gone, err)
		}
	}
	for _, twice := range []string{" xmlns:p1=''", " xmlns:p1='v'", " xmlns:p8='u8'"} {
		if _, err := events(strings.Replace(doc, "<r", "<r"+twice, 1)); err == nil {
			t.Errorf("%s is taken although it stands twice", twice)
		}
	}
}

func TestReader_manyAttributes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, few, few + 1, maxAttributes - 1} {
		head := "<r xmlns:p='u' xmlns:q='u' xmlns:s='v'"
		for attributes, want := range map[string]string{
			numbered(n, " b%d=''"):                  "",
			numbered(n-1, " b%d=''") + " p:b1=''":   "",
			numbered(n-1, " b%d=''") + " b1=''":     "b1 stands twice",
			" b1=''" + numbered(n-1, " b%d=''"):     "b1 stands twice",
			numbered(n-1, " p:b%d=''") + " q:b1=''": "b1 stands twice",
			numbered(n-1, " p:b%d=''") + " s:b1=''": "",
		} {
			_, err := events(head + attributes + "/>")
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%d attributes: %v, want %q", n, err, want)
			}
		}
	}
}

// FuzzReaderWork puts documents together from parts that are repeated, as attacks are.
func FuzzReaderWork(f *testing.F) {
	f.Add("<r>", "<a b='' c=''/>", "</r>", uint16(1000))
	f.Add("<r xmlns:p1='u' xmlns:p2='u'>", "<p1:a p2:b=''>", "</p1:a>", uint16(300))
	f.Add("<r", " xmlns:p%d='u' p%d:b=''", "/>", uint16(40_000))
	f.Add("<r a='", "&amp;", "'/>", uint16(9000))
	f.Add("<r>", "<a xmlns:p%d='u'>", "", uint16(200))
	f.Fuzz(func(t *testing.T, head, part, tail string, n uint16) {
		part = strings.ReplaceAll(part, "%d", "\x00")
		if len(part) > 100 || len(head)+len(tail) > 1<<16 {
			t.Skip("large without repetition")
		}
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			b.WriteString(strings.ReplaceAll(part, "\x00", fmt.Sprint(i)))
		}
		doc := b.String() + tail
		for way, read := range ways {
			r := NewReader(doc)
			if read(r); r.work.steps > 2*len(doc)+few*few {
				t.Errorf("%s: %d steps for %d bytes", way, r.work.steps, len(doc))
			}
			if len(r.attrs) > maxAttributes || len(r.scope.bindings) > maxPrefixes || len(r.open) > maxDepth || math.MaxInt32 < len(doc) {
				t.Errorf("%s: a bound is exceeded", way)
			}
		}
	})
}
