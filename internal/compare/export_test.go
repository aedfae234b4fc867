package compare

import "github.com/mktows/mktows-go/gen"

// Rules are the names of the differences that are recognised.
func Rules() (names []string) {
	for name := range rules {
		names = append(names, name)
	}
	return names
}

// Following returns the request for the next page, and whether there is one.
func Following(in, out gen.Message) (next gen.Message, more bool) {
	p := pageOf(out)
	if p == nil || !p.more {
		return nil, false
	}
	return following(in, out), true
}
