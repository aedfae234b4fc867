// Package ordered keeps entries in order, so that a page costs the same wherever it lies, and finds rows by the
// values of their fields.
//
// A sorted slice would do for reading, but inserting into it moves everything behind; a map has no order; a list has
// no places. Hence a tree that knows how many entries are below each node.
package ordered

import (
	"slices"
	"sort"

	"github.com/mktows/mktows-go/simulator/internal/work"
)

const (
	leafEntries = 256 // of a leaf, at most
	nodeKids    = 64  // of an inner node, at most
)

// Set is a set of entries in order: a B+ tree whose nodes know how many entries are
// below them. Inserting, removing, counting and finding a place look at one node of each
// level, so their price grows with the logarithm of the number of entries. The zero value
// is empty.
type Set struct{ root *node }

// node is a leaf with entries, or an inner node with kids. A leaf that becomes empty is
// taken out, but nodes are not joined: a set that shrinks keeps its height.
type node struct {
	low     Entry // nothing below the node lies before it, unless the node is the first of its parent
	n       int   // entries below the node
	entries []Entry
	kids    []*node // nil: it is a leaf
	before  *node   // of a leaf: its neighbours
	after   *node
}

// Len returns how many entries there are. The set may be nil.
func (o *Set) Len() int {
	if o == nil || o.root == nil {
		return 0
	}
	return o.root.n
}

// kid returns the index of the child that an entry belongs to.
func (nd *node) kid(e Entry) int {
	return max(sort.Search(len(nd.kids), func(i int) bool { return nd.kids[i].low.Compare(e) > 0 })-1, 0)
}

func (nd *node) search(e Entry) (int, bool) {
	work.Looked(1)
	return slices.BinarySearchFunc(nd.entries, e, Entry.Compare)
}

// find returns the place of the first entry that is not before e, and how many entries lie
// before it. The leaf is nil if there is no such entry.
func (o *Set) find(e Entry) (leaf *node, i, rank int) {
	if o == nil || o.root == nil {
		return nil, 0, 0
	}
	leaf = o.root
	for leaf.kids != nil {
		work.Looked(1)
		k := leaf.kid(e)
		for _, left := range leaf.kids[:k] {
			rank += left.n
		}
		leaf = leaf.kids[k]
	}
	i, _ = leaf.search(e)
	rank += i
	if i == len(leaf.entries) {
		leaf, i = leaf.after, 0
	}
	return leaf, i, rank
}

// Has reports whether an entry is in the set.
func (o *Set) Has(e Entry) bool {
	leaf, i, _ := o.find(e)
	return leaf != nil && leaf.entries[i] == e
}

// Last returns the last entry, if there is one. The set may be nil.
func (o *Set) Last() (e Entry, ok bool) {
	if o == nil || o.root == nil {
		return Entry{}, false
	}
	nd := o.root
	for nd.kids != nil {
		nd = nd.kids[len(nd.kids)-1]
	}
	return Last(nd.entries), true
}

// Insert adds an entry that is not in the set.
func (o *Set) Insert(e Entry) {
	if o.root == nil {
		o.root = new(node)
	}
	if right := o.root.insert(e); right != nil {
		o.root = &node{kids: []*node{o.root, right}, n: o.root.n + right.n}
	}
}

// insert returns the right half of a node that had to be split.
func (nd *node) insert(e Entry) (right *node) {
	nd.n++
	if nd.kids == nil {
		i, _ := nd.search(e)
		nd.entries = slices.Insert(nd.entries, i, e)
		return nd.splitLeaf(i)
	}
	work.Looked(1)
	k := nd.kid(e)
	if split := nd.kids[k].insert(e); split != nil {
		nd.kids = slices.Insert(nd.kids, k+1, split)
	}
	return nd.splitInner()
}

// splitLeaf splits a leaf that has become too large by the entry at i. Where entries come
// in order, the usual case, the left one stays full.
func (nd *node) splitLeaf(i int) (right *node) {
	if len(nd.entries) <= leafEntries {
		return nil
	}
	at := leafEntries / 2
	if i == leafEntries && nd.after == nil {
		at = leafEntries
	}
	right = &node{entries: slices.Clone(nd.entries[at:]), before: nd, after: nd.after}
	right.low, right.n = right.entries[0], len(right.entries)
	nd.entries, nd.n = nd.entries[:at:at], at
	if right.after != nil {
		right.after.before = right
	}
	nd.after = right
	return right
}

// splitInner splits an inner node that has too many children.
func (nd *node) splitInner() (right *node) {
	if len(nd.kids) <= nodeKids {
		return nil
	}
	const half = nodeKids / 2
	right = &node{kids: slices.Clone(nd.kids[half:])}
	right.low = right.kids[0].low
	nd.kids = nd.kids[:half:half]
	for _, kid := range right.kids {
		right.n += kid.n
	}
	nd.n -= right.n
	return right
}

// Remove takes an entry out, and reports whether it was there.
func (o *Set) Remove(e Entry) bool {
	if o.root == nil || !o.root.remove(e) {
		return false
	}
	if o.root.n == 0 {
		o.root = nil
	}
	return true
}

// remove removes an entry below a node and reports whether it was there. A child without entries is removed as well.
func (nd *node) remove(e Entry) bool {
	if nd.kids == nil {
		i, found := nd.search(e)
		if found {
			nd.entries = slices.Delete(nd.entries, i, i+1)
			nd.n--
		}
		return found
	}
	k := nd.kid(e)
	kid := nd.kids[k]
	if !kid.remove(e) {
		return false
	}
	nd.n--
	if kid.n == 0 {
		kid.unlink()
		nd.kids = slices.Delete(nd.kids, k, k+1)
	}
	return true
}

// unlink takes a leaf out of the row of leaves.
func (nd *node) unlink() {
	if nd.before != nil {
		nd.before.after = nd.after
	}
	if nd.after != nil {
		nd.after.before = nd.before
	}
}

// Run returns the entries of a span.
func (o *Set) Run(s Span) Run {
	leaf, i, from := o.find(s.Since)
	_, _, to := o.find(s.Before)
	if leaf == nil || to <= from {
		return Run{}
	}
	return Run{head: leaf.entries[i:], leaf: leaf, Left: to - from}
}

// Run is a row of entries, oldest first, of which so many are left.
type Run struct {
	head []Entry
	leaf *node // that head is of; nil: head is all
	Left int
}

// RunOf returns a run of entries that are in order.
func RunOf(entries []Entry) Run { return Run{head: entries, Left: len(entries)} }

// First returns the oldest entry that is left. There must be one.
func (r *Run) First() Entry { return r.head[0] }

// Next drops the first entry.
func (r *Run) Next() {
	work.Looked(1)
	r.Left--
	if r.head = r.head[1:]; len(r.head) == 0 && r.Left > 0 {
		r.leaf = r.leaf.after
		r.head = r.leaf.entries
	}
}

// Runs merges rows of entries: a heap, the row with the oldest entry first.
type Runs []Run

// Merge returns rows in the order of a heap, without those that are empty, and how many
// entries they have in all.
func Merge(rows []Run) (h Runs, total int) {
	h = slices.DeleteFunc(rows, func(r Run) bool { return r.Left == 0 })
	for _, r := range h {
		total += r.Left
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
	return h, total
}

// Next takes the oldest entry off the rows, which must not be empty.
func (h *Runs) Next() Entry {
	rows := *h
	e := rows[0].head[0]
	if rows[0].Next(); rows[0].Left == 0 {
		rows[0] = rows[len(rows)-1]
		rows = rows[:len(rows)-1]
	}
	rows.sink(0)
	*h = rows
	return e
}

// Oldest returns up to n entries of the rows, oldest first, and how many there are in
// all. The rows are used up.
func Oldest(rows []Run, n int) (page []Entry, total int) {
	h, total := Merge(rows)
	page = make([]Entry, 0, min(n, total))
	for len(page) < cap(page) {
		page = append(page, h.Next())
	}
	return page, total
}

// sink restores the heap below i.
func (h Runs) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].head[0].Compare(h[least].head[0]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

// Last returns the last entry of a list, which must not be empty.
func Last(list []Entry) Entry { return list[len(list)-1] }
