package simulator

import (
	"slices"
	"sort"
)

// blockEntries is how many entries a block of an ordered set has at most: inserting one
// moves no more than that, and counting looks at one number for each block.
const blockEntries = 512

// ordered is a set of entries in order. Entries come and go anywhere at the price of a
// block. The zero value is empty.
type ordered struct {
	blocks [][]entry // none is empty
}

// find returns the place of the first entry that is not before e.
func (o *ordered) find(e entry) (block, i int) {
	block = sort.Search(len(o.blocks), func(k int) bool { return last(o.blocks[k]).compare(e) >= 0 })
	if block < len(o.blocks) {
		i, _ = slices.BinarySearchFunc(o.blocks[block], e, entry.compare)
	}
	return block, i
}

// insert adds an entry that is not in the set.
func (o *ordered) insert(e entry) {
	b, i := o.find(e)
	if b == len(o.blocks) {
		o.append(e)
		return
	}
	block := slices.Insert(o.blocks[b], i, e)
	o.blocks[b] = block
	if len(block) > blockEntries {
		const half = blockEntries / 2
		o.blocks = slices.Insert(o.blocks, b+1, slices.Clone(block[half:]))
		o.blocks[b] = block[:half]
	}
}

// append adds an entry after all others, the usual case: blocks become full.
func (o *ordered) append(e entry) {
	if n := len(o.blocks); n > 0 && len(o.blocks[n-1]) < blockEntries {
		o.blocks[n-1] = append(o.blocks[n-1], e)
		return
	}
	o.blocks = append(o.blocks, []entry{e})
}

// remove takes an entry out, if it is there.
func (o *ordered) remove(e entry) {
	b, i := o.find(e)
	if b == len(o.blocks) || o.blocks[b][i] != e {
		return
	}
	if o.blocks[b] = slices.Delete(o.blocks[b], i, i+1); len(o.blocks[b]) == 0 {
		o.blocks = slices.Delete(o.blocks, b, b+1)
	}
}

// run returns the entries of a span.
func (o *ordered) run(s span) run {
	b, i := o.find(s.since)
	end, k := o.find(s.before)
	if b == len(o.blocks) || s.since.compare(s.before) >= 0 {
		return run{}
	}
	left := k - i
	for _, block := range o.blocks[b:end] {
		left += len(block)
	}
	return run{o.blocks[b][i:], o.blocks[b+1:], left}
}

// run is a row of entries, oldest first, of which so many are left.
type run struct {
	head []entry
	rest [][]entry
	left int
}

// next drops the first entry.
func (r *run) next() {
	r.left--
	if r.head = r.head[1:]; len(r.head) == 0 && len(r.rest) > 0 {
		r.head, r.rest = r.rest[0], r.rest[1:]
	}
}

// oldest returns up to n entries of the runs, oldest first, and how many there are in
// all. The runs are used up.
func oldest(runs []run, n int) (page []entry, total int) {
	runs = slices.DeleteFunc(runs, func(r run) bool { return r.left == 0 })
	for _, r := range runs {
		total += r.left
	}
	for i := len(runs)/2 - 1; i >= 0; i-- {
		sink(runs, i)
	}
	page = make([]entry, 0, min(n, total))
	for len(page) < cap(page) {
		page = append(page, runs[0].head[0])
		if runs[0].next(); runs[0].left == 0 {
			runs[0] = runs[len(runs)-1]
			runs = runs[:len(runs)-1]
		}
		sink(runs, 0)
	}
	return page, total
}

// sink restores the heap of runs, the one with the oldest entry first, below i.
func sink(runs []run, i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(runs); child++ {
			if runs[child].head[0].compare(runs[least].head[0]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		runs[i], runs[least] = runs[least], runs[i]
		i = least
	}
}
