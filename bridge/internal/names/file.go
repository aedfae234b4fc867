package names

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// FileVersion is the version of the files that this package writes, and the only one it reads.
const FileVersion = 1

// maxFile bounds a file of names, in bytes: some thousand fields take a few hundred thousand.
const maxFile = 16 << 20

// File is what a file of names holds: the names of a subscription as they were at a time, or a few that
// somebody has written by hand, to be taken in place of those that the service tells.
type File struct {
	Version int `json:"version"`
	// Taken is when the service told the names; zero: it did not, the file was written by hand.
	Taken time.Time `json:"taken,omitzero"`
	// Instance is which one told them, by host and port; empty: that is not known, or it is a mock on this machine.
	Instance      string         `json:"instance,omitempty"`
	Fields        []Field        `json:"fields,omitempty"`
	ActivityTypes []ActivityType `json:"activityTypes,omitempty"`
}

// Load reads a file of names. The error names the file, and the entry that is wrong.
func Load(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file of names: %w", err)
	}
	defer file.Close()
	doc, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("the file of names: %w", err)
	}
	f, err := Parse(doc)
	if err != nil {
		return nil, fmt.Errorf("the file of names %s: %w", path, err)
	}
	return f, nil
}

// Parse reads what [File.Format] has made, or somebody by hand: a member that it does not know is
// an error, since it may be one that was misspelt.
func Parse(doc []byte) (*File, error) {
	if len(doc) > maxFile {
		return nil, fmt.Errorf("it is larger than %d MB: it is no such file", maxFile>>20)
	}
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(doc, &head); err != nil {
		return nil, jsonError(doc, err)
	}
	switch {
	case head.Version == nil:
		return nil, fmt.Errorf(`it has no "version": give "version": %d if it is a file of names`, FileVersion)
	case *head.Version != FileVersion:
		return nil, fmt.Errorf("its version is %d, and this program reads %d: write it in the form that docs/rest.md shows, or use the program that wrote it",
			*head.Version, FileVersion)
	}
	f := new(File)
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.DisallowUnknownFields()
	if err := dec.Decode(f); err != nil {
		return nil, jsonError(doc, err)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

// jsonError tells in which line of a document an error is, where that is known.
func jsonError(doc []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var offset int64
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(doc[:min(int(offset), len(doc))], []byte("\n")), err)
}

// check wants names that can be told apart.
func (f *File) check() error {
	soap, rest := make(map[string]bool), make(map[string]bool)
	var errs []error
	for i, field := range f.Fields {
		errs = append(errs,
			newName(unless(field.Gone, soap), field.SOAP, "fields[%d]: the SOAP name", i),
			newName(rest, field.REST, "fields[%d]: the REST name", i))
		if field.REST == "" && field.ID == 0 {
			errs = append(errs, fmt.Errorf(`fields[%d]: give "rest", the name in the REST API, or "id": nothing tells which field it is`, i))
		}
	}
	ids := make(map[int64]bool)
	for i, t := range f.ActivityTypes {
		if t.ID <= 0 || ids[t.ID] {
			errs = append(errs, fmt.Errorf(`activityTypes[%d]: the id %d is missing, negative or there twice: give each type its "id" of the REST API`, i, t.ID))
		}
		ids[t.ID] = true
		if t.Enum != "" && !t.Enum.Valid() {
			errs = append(errs, fmt.Errorf("activityTypes[%d]: %.100q is no value of ActivityType in the WSDL", i, string(t.Enum)))
		}
		for _, a := range t.all() {
			if a.Name == "" {
				errs = append(errs, fmt.Errorf(`activityTypes[%d]: give each attribute its "name" in the REST API`, i))
			}
			errs = append(errs, checkName(a.Name, "activityTypes[%d]: the name", i), checkName(a.SOAP, "activityTypes[%d]: the SOAP name", i))
		}
		errs = append(errs, checkName(t.Name, "activityTypes[%d]: the name", i), checkName(t.SOAP, "activityTypes[%d]: the SOAP name", i))
	}
	return errors.Join(errs...)
}

// all are the attributes of a type, the primary one first.
func (t *ActivityType) all() []Attribute { return slices.Concat(single(t.Primary), t.Attributes) }

// unless returns no names where there may be one twice: what is gone has left its name to others.
func unless(gone bool, seen map[string]bool) map[string]bool {
	if gone {
		return make(map[string]bool)
	}
	return seen
}

// newName wants a name that is not there yet, if it is one.
func newName(seen map[string]bool, name, place string, i int) error {
	if name == "" {
		return nil
	}
	if seen[name] {
		return fmt.Errorf(place+" %.100q is there twice", i, name)
	}
	seen[name] = true
	return checkName(name, place, i)
}

// checkName wants a name that XML can carry.
func checkName(name, place string, i int) error {
	if _, removed := Clean(name); removed > 0 || strings.ContainsAny(name, "\t\r\n") {
		return fmt.Errorf(place+" %.100q has control characters in it", i, name)
	}
	return nil
}

// Format returns the file as JSON: fields in the order of their SOAP names, types in that of their
// ids, so that two files of the same names are equal but for the time.
func (f *File) Format() []byte {
	taken := f.Taken.UTC().Truncate(time.Second)
	if taken.Year() > 9999 { // JSON has no form for it
		taken = time.Time{}
	}
	sorted := File{
		Version: FileVersion, Taken: taken, Instance: f.Instance,
		Fields:        indexFields(present(f.Fields, Field.gone)).list,
		ActivityTypes: slices.Clone(f.ActivityTypes),
	}
	for _, field := range f.Fields {
		if field.Gone {
			sorted.Fields = append(sorted.Fields, field)
		}
	}
	slices.SortStableFunc(sorted.ActivityTypes, func(a, b ActivityType) int { return cmp.Compare(a.ID, b.ID) })
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(&sorted) //nolint:errchkjson // texts, numbers and a time with a year of four digits
	return out.Bytes()
}
