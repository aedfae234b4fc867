package compare

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// finder collects the differences of two answers.
type finder struct {
	request       gen.Message
	operation     string
	options       *Options
	recordedFault fault.Code
	answeredFault fault.Code

	incomplete bool // the recording breaks off before the end of its stream
	span       span // of the activities that were recorded
	found      []Difference
	later      int
}

// place is where in two answers something differs.
type place struct {
	path  string   // with what tells elements apart
	kind  string   // the same for records of a type
	names []string // without either
	// The elements, and the records that they are in; one of each may be nil.
	recorded, answered             *node
	recordedRecord, answeredRecord *node
	attribute                      *node // that has a name and a value: the recorded one, or else the answered
}

func (p *place) last() string { return p.names[len(p.names)-1] }

// in reports whether the place is inside of an element of a name, or is one.
func (p *place) in(name string) bool { return slices.Contains(p.names, name) }

// either returns the element that is there.
func (p *place) either() *node {
	if p.recorded != nil {
		return p.recorded
	}
	return p.answered
}

// inner returns the place of elements inside.
func (p *place) inner(kind, path string, recorded, answered *node) *place {
	q := &place{recorded: recorded, answered: answered, recordedRecord: p.recordedRecord, answeredRecord: p.answeredRecord, attribute: p.attribute}
	q.kind, q.path = strings.TrimPrefix(p.kind+"."+kind, "."), strings.TrimPrefix(p.path+"."+path, ".")
	name := q.either().name
	q.names = append(slices.Clone(p.names), name)
	if name == "attribute" || name == "attrib" {
		q.attribute = q.either()
	}
	if isRecord(name) {
		q.recordedRecord, q.answeredRecord = recorded, answered
	}
	return q
}

func isRecord(name string) bool {
	switch name {
	case "leadRecord", "activityRecord", "leadChangeRecord", "mObject", "customObj":
		return true
	}
	return false
}

// compare compares the pages of the recording with those that were answered.
func (f *finder) compare(recorded, answered []gen.Message) {
	if f.recordedFault != 0 || f.answeredFault != 0 {
		if f.recordedFault != f.answeredFault {
			f.note(&place{kind: "fault", path: "fault", names: []string{"fault"}}, "fault", faultText(f.recordedFault), faultText(f.answeredFault))
		}
		return
	}
	if p := pageOf(recorded[len(recorded)-1]); p != nil {
		f.incomplete = p.more
	}
	var records []*node
	for _, out := range recorded {
		if p := pageOf(out); p != nil {
			records = append(records, p.records...)
		}
	}
	f.span = spanOf(records)
	f.elements(&place{recorded: whole(recorded), answered: whole(answered), names: []string{"answer"}})
}

func faultText(c fault.Code) string {
	if c == 0 {
		return "an answer"
	}
	return strconv.Itoa(int(c))
}

// whole returns the tree of an answer, or of the pages of a stream as if they were one. How many records a page has then says nothing;
// how many remain is kept of the first.
func whole(pages []gen.Message) *node {
	all := tree(reflect.ValueOf(pages[0]), pages[0].ElementName())
	if pageOf(pages[0]) == nil || all == nil {
		return all
	}
	var records []*node
	for _, out := range pages {
		records = append(records, pageOf(out).records...)
	}
	result := &node{name: all.inner[0].name}
	for _, n := range all.inner[0].inner {
		if n.name == "remainingCount" && n.text != "0" || n.name == "objTypeName" {
			result.inner = append(result.inner, n)
		}
	}
	result.inner = append(result.inner, latestOfEach(records)...)
	return &node{name: all.name, inner: []*node{result}}
}

// latestOfEach leaves of leads that come again in a stream the last.
func latestOfEach(records []*node) []*node {
	places := make(map[string]int)
	var list []*node
	for _, n := range records {
		id := n.value("Id")
		at, again := places[id]
		switch {
		case n.name != "leadRecord" || id == "":
			list = append(list, n)
		case again:
			list[at] = n
		default:
			places[id] = len(list)
			list = append(list, n)
		}
	}
	return list
}

// elements compares what is in two elements.
func (f *finder) elements(p *place) {
	var names []string
	for _, n := range []*node{p.recorded, p.answered} {
		if n == nil {
			continue
		}
		for _, inner := range n.inner {
			if !slices.Contains(names, inner.name) {
				names = append(names, inner.name)
			}
		}
	}
	for _, name := range names {
		f.ofName(p, named(p.recorded, name), named(p.answered, name))
	}
}

func named(n *node, name string) (list []*node) {
	if n != nil {
		for _, inner := range n.inner {
			if inner.name == name {
				list = append(list, inner)
			}
		}
	}
	return list
}

// ofName compares the elements of one name in two elements.
func (f *finder) ofName(p *place, recorded, answered []*node) {
	pairs := align(recorded, answered)
	for i, pair := range pairs {
		n := pair.recorded
		if n == nil {
			n = pair.answered
		}
		kind, path := n.name, n.name
		if _, keyed := keys[n.name]; keyed || len(pairs) > 1 {
			kind, path = step(n, i+1)
		}
		f.element(p.inner(kind, path, pair.recorded, pair.answered))
	}
	if len(recorded) > 0 && !slices.Contains(unordered, recorded[0].name) && !inOrder(pairs, answered) {
		q := p.inner(recorded[0].name, recorded[0].name, recorded[0], answered[0])
		f.note(q, "order", "", "")
	}
}

// element compares an element that one of the answers may lack.
func (f *finder) element(p *place) {
	n := p.either()
	switch {
	case f.ignores(n):
	case p.recorded == nil && isRecord(n.name) && f.isLater(n):
		f.later++
	case (p.recorded == nil || p.answered == nil) && len(n.inner) > 0 && keys[n.name] == nil:
		f.elements(p) // it only holds others
	case p.recorded == nil:
		f.note(p, "added", "", n.all())
	case p.answered == nil && n.name == "remainingCount":
		// It tells of the end of the stream, and so do the records.
	case p.answered == nil:
		f.note(p, "missing", n.all(), "")
	case len(p.recorded.inner) > 0 || len(p.answered.inner) > 0:
		f.elements(p)
	case n.name == "attrType":
		// It says what form the value has, which is looked at there.
	case !same(p):
		f.note(p, "changed", p.recorded.text, p.answered.text)
	}
}

// ignores reports whether an element, or an attribute of that name, is not to be compared.
func (f *finder) ignores(n *node) bool {
	return slices.ContainsFunc(f.options.Ignore, func(name string) bool {
		return name == n.name || name == n.value("attrName") || name == n.value("name") && n.name == "attrib"
	})
}

// isLater reports whether a record lies after the recording, or outside of its part of a stream.
func (f *finder) isLater(n *node) bool {
	times := timesOf([]*node{n})
	if len(times) == 0 {
		return f.incomplete
	}
	t := times[0]
	return t.After(f.span.latest) || f.incomplete && (!t.After(f.span.earliest) || !t.Before(f.span.latest))
}

// note adds a difference.
func (f *finder) note(p *place, what, recorded, answered string) {
	if p.last() == "remainingCount" && what == "added" {
		return // as above
	}
	field, expected := strings.TrimPrefix(p.kind, "result."), f.expected(p, what)
	for i := range f.found {
		if d := &f.found[i]; d.Field == field && d.What == what && d.Expected == expected {
			d.Count++
			return
		}
	}
	f.found = append(f.found, Difference{field, what, 1, strings.TrimPrefix(p.path, "result."), recorded, answered, expected})
}

// same reports whether two values are one, whatever their form.
func same(p *place) bool {
	a, b := p.recorded.text, p.answered.text
	if a == b {
		return true
	}
	if p.recorded.moment {
		t, err1 := gen.DateTime(a).Time()
		u, err2 := gen.DateTime(b).Time()
		return err1 == nil && err2 == nil && t.Equal(u)
	}
	return p.last() == "attrValue" && p.attribute != nil && sameValue(p.attribute.value("attrType"), a, b)
}

// sameValue reports whether two texts of a type are one value. Without a type, both have to look like numbers.
func sameValue(kind, a, b string) bool {
	switch strings.ToLower(kind) {
	case "boolean":
		return flag(a) == flag(b)
	case "date", "datetime":
		t, ok1 := moment(a)
		u, ok2 := moment(b)
		return ok1 && ok2 && t.Equal(u)
	case "integer", "float", "currency", "percent", "score", "number":
	case "":
		if strings.HasPrefix(a, "0") || strings.HasPrefix(b, "0") || strings.HasPrefix(a, "+") || strings.HasPrefix(b, "+") {
			return false // as in postal codes and telephone numbers
		}
	default:
		return false
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && x == y
}

func flag(text string) string {
	switch text {
	case "1":
		return "true"
	case "0":
		return "false"
	}
	return strings.ToLower(text)
}

// moment reads a time in a form that fields have.
func moment(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
