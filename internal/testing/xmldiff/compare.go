package xmldiff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// most is how many differences are told: after a few, they follow from each other.
const most = 10

// comparison collects the differences of two documents.
type comparison struct {
	ignore []string
	found  []string
}

// place is where an element stands, in local names: with numbers for a reader, and
// without, for Ignore.
type place struct{ shown, plain string }

func (p place) child(step, local string) place {
	return place{p.shown + "/" + step, p.plain + "/" + local}
}

func (c *comparison) String() string {
	if len(c.found) > most {
		c.found = append(c.found[:most], "and more")
	}
	return strings.Join(c.found, "\n")
}

func (c *comparison) report(at place, what, a, b string) {
	c.found = append(c.found, fmt.Sprintf("%s: %s\n  a: %s\n  b: %s", at.shown, what, a, b))
}

func (c *comparison) ignored(at place) bool {
	return slices.ContainsFunc(c.ignore, func(name string) bool {
		return at.plain == name || strings.HasSuffix(at.plain, "/"+name)
	})
}

func (c *comparison) element(at place, a, b *node) {
	c.attributes(at, a.attrs, b.attrs)
	if !c.ignored(at) {
		c.content(at, a, b)
	}
}

// content compares what is inside two elements of one name, up to the first child
// that is not the same: what comes after it would be compared with the wrong one.
func (c *comparison) content(at place, a, b *node) {
	names := steps(a.inner)
	for i := range max(len(a.inner), len(b.inner)) {
		x, y := child(a, i), child(b, i)
		switch {
		case len(c.found) > most:
			return
		case x == nil || y == nil || x.name != y.name:
			c.report(at, fmt.Sprintf("child %d", i+1), describe(x), describe(y))
			return
		case !x.isText():
			c.element(at.child(names[i], x.name.local), x, y)
		case x.text != y.text:
			p, q := around(x.text, y.text)
			c.report(at, "text", p, q)
		}
	}
}

func child(n *node, i int) *node {
	if i < len(n.inner) {
		return n.inner[i]
	}
	return nil
}

func describe(n *node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.isText():
		text, _ := around(n.text, "")
		return "the text " + text
	}
	return "the element " + n.name.String()
}

// attributes reports attributes that only one of the elements has, or that have different values. They are compared
// in the order of their names, so that the report does not depend on the order of a map.
func (c *comparison) attributes(at place, a, b map[name]string) {
	names := slices.Collect(maps.Keys(a))
	for n := range b {
		if _, ok := a[n]; !ok {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(m, n name) int { return strings.Compare(m.String(), n.String()) })
	for _, n := range names {
		x, inA := a[n]
		y, inB := b[n]
		if inA && inB && x == y {
			continue
		}
		p, q := around(x, y)
		if !inA {
			p = "nothing"
		}
		if !inB {
			q = "nothing"
		}
		c.report(at, "attribute "+n.String(), p, q)
	}
}

// steps returns how each child is called in a path, with a number, as in XPath, where
// its name is not the only one of its kind.
func steps(inner []*node) []string {
	total := make(map[name]int)
	for _, n := range inner {
		total[n.name]++
	}
	seen := make(map[name]int)
	out := make([]string, len(inner))
	for i, n := range inner {
		seen[n.name]++
		out[i] = n.name.local
		if total[n.name] > 1 {
			out[i] += fmt.Sprintf("[%d]", seen[n.name])
		}
	}
	return out
}

// around quotes two texts, of long ones the part where they begin to differ.
func around(a, b string) (string, string) {
	const before, after = 30, 60
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	from := max(0, same-before)
	for from > 0 && !utf8.RuneStart(a[from]) {
		from--
	}
	return quote(a, from, same+after), quote(b, from, same+after)
}

// quote quotes s[from:to], moved to the bounds of characters.
func quote(s string, from, to int) string {
	head, tail := "", ""
	if from > 0 {
		head = "…"
	}
	if to < len(s) {
		tail = "…"
		for !utf8.RuneStart(s[to]) {
			to--
		}
	}
	return head + fmt.Sprintf("%q", s[from:min(to, len(s))]) + tail
}
