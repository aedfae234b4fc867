package soapxml

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a document may hold. Without these bounds a small document could cost much time,
// and it is read before anybody knows who sent it. The schema needs a depth of less than
// twenty, three attributes in a tag, a handful of prefixes and names of forty bytes.
const (
	maxDepth      = 256  // of nested elements
	maxAttributes = 256  // of one tag, without the declarations of prefixes
	maxPrefixes   = 256  // in scope at any place
	maxName       = 1024 // bytes of a name, prefix included, and of a namespace
)

// Reader reads one XML document, element by element. The caller asks for what it expects next (a pull parser), so the
// generated code looks like the structure that it fills, and no tree of the document is ever built.
//
// It keeps the first error and then answers every question with "no more". So generated code need not check for an
// error after each element; whoever has started the reading asks for it once, at the end. A Reader is not safe for
// concurrent use.
type Reader struct {
	doc   string
	pos   int
	err   *SyntaxError
	open  []element // the elements around pos, outermost first
	scope scope     // the prefixes that can be used at pos
	work  work

	// about the start tag that was read last
	empty bool // written <a/>: its end is due
	isNil bool // xsi:nil is true
	attrs []attribute
	names map[expandedName]struct{} // those of attrs, where they are many

	last leaf // the value that was read last, for Wrong

	noting bool     // what is passed over
	passed []string // see Passed
	places int      // that were looked at for it
}

// element is an open element. It has offsets into the document and no strings, so that the garbage collector has
// nothing to look at here.
type element struct {
	name, local, end int32 // its name in the document, with and without the prefix
	bindings         int32 // how many were in scope outside
	ours             bool  // inside, names without prefix are in no namespace or in the service's
}

// expandedName is a name with its namespace (Namespaces in XML 1.0, section 2.1).
type expandedName struct{ space, local string }

// attribute is an attribute of the tag that was read last.
type attribute struct {
	expandedName  // the namespace is known when the tag is done
	prefix, value string
}

// SyntaxError tells what is wrong with a document, and where.
type SyntaxError struct {
	Offset int64  // in bytes from the start of the document
	Path   string // the open elements, separated by "/"
	Msg    string
	Value  bool  // the XML is well-formed, but a value is missing or not of its type
	cause  error // why reading was stopped
}

func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("XML: %s (at byte %d)", e.Msg, e.Offset)
	}
	return fmt.Sprintf("XML: %s (in %s, at byte %d)", e.Msg, e.Path, e.Offset)
}

// Unwrap returns the error of the context that stopped the reading, or nil.
func (e *SyntaxError) Unwrap() error { return e.cause }

// NewReader returns a reader of a whole document in UTF-8, with or without a byte
// order mark and an XML declaration. Values that are read share its memory.
func NewReader(doc string) *Reader { return NewReaderContext(context.Background(), doc) }

// NewReaderContext is NewReader for a document that somebody else has sent: reading
// stops, with the error of the context, soon after the context has ended.
func NewReaderContext(ctx context.Context, doc string) *Reader {
	r := &Reader{doc: doc, work: work{ended: ctx.Err}}
	r.open = make([]element, 0, 16)
	r.scope.bindings = make([]binding, 0, 8)
	switch {
	case int64(len(doc)) > math.MaxInt32:
		r.failf(0, "the document is larger than 2 GiB")
	case strings.HasPrefix(doc, "\xFE\xFF") || strings.HasPrefix(doc, "\xFF\xFE"):
		r.failf(0, "the document is in UTF-16, expected UTF-8")
	case !utf8.ValidString(doc):
		r.notUTF8(invalidUTF8(doc))
	}
	return r
}

// notUTF8 records what is wrong at the first byte that is not UTF-8: a document that was
// cut off may end within a character.
func (r *Reader) notUTF8(at int) {
	if utf8.FullRuneInString(r.doc[at:]) {
		r.failf(at, "bytes that are not UTF-8")
	} else {
		r.failf(at, "the document ends inside a character")
	}
}

// invalidUTF8 returns the position of the first byte that is not UTF-8.
func invalidUTF8(s string) int {
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		if size == 1 && s[i] >= utf8.RuneSelf {
			return i
		}
		i += size
	}
	return len(s)
}

// Err returns the first error, a *SyntaxError, or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Failf records an error at the present place, unless there is one already.
func (r *Reader) Failf(format string, args ...any) { r.failf(r.pos, format, args...) }

// failf records an error at a position, unless there is one already, and moves to the end of the document, so that
// every loop ends.
func (r *Reader) failf(at int, format string, args ...any) {
	if r.err == nil {
		r.err = &SyntaxError{Offset: int64(at), Path: r.path(), Msg: fmt.Sprintf(format, args...)}
		r.pos = len(r.doc)
	}
}

// Refuse records that the element that was closed last does not hold what is needed.
// With a name, the error is about that child, which is not there.
func (r *Reader) Refuse(child, format string, args ...any) {
	r.refuse(r.pos, child, format, args...)
}

// refuse records that a value is wrong although the XML is well-formed. The element has been closed by then, so it is
// taken from the stack once more for the path.
func (r *Reader) refuse(at int, child, format string, args ...any) {
	if r.err != nil {
		return
	}
	// Closing an element leaves it where it was on the stack.
	path := strings.TrimSuffix(r.pathOf(r.open[:min(len(r.open)+1, cap(r.open))])+"/"+child, "/")
	r.failf(at, format, args...)
	r.err.Value, r.err.Path = true, path
}

func (r *Reader) path() string { return r.pathOf(r.open) }

// pathOf returns the names of open elements, separated by slashes and limited in number and length: the path becomes
// part of an error message.
func (r *Reader) pathOf(open []element) string {
	const most = 16 // the schema needs no more
	names := make([]string, 0, most)
	for i := range open {
		if len(names) == most {
			names[most-1] = "…"
			break
		}
		names = append(names, clip(r.name(&open[i])))
	}
	return strings.Join(names, "/")
}

// name returns the name of an open element with its prefix; prefix returns the prefix alone.
func (r *Reader) name(e *element) string { return r.doc[e.name:e.end] }

func (r *Reader) prefix(e *element) string { return r.doc[e.name:max(e.name, e.local-1)] }

// Root reads up to the root element and returns its name.
func (r *Reader) Root() (space, local string, ok bool) {
	if strings.HasPrefix(r.doc, "\uFEFF") {
		r.pos = len("\uFEFF")
	}
	r.declaration()
	if !r.misc() {
		return "", "", false
	}
	if r.pos == len(r.doc) {
		r.failf(r.pos, "the document is empty")
		return "", "", false
	}
	r.start()
	return r.top()
}

// End reads to the end of the document: nothing may follow the root element.
func (r *Reader) End() {
	if r.err == nil && len(r.open) > 0 {
		r.Failf("%s is not finished", r.path())
	}
	if r.misc() && r.pos < len(r.doc) {
		r.Failf("content after the root element")
	}
}

// Next reads up to the next child of the open element and returns its name. At the
// end tag of the open element it returns false, and that element is closed.
func (r *Reader) Next() (space, local string, ok bool) {
	if !r.child() {
		return "", "", false
	}
	return r.top()
}

// Child is Next for the children that the schema knows, which are in no namespace.
// Those in the namespace of the service are taken for them; others are skipped.
func (r *Reader) Child() (name string, ok bool) {
	for r.child() {
		e := &r.open[len(r.open)-1]
		if e.local == e.name && e.ours || e.local > e.name && r.space(r.prefix(e)) == Namespace {
			return r.doc[e.local:e.end], true
		}
		r.Skip()
	}
	return "", false
}

// Skip passes over the open element: it reads to its end and closes it.
func (r *Reader) Skip() {
	r.notePassed("")
	r.skip()
}

// skip is Skip without a note, also for what is inside.
func (r *Reader) skip() {
	noting := r.noting
	r.noting = false
	defer func() { r.noting = noting }()
	for depth := len(r.open); r.err == nil && len(r.open) >= depth; {
		r.child()
	}
}

// Children returns the names of the children that the open element has, as Child would, without moving on. It is for
// abstract types whose sender has left out xsi:type: which children there are tells which type is meant. The
// attributes of the open element are lost.
func (r *Reader) Children() []string {
	ahead := *r
	ahead.noting, ahead.attrs = false, nil
	ahead.scope = scope{bindings: slices.Clone(r.scope.bindings)} // what is declared ahead is not in force here
	var names []string
	for {
		name, ok := ahead.Child()
		if !ok {
			return names
		}
		names = append(names, name)
		ahead.skip()
	}
}

// Nil reports whether the element that was opened last has xsi:nil="true".
func (r *Reader) Nil() bool { return r.isNil }

// Type returns the name in the xsi:type of the element that was opened last.
func (r *Reader) Type() (space, local string, ok bool) {
	value, ok := r.Attr(xsiNamespace, "type")
	if !ok {
		return "", "", false
	}
	value = strings.Trim(value, " \t\r\n")
	prefix, local := splitName(value)
	space = r.space(prefix)
	switch {
	case prefix != "" && space == "":
		r.Failf("xsi:type=%q has a prefix that is not declared", clip(value))
		return "", "", false
	case local == "" || len(value) > len(local) && value[0] == ':':
		r.Failf("xsi:type=%q is not a name", clip(value))
		return "", "", false
	case len(local) > maxName:
		r.Failf("xsi:type=%q is longer than %d bytes", clip(value), maxName)
		return "", "", false
	}
	return space, local, true
}

// Attr returns an attribute of the element that was opened last.
func (r *Reader) Attr(space, local string) (value string, ok bool) {
	for i := range r.attrs {
		if r.attrs[i].expandedName == (expandedName{space, local}) {
			return r.attrs[i].value, true
		}
	}
	return "", false
}

// top returns the name of the element that was opened last, with its namespace.
func (r *Reader) top() (space, local string, ok bool) {
	if r.err != nil {
		return "", "", false
	}
	e := &r.open[len(r.open)-1]
	return r.space(r.prefix(e)), r.doc[e.local:e.end], true
}

// space returns the namespace of a prefix, or "" for one that is not declared.
func (r *Reader) space(prefix string) string {
	if i := r.find(prefix); i >= 0 {
		return r.scope.bindings[i].space
	}
	if prefix == "xml" {
		return xmlNamespace
	}
	return ""
}

// splitName splits a qualified name at its colon.
func splitName(name string) (prefix, local string) {
	if i := strings.IndexByte(name, ':'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
