package names

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Learn asks the service of an instance and returns its names as it tells them at a time, for a file. SOAP names that
// it does not tell are guessed; see [File.Keeping].
func Learn(ctx context.Context, source Source, instance string, now time.Time) (*File, error) {
	fields, err := describeFields(ctx, source, new(File))
	if err != nil {
		return nil, err
	}
	types, err := describeTypes(ctx, source, new(File))
	if err != nil {
		return nil, err
	}
	f := &File{Version: FileVersion, Taken: now, Instance: instance, Fields: fields.list, ActivityTypes: types.list}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("what the service describes makes no file: %w", err)
	}
	return f, nil
}

// TellsSOAP reports whether there are SOAP names of fields that are not guessed.
func (f *File) TellsSOAP() bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.SOAP != "" && !field.Guessed && !field.Gone })
}

// Guessed is how many SOAP names of fields nobody has told.
func (f *File) Guessed() (n int) {
	for _, field := range f.Fields {
		if field.Guessed && !field.Gone {
			n++
		}
	}
	return n
}

// Keeping returns what was learned with all that an older file knows: its SOAP names come first, whether
// they were told or written by hand, and what is no longer described is kept as gone. So learning
// destroys nothing, also where the service tells no SOAP names any more.
func (f *File) Keeping(old *File) *File {
	described := f.unguessed()
	return &File{
		Version: f.Version, Taken: f.Taken, Instance: f.Instance,
		Fields:        append(slices.Clone(NewFields(described, old.Fields).list), goneFields(described, old.Fields)...),
		ActivityTypes: keepTypes(f.ActivityTypes, old.ActivityTypes),
	}
}

// Filled returns what was learned with the SOAP names of an older file in place of guesses, so that [Diff] tells what is
// different at the service.
func (f *File) Filled(old *File) *File {
	list, mine := present(f.Fields, Field.gone), newOwnFields(old.Fields)
	for i := range list {
		if own, known := mine.of(list[i]); known && list[i].Guessed {
			list[i].SOAP, list[i].SOAPReadOnly, list[i].Guessed = own.SOAP, own.SOAPReadOnly, own.Guessed
		}
	}
	return &File{Version: f.Version, Taken: f.Taken, Fields: indexFields(list).list, ActivityTypes: NewActivityTypes(f.ActivityTypes, old.ActivityTypes).list}
}

// unguessed returns the fields as the service has described them.
func (f *File) unguessed() []Field {
	list := slices.Clone(f.Fields)
	for i := range list {
		if list[i].Guessed {
			list[i].SOAP, list[i].SOAPReadOnly, list[i].Guessed = "", false, false
		}
	}
	return list
}

// goneFields are the fields of a file that are none of those that were described.
func goneFields(described, old []Field) []Field {
	mine, known := newOwnFields(old), make(map[Field]bool, len(old))
	for _, f := range described {
		own, _ := mine.of(f)
		known[own] = true
	}
	var list []Field
	for _, f := range old {
		if !known[f] {
			f.Gone = true
			list = append(list, f)
		}
	}
	return list
}

// keepTypes returns the types that were described, with what a file has of them, and those that are gone.
func keepTypes(described, old []ActivityType) []ActivityType {
	list := slices.Clone(NewActivityTypes(described, old).list)
	for i := range old {
		own := &old[i]
		at := slices.IndexFunc(list, func(t ActivityType) bool { return t.ID == own.ID })
		if at < 0 {
			gone := *own
			gone.Gone = true
			list = append(list, gone)
			continue
		}
		list[at].Attributes = append(list[at].Attributes, goneAttributes(&list[at], own)...)
	}
	return list
}

// goneAttributes are the attributes of a type in a file that have a SOAP name of their own, and that the
// type has no more.
func goneAttributes(t, own *ActivityType) []Attribute {
	var list []Attribute
	for _, a := range own.all() {
		if a.SOAP != "" && !slices.ContainsFunc(t.all(), func(other Attribute) bool { return a.is(&other) }) {
			a.Gone = true
			list = append(list, a)
		}
	}
	return list
}
