package soapxml

import (
	"slices"
	"strings"
)

const (
	maxPassed     = 20 // names that a reader notes: a document may have any number of them
	maxPassedPath = 8  // elements of the path of one

	// maxPassedPlaces is how often a reader looks whether it has noted a name already. That costs far more than passing over
	// what stands there, and a document is read before anybody knows who sent it.
	maxPassedPlaces = 10_000
)

// NotePassed makes the reader note what it passes over because the schema lacks it: see
// [Reader.Passed]. It has to be called before reading begins.
func (r *Reader) NotePassed() { r.noting = true }

// Passed returns what was skipped, each once, in the order of the document: elements by
// their path from the element in the body, such as leadRecord/email, or from the envelope,
// such as Header/Security; text where the schema has none as leadRecord/text(). The first 20
// are kept, of a document with more than 10,000 such places those of the first 10,000, and after them
// comes "…". What stands inside is not told.
func (r *Reader) Passed() []string { return r.passed }

// notePassed records the open element, or a part of it, as skipped. Reading does not fail because of it: a
// service may add elements, and a client that broke by that would break without need. But someone who tests a client
// wants to hear of a misspelt element.
func (r *Reader) notePassed(part string) {
	if !r.noting || r.err != nil || len(r.passed) > maxPassed {
		return
	}
	r.places++
	if r.places > maxPassedPlaces {
		r.passed, r.noting = append(r.passed, "…"), false
		return
	}
	path := r.passedPath(part)
	switch {
	case path == "" || slices.Contains(r.passed, path):
	case len(r.passed) == maxPassed:
		r.passed = append(r.passed, "…")
	default:
		r.passed = append(r.passed, path)
	}
}

// passedPath returns the path of the open element without prefixes, and a part of it.
func (r *Reader) passedPath(part string) string {
	var names []string
	for i := range r.open[:min(len(r.open), maxPassedPath)] {
		_, local := splitName(r.name(&r.open[i]))
		names = append(names, strings.Clone(clip(local))) // the document need not be kept for it
	}
	names = names[min(1, len(names)):]
	if len(names) > 0 && names[0] == "Body" {
		names = names[min(2, len(names)):]
	}
	if part != "" {
		names = append(names, part)
	}
	return strings.Join(names, "/")
}
