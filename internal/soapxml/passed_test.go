package soapxml

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// readKnown reads a message whose schema knows the names a and b.
func readKnown(r *Reader, depth int) {
	for {
		name, ok := r.Child()
		switch {
		case !ok:
			return
		case name == "a" && depth > 0:
			readKnown(r, depth-1)
		case name == "a" || name == "b":
			r.Text()
		default:
			r.Skip()
		}
	}
}

func TestReader_passed(t *testing.T) {
	t.Parallel()
	many := ""
	for i := range 2 * maxPassed {
		many += fmt.Sprintf("<c%d/>", i)
	}
	for body, want := range map[string]string{
		"<a><b>text</b></a>":                           "",
		"<a> <!-- x --><?y?>\n</a>":                    "",
		"<a><c><a/><d>x</d></c></a><c/><c/>":           "a/c c",
		"<a>x</a>y<b>z</b><![CDATA[]]>":                "a/text() text()",
		"<a><b>x<i>y</i>z</b></a>":                     "", // markup in a value
		"<o:q xmlns:o='urn:o'/><p:q xmlns:p='urn:p'/>": "q",
		"<" + strings.Repeat("n", 100) + "/>":          strings.Repeat("n", 64) + "…",
		many:                                           "c0 c1",
	} {
		r := NewReader(`<e:Envelope xmlns:e="urn:e"><e:Body><m>` + body + `</m></e:Body></e:Envelope>`)
		r.NotePassed()
		r.Root()
		r.Next()
		r.Next()
		readKnown(r, 2)
		got := strings.Join(r.Passed(), " ")
		if body == many {
			if n := len(r.Passed()); n != maxPassed+1 || r.Passed()[maxPassed] != "…" || !strings.HasPrefix(got, want) {
				t.Errorf("%d names: %s", n, got)
			}
		} else if got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
		if r.Err() != nil {
			t.Errorf("%s: %v", body, r.Err())
		}
	}
	silent := NewReader("<a><b/>x</a>")
	silent.Root()
	readKnown(silent, 1)
	if silent.Passed() != nil {
		t.Errorf("notes without being asked: %v", silent.Passed())
	}
}

// Children looks ahead: the reader reads on as if nobody had asked.
func TestReader_Children(t *testing.T) {
	t.Parallel()
	r := NewReader(`<r><a x="1"><b><c/></b>t<d/><o:e xmlns:o="urn:o"/></a><f/></r>`)
	r.NotePassed()
	r.Root()
	r.Child()
	if got := r.Children(); !slices.Equal(got, []string{"b", "d"}) {
		t.Errorf("%q", got)
	}
	var names []string
	for {
		name, ok := r.Child()
		if !ok {
			break
		}
		names = append(names, name)
		r.Text()
	}
	if name, _ := r.Child(); !slices.Equal(names, []string{"b", "d"}) || name != "f" || r.Err() != nil {
		t.Errorf("%q, then %s: %v", names, name, r.Err())
	}
	for doc, want := range map[string]int{`<r><a/></r>`: 0, `<r><a></a></r>`: 0, `<r><a><b></c></a></r>`: 1} {
		r := NewReader(doc)
		r.Root()
		r.Child()
		if got := r.Children(); len(got) != want || r.Err() != nil {
			t.Errorf("%s: %q, %v", doc, got, r.Err())
		}
	}
}

// What is passed over in very many places costs no more for each of them than in a few.
func TestReader_passedInManyPlaces(t *testing.T) {
	read := func(places int, end string) (passed []string, allocations float64) {
		doc := `<m>` + strings.Repeat("t<c/>", places/2) + end + `</m>`
		allocations = testing.AllocsPerRun(1, func() {
			r := NewReader(doc)
			r.NotePassed()
			r.Root()
			readKnown(r, 2)
			if passed = r.Passed(); r.Err() != nil {
				t.Error(r.Err())
			}
		})
		return passed, allocations
	}
	if passed, _ := read(maxPassedPlaces-2, "<d/>"); strings.Join(passed, " ") != "text() c d" {
		t.Errorf("passed over: %q", passed)
	}
	passed, most := read(2*maxPassedPlaces, "<d/>")
	if strings.Join(passed, " ") != "text() c …" {
		t.Errorf("passed over: %q", passed)
	}
	if _, more := read(40*maxPassedPlaces, ""); more > most+10 {
		t.Errorf("%.0f allocations, %.0f with a twentieth of the places", more, most)
	}
}
