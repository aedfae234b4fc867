package rest

import (
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/customobjects"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/record"
)

// customOperations are those on custom objects, companies and sales persons.
var customOperations = []operation{
	{method: get, path: "/rest/v1/customobjects.json", do: (*call).listCustomObjects},
	{method: get, path: "/rest/v1/customobjects/{customObjectName}.json", takes: takesJSON, do: on((*call).readObjects, (*call).customTable)},
	{method: post, path: "/rest/v1/customobjects/{customObjectName}.json", takes: takesJSON, do: on((*call).syncObjects, (*call).customTable)},
	{method: post, path: "/rest/v1/customobjects/{customObjectName}/delete.json", takes: takesJSON, do: on((*call).deleteObjects, (*call).customTable)},
	{method: get, path: "/rest/v1/customobjects/{customObjectName}/describe.json", do: on((*call).describeObjects, (*call).customTable)},
	{method: get, path: "/rest/v1/companies.json", do: on((*call).readObjects, (*call).companyTable)},
	{method: post, path: "/rest/v1/companies.json", takes: takesJSON, do: on((*call).syncObjects, (*call).companyTable)},
	{method: get, path: "/rest/v1/companies/describe.json", do: on((*call).describeObjects, (*call).companyTable)},
	{method: get, path: "/rest/v1/salespersons.json", do: on((*call).readObjects, (*call).salesTable)},
	{method: get, path: "/rest/v1/salespersons/describe.json", do: on((*call).describeObjects, (*call).salesTable)},
}

// on makes an operation of what is done with a table and of which table it is.
func on(do func(*call, func() (objectTable, *problem)) (*envelope, error), open func(*call) (objectTable, *problem)) func(*call) (*envelope, error) {
	return func(c *call) (*envelope, error) {
		return do(c, func() (objectTable, *problem) { return open(c) })
	}
}

// typeTable is a type of custom object as a table of objects.
type typeTable struct {
	*customobjects.Type

	kind objectKind
}

// newTypeTable returns a table with what all types have.
func newTypeTable(t *customobjects.Type, idField string) typeTable {
	k := objectKind{name: t.Name(), label: t.Name(), idField: idField, link: t.LinkField(), linkTo: "id", since: objects.TypesSince}
	for _, f := range t.Keys() {
		k.dedupe = append(k.dedupe, f.Name)
	}
	k.fields = append(append(k.fields, t.Keys()...), t.Fields()...)
	if len(k.dedupe) == 1 {
		k.search = append(k.search, k.dedupe[0])
	}
	if k.link != "" && !contains(k.dedupe, k.link) {
		k.search = append(k.search, k.link)
	}
	return typeTable{t, k}
}

// customTable opens the type of custom object that the path names.
func (c *call) customTable() (objectTable, *problem) {
	t := c.CustomObjects.Find(c.path["customObjectName"])
	if t == nil {
		return nil, refuse(codeNoObject, "Object '%.100s' not found", c.path["customObjectName"])
	}
	return newTypeTable(t, "marketoGUID"), nil
}

func (c *call) companyTable() (objectTable, *problem) {
	t := newTypeTable(c.Companies, "id")
	t.kind.search, t.kind.owned = append(t.kind.search, "company", "externalSalesPersonId"), true
	return t, nil
}

func (c *call) salesTable() (objectTable, *problem) {
	t := newTypeTable(c.SalesPersons, "id")
	t.kind.search, t.kind.owned = append(t.kind.search, "email"), true
	return t, nil
}

func (t typeTable) describe() objectKind { return t.kind }

func (t typeTable) match(keys []record.Attribute, after int64, n int) ([]int64, *problem) {
	if len(keys) == 1 && keys[0].Name == t.kind.idField {
		if id := t.kind.number(keys[0].Value); id > after && t.At(id) != nil {
			return []int64{id}, nil
		}
		return nil, nil
	}
	query, err := t.Ask(keys)
	if err != nil {
		return nil, refuse(codeNoField, "%v", err)
	}
	var ids []int64
	for more := true; more && len(ids) < n; {
		page := t.Page(after, n-len(ids), query)
		for _, o := range page.Objects {
			ids = append(ids, o.Number())
		}
		after, more = page.Reached, page.Left > 0
	}
	return ids, nil
}

func (t typeTable) show(id int64) (values map[string]string, created, updated time.Time) {
	o := t.At(id)
	keys, fields := o.Values()
	values = make(map[string]string)
	for i, f := range t.Keys() {
		values[f.Name] = keys[i]
	}
	for i, f := range t.Fields() {
		values[f.Name] = fields[i]
	}
	created, updated = o.Times()
	return values, created, updated
}

func (t typeTable) sync(id int64, values []record.Attribute, op gen.SyncOperationEnum) (int64, bool, *problem) {
	var keys, attributes []record.Attribute
	for _, v := range values {
		if contains(t.kind.dedupe, v.Name) {
			keys = append(keys, v)
		} else {
			attributes = append(attributes, v)
		}
	}
	if id != 0 { // the keys of a record that exists stay
		keys = nil
		before, _, _ := t.show(id)
		for _, name := range t.kind.dedupe {
			keys = append(keys, record.Attribute{Name: name, Value: before[name]})
		}
	}
	status, err := t.Sync(keys, attributes, op)
	if err != nil {
		return 0, false, refuse(codeInvalid, "%v", err)
	}
	found, _ := t.match(keys, 0, 1)
	return found[0], status == gen.SyncStatusEnumCREATED, nil
}

func (t typeTable) remove(id int64) { t.Remove(t.At(id)) }

// listCustomObjects returns the types of custom object (Marketo REST API, custom objects).
func (c *call) listCustomObjects() (*envelope, error) {
	names := c.list("names", maxBatch)
	defer c.View()()
	list := []map[string]any{}
	for _, t := range c.CustomObjects.All() {
		if k := newTypeTable(t, "marketoGUID").kind; matches(names, k.name) {
			list = append(list, objectDescription(&k, false))
		}
	}
	return ok(list)
}
