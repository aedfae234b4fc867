package porttest

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Groups of codes that the documentation does not tell apart.
var (
	missing      = []fault.Code{fault.CodeParameterRequired, fault.CodeInvalidRequest}
	bad          = []fault.Code{fault.CodeBadParameter, fault.CodeBadParameterValue}
	missingOrBad = slices.Clip(slices.Concat(missing, bad))
)

// refused checks that a call was answered by one of the given faults.
func refused(t testing.TB, err error, codes ...fault.Code) {
	t.Helper()
	if !slices.ContainsFunc(codes, func(code fault.Code) bool { return errors.Is(err, code) }) {
		t.Errorf("error %v, want one of the faults %v", err, numbers(codes))
	}
}

// outside checks that a value which is not in its enumeration was refused. A server answers with a fault; a client
// cannot even encode the value, so its error names the value and does not come from the server.
func outside(t testing.TB, err error, value string) {
	t.Helper()
	if err != nil && !fault.FromServer(err) && strings.Contains(err.Error(), strconv.Quote(value)) {
		return
	}
	refused(t, err, bad...)
}

func numbers(codes []fault.Code) []int {
	list := make([]int, len(codes))
	for i, code := range codes {
		list[i] = int(code)
	}
	return list
}

// must ends the test if a call failed. It takes the two results of a call and returns a function of t, so that a call
// can be written inside of the parentheses.
func must[T any](out T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// equal checks a value of an answer.
func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// sameList checks a list of an answer, in order.
func sameList[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// sameSet checks a list of an answer whose order is not documented.
func sameSet[T int64 | int32 | string](t testing.TB, what string, got, want []T) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	sameList(t, what, got, want)
}

// key is a lead key.
func key(kind gen.LeadKeyRef, value string) *gen.LeadKey {
	return &gen.LeadKey{KeyType: kind, KeyValue: value}
}

// idKey returns the key for a Marketo id.
func idKey(id int64) *gen.LeadKey { return key(gen.LeadKeyRefIDNUM, strconv.FormatInt(id, 10)) }

// attribute is an attribute of a request.
func attribute(name, value string) gen.Attribute {
	return gen.Attribute{AttrName: name, AttrValue: value}
}

func attributes(list ...gen.Attribute) gen.ArrayOfAttribute {
	return gen.ArrayOfAttribute{Attribute: list}
}

// valueOf returns the value of an attribute; false if the attribute is missing or occurs more than once.
func valueOf(list []gen.Attribute, name string) (string, bool) {
	var found []string
	for _, a := range list {
		if a.AttrName == name {
			found = append(found, a.AttrValue)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// hasValue checks an attribute of an answer.
func hasValue(t testing.TB, list []gen.Attribute, name, want string) {
	t.Helper()
	if got, ok := valueOf(list, name); !ok || got != want {
		t.Errorf("attribute %s is %q (found: %t), want %q, once, in %v", name, got, ok, want, list)
	}
}

// page is what a case looks at in a page of any stream: the ids of its records, the position after it, and whether
// more follow. P is the type of positions, which some operations write as text and others as a structure.
type page[P any] struct {
	ids  []int64
	next P
	more bool
}

// maxPages ends a reading that does not make progress. It is more than any case needs, even if every page is shorter
// than asked for.
const maxPages = 200

// reading is a stream that was read from its start to its end.
type reading[P any] struct {
	ids       []int64 // of all records, in order
	sizes     []int   // of the pages
	positions []P     // after each page
}

// readAll reads a stream page by page from the position start until no more records follow.
func readAll[P any](t testing.TB, start P, read func(at P) (page[P], error)) *reading[P] {
	t.Helper()
	all := new(reading[P])
	for at := start; len(all.sizes) < maxPages; {
		p, err := read(at)
		if err != nil {
			t.Fatalf("page %d: %v", len(all.sizes)+1, err)
		}
		all.ids, all.sizes, all.positions = append(all.ids, p.ids...), append(all.sizes, len(p.ids)), append(all.positions, p.next)
		at = p.next
		if !p.more {
			return all
		}
	}
	t.Fatalf("the reading does not end within %d pages", maxPages)
	return nil
}

// again reads the second page once more, from the position after the first. It has to bring the same records although
// the stream was read to its end meanwhile: a program that resumes from a stored position depends on it. A short page
// may be a beginning of it.
func (r *reading[P]) again(t testing.TB, f Fixture, read func(at P) (page[P], error)) {
	t.Helper()
	if len(r.sizes) < 2 {
		t.Fatal("all records are on one page")
	}
	p, err := read(r.positions[0])
	want := r.ids[r.sizes[0]:]
	switch {
	case err != nil:
		t.Errorf("the second page cannot be read again: %v", err)
	case f.ShortPages && len(p.ids) <= len(want):
		sameList(t, "the second page, read again", p.ids, want[:len(p.ids)])
	default:
		sameList(t, "the second page, read again", p.ids, want[:r.sizes[1]])
	}
}

// tampered changes one letter in the middle of a position. The service has to notice, since positions are opaque and
// nobody may make one up.
func tampered(position string) string {
	middle := len(position) / 2
	letter := byte('A')
	if position[middle] == letter {
		letter = 'B'
	}
	return position[:middle] + string(letter) + position[middle+1:]
}
