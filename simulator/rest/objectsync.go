package rest

import (
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/record"
)

// objectSync is the body of a write of objects, and of their deletion.
type objectSync struct {
	Action   string           `json:"action"`
	DedupeBy string           `json:"dedupeBy"`
	DeleteBy string           `json:"deleteBy"`
	Input    []map[string]any `json:"input"`
}

// operationsOf are the operations that the tables have for the actions.
var operationsOf = map[string]gen.SyncOperationEnum{
	createOnly: gen.SyncOperationEnumINSERT, updateOnly: gen.SyncOperationEnumUPDATE, createOrUpdate: gen.SyncOperationEnumUPSERT, "": gen.SyncOperationEnumUPSERT,
}

// readSync reads the body of a write. by says how records are found.
func (c *call) readSync() (*objectSync, *problem) {
	in := new(objectSync)
	if err := c.json(in); err != nil {
		return nil, err
	}
	_, known := operationsOf[in.Action]
	switch by := in.DedupeBy + in.DeleteBy; {
	case !known:
		return nil, wrongType(in.Action, "Action")
	case by != "" && by != dedupeFields && by != "idField":
		return nil, refuse(codeInvalid, "Records are found by dedupeFields or idField, not by '%.100s'", by)
	case len(in.Input) == 0:
		return nil, refuse(codeInvalid, "input is missing or empty")
	case len(in.Input) > maxBatch:
		return nil, refuse(codeInvalid, "%d records are more than %d", len(in.Input), maxBatch)
	}
	return in, nil
}

// byID reports whether records are found by their id field.
func (in *objectSync) byID() bool { return in.DedupeBy == "idField" || in.DeleteBy == "idField" }

// objectOutcome is what became of a record of a write.
func objectOutcome(seq int, k *objectKind, id int64, status string) map[string]any {
	return map[string]any{"seq": seq, k.idField: k.shownID(id), "status": status}
}

func objectSkipped(seq int, p *problem) map[string]any {
	return map[string]any{"seq": seq, "status": "skipped", "reasons": []shown{p.shown()}}
}

// eachObject does something with each record of a write, and answers what it returns. A table
// that a sales system owns is not written.
func (c *call) eachObject(open func() (objectTable, *problem), do func(w *objectWrite, given map[string]any) (int64, string, *problem)) (*envelope, error) {
	in, err := c.readSync()
	if err != nil {
		return nil, err
	}
	defer c.Change()()
	t, err := open()
	if err != nil {
		return nil, err
	}
	w := &objectWrite{objectSync: in, table: t, kind: t.describe(), seen: make(map[string]bool)}
	if w.kind.owned && c.settings.Quirks.CRM {
		return nil, refusal(codeCRM)
	}
	list := make([]map[string]any, len(in.Input))
	for i, given := range in.Input {
		if err := c.skips(i); err != nil {
			list[i] = objectSkipped(i, err)
		} else if id, status, err := do(w, given); err != nil {
			list[i] = objectSkipped(i, err)
		} else {
			list[i] = objectOutcome(i, &w.kind, id, status)
		}
	}
	return ok(list)
}

// objectWrite is a write of objects. The lock is held.
type objectWrite struct {
	*objectSync

	table objectTable
	kind  objectKind
	seen  map[string]bool // keys of the records before
}

// find returns the record that an input names, 0 for none. A key that comes twice is 1036.
func (w *objectWrite) find(given map[string]any) (int64, *problem) {
	if w.byID() {
		value, _ := plain(member(given, w.kind.idField))
		key := []record.Attribute{{Name: w.kind.idField, Value: value}}
		return w.first(key)
	}
	key, err := w.kind.dedupeKey(given)
	if err != nil {
		return 0, err
	}
	return w.first(key)
}

func (w *objectWrite) first(key []record.Attribute) (int64, *problem) {
	text := fmt.Sprintf("%q", key)
	if w.seen[text] {
		return 0, refuse(codeTwice, "Duplicate object found in input")
	}
	w.seen[text] = true
	found, err := w.table.match(key, 0, 1)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// values reads the fields of an input.
func (w *objectWrite) values(given map[string]any) ([]record.Attribute, *problem) {
	var list []record.Attribute
	for _, name := range sortedNames(given) {
		if name == w.kind.idField || name == "seq" {
			continue
		}
		f, known := w.kind.field(name)
		if !known {
			return nil, refuse(codeNoField, "Field '%.100s' not found", name)
		}
		if slices.ContainsFunc(list, func(a record.Attribute) bool { return a.Name == f.Name }) {
			return nil, refuse(codeInvalid, "Field '%.100s' is given twice, in different letter case", name)
		}
		text, isText := plain(given[name])
		if !isText || f.Name == w.kind.notNull && text == "" {
			return nil, refuse(codeInvalid, "Invalid value for field '%.100s'", name)
		}
		list = append(list, record.Attribute{Name: f.Name, Value: text})
	}
	return list, nil
}

// syncObjects creates or updates records (Marketo REST API, lead database).
func (c *call) syncObjects(open func() (objectTable, *problem)) (*envelope, error) {
	return c.eachObject(open, func(w *objectWrite, given map[string]any) (int64, string, *problem) {
		id, err := w.find(given)
		if err != nil {
			return 0, "", err
		}
		values, err := w.values(given)
		if err != nil {
			return 0, "", err
		}
		op := operationsOf[w.Action]
		switch {
		case id != 0 && op == gen.SyncOperationEnumINSERT:
			return 0, "", refusal(codeExists)
		case id == 0 && (op == gen.SyncOperationEnumUPDATE || w.byID()):
			return 0, "", refusal(codeNoObject)
		}
		written, created, err := w.table.sync(id, values, op)
		if created {
			return written, "created", err
		}
		return written, "updated", err
	})
}

// deleteObjects deletes records (Marketo REST API, lead database).
func (c *call) deleteObjects(open func() (objectTable, *problem)) (*envelope, error) {
	return c.eachObject(open, func(w *objectWrite, given map[string]any) (int64, string, *problem) {
		id, err := w.find(given)
		if err == nil && id == 0 {
			err = refusal(codeNoObject)
		}
		if err != nil {
			return 0, "", err
		}
		w.table.remove(id)
		return id, "deleted", nil
	})
}

// within returns the ids that come after one, up to n, in ascending order.
func within(ids []int64, after int64, n int) []int64 {
	slices.Sort(ids)
	i, _ := slices.BinarySearch(ids, after+1)
	ids = ids[i:]
	return ids[:min(n, len(ids))]
}
