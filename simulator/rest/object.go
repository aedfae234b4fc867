package rest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/record"
)

// objectTable is a table of objects as the REST API has them: opportunities, roles, companies,
// sales persons and custom objects are read and written alike. Fields have their names in the
// REST API. The lock is held.
type objectTable interface {
	// describe tells what the objects are, and by which fields they are found.
	describe() objectKind
	// match returns up to n records that come after one and have all values, by id.
	match(keys []record.Attribute, after int64, n int) ([]int64, *problem)
	// show returns the values of a record, by field, and when it was made and changed.
	show(id int64) (values map[string]string, created, updated time.Time)
	// sync writes a record: that of an id, or, with 0, that of the dedupe fields.
	sync(id int64, values []record.Attribute, op gen.SyncOperationEnum) (written int64, created bool, err *problem)
	remove(id int64)
}

// objectKind describes the objects of a table.
type objectKind struct {
	name, label string
	idField     string   // id or marketoGUID
	dedupe      []string // the fields that make a record what it is
	search      []string // what else records are found by
	link        string   // the field that links to leads; "": none
	linkTo      string   // the field of leads that it names
	fields      []record.Field
	notNull     string // the field that cannot be cleared; "": none
	owned       bool   // by a sales system, where there is one
	since       time.Time
}

// field returns the field of a name, in any letter case.
func (k *objectKind) field(name string) (record.Field, bool) {
	i := slices.IndexFunc(k.fields, func(f record.Field) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return record.Field{}, false
	}
	return k.fields[i], true
}

// guid returns the GUID of a record. It is made of kind and number, so that it leads back to it.
func (k *objectKind) guid(id int64) string {
	h := streamOf(k.name)
	return strings.Join([]string{hex(h>>32, 8), hex(h>>16&0xFFFF, 4), hex(0x4000|h&0xFFF, 4), hex(0x8000, 4), hex(uint64(id), 12)}, "-") //nolint:gosec // positive
}

func hex(n uint64, digits int) string {
	text := strconv.FormatUint(n, 16)
	return strings.Repeat("0", max(0, digits-len(text))) + text
}

// number returns the number of the record that a value of the id field names, 0 for none.
func (k *objectKind) number(value string) int64 {
	if k.idField == "id" {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	i := strings.LastIndexByte(value, '-')
	n, err := strconv.ParseInt(value[i+1:], 16, 64)
	if err != nil || !strings.EqualFold(k.guid(n), strings.TrimSpace(value)) {
		return 0
	}
	return n
}

// shownID returns the value of the id field.
func (k *objectKind) shownID(id int64) any {
	if k.idField == "id" {
		return id
	}
	return k.guid(id)
}

// objectQuery is what a read of objects asks for: records that have all values of one of the keys.
type objectQuery struct {
	FilterType string           `json:"filterType"`
	Fields     []string         `json:"fields"`
	BatchSize  *int             `json:"batchSize"`
	Token      string           `json:"nextPageToken"`
	Input      []map[string]any `json:"input"`

	keys [][]record.Attribute
}

// dedupeFields is the filter, and the way to find records, by all of the dedupe fields.
const dedupeFields = "dedupeFields"

// objectQuery reads what a call asks for, by its parameters or, for keys of several fields, by
// its body (Marketo REST API, custom objects).
func (c *call) objectQuery(k *objectKind) (*objectQuery, *problem) {
	q := &objectQuery{FilterType: c.text("filterType"), Fields: c.list("fields", maxParams)}
	if c.readsBody() {
		if err := c.json(q); err != nil {
			return nil, err
		}
		if q.Token != "" {
			c.params.Set("nextPageToken", q.Token)
		}
		if q.BatchSize != nil {
			c.params.Set("batchSize", strconv.Itoa(*q.BatchSize))
		}
	}
	if q.FilterType == "" {
		return nil, missing("filterType")
	}
	if err := checkCount("fields", q.Fields, maxParams); err != nil {
		return nil, err
	}
	if err := q.readKeys(c, k); err != nil {
		return nil, err
	}
	if len(q.Fields) == 0 {
		q.Fields = append(append([]string{k.idField}, k.dedupe...), "createdAt", "updatedAt")
	}
	for _, name := range q.Fields {
		if _, known := k.field(name); !known && !contains([]string{k.idField, "createdAt", "updatedAt"}, name) {
			return nil, refuse(codeNoField, "Field '%.100s' not found", name)
		}
	}
	return q, c.bad
}

// readsBody reports whether there is a JSON body.
func (c *call) readsBody() bool {
	return len(c.body) > 0 && strings.HasPrefix(c.http.Header.Get("Content-Type"), "application/json")
}

// readKeys reads the values that records are found by.
func (q *objectQuery) readKeys(c *call, k *objectKind) *problem {
	isField := func(name string) bool { return strings.EqualFold(name, q.FilterType) }
	switch {
	case strings.EqualFold(q.FilterType, dedupeFields):
		if len(q.Input) == 0 {
			return missing("input")
		}
		for _, input := range q.Input {
			key, err := k.dedupeKey(input)
			if err != nil {
				return err
			}
			q.keys = append(q.keys, key)
		}
	case !isField(k.idField) && !slices.ContainsFunc(k.search, isField):
		return refuse(codeInvalid, "Invalid filterType '%.100s'", q.FilterType)
	default:
		for _, value := range c.list("filterValues", maxBatch) {
			q.keys = append(q.keys, []record.Attribute{{Name: q.FilterType, Value: value}})
		}
	}
	switch {
	case len(q.keys) == 0:
		return missing("filterValues")
	case len(q.keys) > maxBatch:
		return refuse(codeInvalid, "%d keys are more than %d", len(q.keys), maxBatch)
	}
	return nil
}

// dedupeKey returns the values of the dedupe fields, all of which are needed.
func (k *objectKind) dedupeKey(input map[string]any) ([]record.Attribute, *problem) {
	var key []record.Attribute
	for _, name := range k.dedupe {
		value, isText := plain(member(input, name))
		if !isText || value == "" {
			return nil, refuse(codeInvalid, "Missing value for dedupe field '%s'", name)
		}
		key = append(key, record.Attribute{Name: name, Value: value})
	}
	return key, nil
}

// member returns a member of an object, in any letter case. Of several it is the first by name, not one by chance.
func member(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	for _, other := range sortedNames(object) {
		if strings.EqualFold(other, name) {
			return object[other]
		}
	}
	return nil
}

// readObjects returns a page of the records that a call asks for, by id.
func (c *call) readObjects(open func() (objectTable, *problem)) (*envelope, error) {
	defer c.View()()
	t, err := open()
	if err != nil {
		return nil, err
	}
	k := t.describe()
	q, err := c.objectQuery(&k)
	if err != nil {
		return nil, err
	}
	at, size := c.place("objects", k.name, q.FilterType, q.keys), c.batch()
	if c.bad != nil {
		return nil, c.bad
	}
	var ids []int64
	for _, key := range q.keys {
		found, err := t.match(key, at.at, size+1)
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n := c.Shorten(min(size, len(ids)), false)
	list := make([]any, n)
	for i, id := range ids[:n] {
		list[i] = c.shownObject(t, &k, id, q.Fields, i)
		at.at = id
	}
	answer := &envelope{Result: list}
	c.page(answer, at, n < len(ids))
	return answer, nil
}

// shownObject returns a record as answers show it: all fields that are asked for.
func (c *call) shownObject(t objectTable, k *objectKind, id int64, fields []string, seq int) map[string]any {
	values, created, updated := t.show(id)
	out := map[string]any{"seq": seq, k.idField: k.shownID(id)}
	for _, name := range fields {
		f, known := k.field(name)
		switch {
		case known:
			out[f.Name] = typedObject(f, values[f.Name])
		case name == "createdAt":
			out[name] = stamp(created, withZ)
		case name == "updatedAt":
			out[name] = stamp(updated, withZ)
		}
	}
	return out
}

// typedObject returns the value of a field of an object, null for none.
func typedObject(f record.Field, text string) any {
	if text == "" {
		return nil
	}
	return typed(f.DataType, text)
}

// objectDescription describes the objects of a table (Marketo REST API, lead database).
func objectDescription(k *objectKind, full bool) map[string]any {
	search := [][]string{k.dedupe, {k.idField}}
	for _, name := range k.search {
		if len(k.dedupe) != 1 || k.dedupe[0] != name {
			search = append(search, []string{name})
		}
	}
	out := map[string]any{
		"name": k.name, "apiName": k.name, "displayName": k.label, "pluralName": k.label + "s", "idField": k.idField,
		"dedupeFields": k.dedupe, "searchableFields": search, "createdAt": stamp(k.since, withZ), "updatedAt": stamp(k.since, withZ),
		"state": "approved", "version": "approved",
	}
	if k.link != "" {
		related := map[string]any{"name": "Lead", "field": k.linkTo}
		out["relationships"] = []any{map[string]any{"field": k.link, "type": "child", "relatedTo": related, "object": related}}
	}
	if !full {
		return out
	}
	fields := []objectField{{Name: k.idField, DisplayName: "Marketo GUID", DataType: "string", Length: 36}}
	if k.idField == "id" {
		fields[0] = objectField{Name: "id", DisplayName: "Id", DataType: "integer"}
	}
	for _, f := range k.fields {
		fields = append(fields, objectField{Name: f.Name, DisplayName: f.Name, DataType: f.DataType, Length: lengths[f.DataType], Updateable: true})
	}
	for _, name := range []string{"createdAt", "updatedAt"} {
		fields = append(fields, objectField{Name: name, DisplayName: name, DataType: "datetime"})
	}
	out["fields"] = fields
	return out
}

// describeObjects is the answer with the description of a table.
func (c *call) describeObjects(open func() (objectTable, *problem)) (*envelope, error) {
	defer c.View()()
	t, err := open()
	if err != nil {
		return nil, err
	}
	k := t.describe()
	return one(objectDescription(&k, true))
}
