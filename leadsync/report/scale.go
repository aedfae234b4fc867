package report

// ticks returns the round values of an axis, from 0 to at least greatest, seven at most. Steps are 1, 2 or 5 times a
// power of ten.
func ticks(greatest int64) []int64 {
	step := int64(1)
	for i := 0; step < (greatest+5)/6; i++ {
		step = step * []int64{2, 5, 10}[i%3] / []int64{1, 2, 5}[i%3]
	}
	list := []int64{0, step}
	for n := step; n < greatest; n += step {
		list = append(list, n+step)
	}
	return list
}

// labelled chooses which of n bars get a label: five at most, at equal distances, and none so far to the right that
// its text would not fit.
func labelled(n int) (indexes []int) {
	step := max(1, (n+4)/5)
	for i := 0; i < n && i*100 <= n*86; i += step {
		indexes = append(indexes, i)
	}
	return indexes
}
