package names

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is a field of leads with its names in both APIs.
type Field struct {
	SOAP     string `json:"soap,omitempty"` // empty: the SOAP API has no such field
	REST     string `json:"rest,omitempty"` // empty: the REST API has none
	ID       int64  `json:"id,omitempty"`   // stays when names change
	Label    string `json:"label,omitempty"`
	DataType string `json:"dataType,omitempty"` // as the REST API has it
	Length   int    `json:"length,omitempty"`   // of values, in characters; 0: none is told
	// SOAPReadOnly and RESTReadOnly say that the field cannot be written there.
	SOAPReadOnly bool `json:"soapReadOnly,omitempty"`
	RESTReadOnly bool `json:"restReadOnly,omitempty"`
	// Guessed says that nobody has told the SOAP name: it was made of the one in the REST API.
	Guessed bool `json:"guessed,omitempty"`
	// Gone says that the service no longer described the field when the file was written. It is kept for the
	// SOAP name that it had, and counts as absent until the service describes it again.
	Gone bool `json:"gone,omitempty"`
}

// SOAPType is the data type as the SOAP API shows it in attrType. A score is an integer there (sample
// getLead); other types have the same names.
func (f Field) SOAPType() string {
	if strings.EqualFold(f.DataType, "score") {
		return "integer"
	}
	return f.DataType
}

// Fields are the fields of leads of one subscription. They do not change and are safe for concurrent
// use. Make them with [NewFields]; the zero value has none.
type Fields struct {
	list   []Field        // by SOAP name, those without one last
	soap   map[string]int // places in list, by name
	rest   map[string]int
	label  map[string]int // by folded label
	folded map[string]int // of guessed fields, by folded names; noPlace: several
}

// noPlace is where a name leads that several fields have.
const noPlace = -1

// NewFields makes the fields of a subscription of what Describe Lead tells and of those that a file
// has, if any.
//
// The SOAP name of a field is the one that the file has; else the one that Describe Lead has; else,
// if Describe Lead tells no SOAP names any more and the file does not know the field, one that is made
// of the REST name. A field that only lacks its own SOAP name while others have theirs is none of the
// SOAP API (Marketo REST API, Describe Lead: the names of an API are there if the field is valid for it).
// What the file has and Describe Lead has not is gone: the service would refuse each request with it.
func NewFields(described, own []Field) *Fields {
	told := slices.ContainsFunc(described, func(f Field) bool { return f.SOAP != "" && !f.Guessed })
	mine := newOwnFields(own)
	list, seen := make([]Field, 0, len(described)), make(map[string]bool, len(described))
	for _, f := range described {
		if f.Gone || f.REST == "" && f.ID == 0 || seen[f.REST] && f.REST != "" {
			continue // it is not there, or nothing tells which field it is
		}
		seen[f.REST] = true
		list = append(list, mine.apply(f, !told))
	}
	mine.claim(list)
	return indexFields(list)
}

// ownFields finds the fields of a file.
type ownFields struct {
	rest map[string]Field
	id   map[int64]Field
}

func newOwnFields(own []Field) ownFields {
	o := ownFields{make(map[string]Field, len(own)), make(map[int64]Field, len(own))}
	for _, f := range own {
		if f.REST != "" {
			o.rest[f.REST] = f
		}
		if f.ID != 0 {
			o.id[f.ID] = f
		}
	}
	return o
}

// of returns what the file has of a field.
func (o ownFields) of(f Field) (own Field, known bool) {
	own, known = o.rest[f.REST]
	if !known && f.ID != 0 {
		own, known = o.id[f.ID] // it has another REST name than it had
	}
	return own, known
}

// apply gives a field that was described its SOAP name.
func (o ownFields) apply(f Field, guess bool) Field {
	own, known := o.of(f)
	switch {
	case known && own.SOAP != "" && (!own.Guessed || f.SOAP == ""):
		if f.SOAP == "" {
			f.SOAPReadOnly = own.SOAPReadOnly || f.RESTReadOnly
		}
		f.SOAP, f.Guessed = own.SOAP, own.Guessed
	case f.SOAP == "" && guess && !known && f.REST != "":
		f.SOAP, f.SOAPReadOnly, f.Guessed = guessName(f.REST), f.RESTReadOnly, true
	}
	return f
}

// irregular are the names of standard fields that no rule gives (Marketo REST API, field types).
var irregular = map[string]string{"dateOfBirth": "DateofBirth"}

// claim takes the names that the file gives to fields of a list from all others.
func (o ownFields) claim(list []Field) {
	claimed := make(map[string]bool)
	isMine := func(f Field) bool {
		own, known := o.of(f)
		return known && own.SOAP == f.SOAP
	}
	for _, f := range list {
		claimed[f.SOAP] = claimed[f.SOAP] || isMine(f) && !f.Guessed
	}
	for i := range list {
		if f := &list[i]; claimed[f.SOAP] && !isMine(*f) {
			f.SOAP, f.Guessed = "", false
		}
	}
}

// guessName makes a SOAP name of a REST name: the first letter is a capital in the published
// examples. A name with an underscore is one that a customer has given, and the same in both APIs.
func guessName(rest string) string {
	if name, ok := irregular[rest]; ok {
		return name
	}
	if strings.Contains(rest, "_") {
		return rest
	}
	first, size := utf8.DecodeRuneInString(rest)
	return string(unicode.ToUpper(first)) + rest[size:]
}

// fold makes equal what differs in letter case, underscores and spaces only.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", " ", "").Replace(name))
}

// indexFields sorts fields and finds them by their names. Of several with one name the first that was told
// has it; a guess never takes a name from another field.
func indexFields(list []Field) *Fields {
	slices.SortStableFunc(list, func(a, b Field) int {
		return cmp.Or(boolOrder(a.SOAP == "", b.SOAP == ""), boolOrder(a.Guessed, b.Guessed), cmp.Compare(a.SOAP, b.SOAP), cmp.Compare(a.REST, b.REST))
	})
	taken := make(map[string]bool, len(list))
	for i := range list {
		if f := &list[i]; taken[f.SOAP] {
			f.SOAP, f.Guessed = "", false
		} else if f.SOAP != "" {
			taken[f.SOAP] = true
		}
	}
	slices.SortStableFunc(list, func(a, b Field) int {
		return cmp.Or(boolOrder(a.SOAP == "", b.SOAP == ""), cmp.Compare(a.SOAP, b.SOAP), cmp.Compare(a.REST, b.REST))
	})
	t := &Fields{list, make(map[string]int), make(map[string]int), make(map[string]int), make(map[string]int)}
	for i, f := range list {
		put(t.soap, f.SOAP, i)
		put(t.rest, f.REST, i)
		put(t.label, fold(f.Label), i)
	}
	for i, f := range list {
		if f.Guessed {
			t.putFolded(f, i)
		}
	}
	return t
}

// boolOrder puts false before true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// put notes the first place of a name.
func put(places map[string]int, name string, i int) {
	if _, taken := places[name]; !taken && name != "" {
		places[name] = i
	}
}

// putFolded notes where names of a guessed field lead that are not written as they were guessed.
func (t *Fields) putFolded(f Field, i int) {
	for _, name := range []string{fold(f.REST), fold(f.Label)} {
		at, taken := t.folded[name]
		switch {
		case name == "", taken && at == i:
		case taken:
			t.folded[name] = noPlace
		default:
			t.folded[name] = i
		}
	}
}

// All returns all fields by SOAP name, those that the SOAP API has not last. The list must not be
// changed.
func (t *Fields) All() []Field { return t.list }

// BySOAP returns the field of a SOAP name. Where names are guessed, also one that differs from a REST
// name or a label in letter case, underscores and spaces only is taken, if it means one field.
func (t *Fields) BySOAP(name string) (Field, bool) {
	if i, ok := t.soap[name]; ok {
		return t.list[i], true
	}
	if i, ok := t.folded[fold(name)]; ok && i != noPlace {
		return t.list[i], true
	}
	return Field{}, false
}

// ByREST returns the field of a REST name.
func (t *Fields) ByREST(name string) (Field, bool) {
	i, ok := t.rest[name]
	if !ok {
		return Field{}, false
	}
	return t.list[i], true
}

// ByHeading returns the field that the heading of a column of an import means: by its label, in any
// letter case, else its SOAP name, else its REST name.
func (t *Fields) ByHeading(heading string) (Field, bool) {
	if i, ok := t.label[fold(heading)]; ok {
		return t.list[i], true
	}
	if f, ok := t.BySOAP(heading); ok {
		return f, true
	}
	return t.ByREST(heading)
}

// Guessed reports whether there are fields whose SOAP names nobody has told.
func (t *Fields) Guessed() bool {
	return slices.ContainsFunc(t.list, func(f Field) bool { return f.Guessed })
}
