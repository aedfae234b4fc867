package rest

import "testing"

// Lines of CSV share one buffer: a file can have millions of them. It measures allocations: nothing may run beside it.
func TestCSVLines(t *testing.T) { //nolint:paralleltest // see above
	asLine := csvLines()
	for _, test := range []struct {
		values []string
		want   string
	}{{[]string{"a", "b"}, "a,b"}, {[]string{"a,b", `"`}, `"a,b",""""`}, {[]string{""}, ""}, {[]string{"a\nb"}, "\"a\nb\""}} {
		if got := asLine(test.values); got != test.want {
			t.Errorf("%q: %q, want %q", test.values, got, test.want)
		}
	}
	values := []string{"one@example.com", "O"}
	if n := testing.AllocsPerRun(100, func() { _ = asLine(values) }); n > 1 {
		t.Errorf("a line costs %v allocations", n)
	}
}
