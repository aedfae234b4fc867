// Package xmldiff compares XML documents by what they say, not by how they are
// written. It is meant for tests.
//
// Two documents are equal when they have the same elements in the same order, with the
// same texts and attributes. How a namespace is spelt plays no part: prefixes are
// resolved, in names and in the value of xsi:type, wherever they are declared. Nor do
// comments, processing instructions, the XML declaration, the order of attributes,
// CDATA sections, references, <a/> for <a></a>, and white space beside elements.
//
// The text of an element without elements inside is compared to the last character,
// white space included. So is every other attribute, xsi:nil above all.
//
// The package imports beevik/etree and the standard library.
package xmldiff

import "fmt"

// Option changes what Diff compares.
type Option func(*comparison)

// Ignore leaves out the content of some elements, given by their local names, by the
// end of their paths (AuthenticationHeader/requestSignature) or by whole paths that
// begin with "/". A path consists of local names. The elements still have to be there,
// in their places and with their attributes.
func Ignore(names ...string) Option {
	return func(c *comparison) { c.ignore = append(c.ignore, names...) }
}

// Diff returns "" when the documents are equal, and otherwise the first differences: for each
// the path of the element and what either document has there. In a path, the second
// of several children of one name is written name[2]. The error says which document
// is not well-formed, or has a document type declaration, whose effects are not known
// here.
func Diff(a, b []byte, opts ...Option) (string, error) {
	var c comparison
	for _, o := range opts {
		o(&c)
	}
	x, err := parse(a)
	if err != nil {
		return "", fmt.Errorf("xmldiff: document a: %w", err)
	}
	y, err := parse(b)
	if err != nil {
		return "", fmt.Errorf("xmldiff: document b: %w", err)
	}
	c.content(place{}, x, y)
	return c.String(), nil
}
