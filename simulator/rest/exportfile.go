package rest

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/exports"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/record"
)

// nothing is what stands in a file where there is no value (Marketo REST API, bulk extract).
const nothing = "null"

// exportWriter writes the rows of a job.
type exportWriter struct {
	file    exports.Writer
	rows    *csv.Writer
	records int
}

// writeExport writes the file of a job: what there is when its end is noticed. The lock is held.
func (c *call) writeExport(job *exports.Job) (*exports.File, int) {
	w := new(exportWriter)
	w.rows = csv.NewWriter(&w.file)
	w.rows.Comma = separators[job.Format]
	header := make([]string, len(job.Fields))
	for i, name := range job.Fields {
		header[i] = cmp.Or(job.Headers[name], name)
	}
	_ = w.rows.Write(header) // a Writer takes everything
	switch job.Kind {
	case "leads":
		c.writeLeads(w, job)
	case "activities":
		c.writeActivities(w, job)
	default:
		c.writeCustomObjects(w, job)
	}
	w.rows.Flush()
	return w.file.File(), w.records
}

func (w *exportWriter) add(row []string) {
	w.records++
	_ = w.rows.Write(row) // a Writer takes everything
}

// cell returns a value as a file has it.
func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return nothing
	case string:
		return cmp.Or(v, nothing)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// inRange reports whether a Unix time lies in a range; nil bounds nothing.
func inRange(r *record.Range, at int64) bool { return r == nil || at >= r.From && at <= r.To }

// exportedLeads returns the ids of the leads of a job.
func (c *call) exportedLeads(f *record.ExportFilter) []int64 {
	if f.ListID == 0 {
		return c.Leads.AllIDs()
	}
	if l := c.Lists.Find(f.ListID); l != nil {
		return l.IDs()
	}
	return nil
}

func (c *call) writeLeads(w *exportWriter, job *exports.Job) {
	var fields []leadField
	for _, name := range job.Fields {
		f, _ := c.field(name)
		fields = append(fields, f)
	}
	for _, id := range c.exportedLeads(&job.Filter) {
		no, _ := c.Leads.No(id)
		if !inRange(job.Filter.Created, c.Leads.Created(no).Unix()) || !inRange(job.Filter.Updated, c.Leads.Updated(no)) {
			continue
		}
		l, row := c.Leads.Lead(no), make([]string, len(fields))
		for i := range fields {
			row[i] = cell(fields[i].value(c.handler, no, l))
		}
		w.add(row)
	}
}

// writeActivities writes the activities of a job, oldest first, a thousand at a time.
func (c *call) writeActivities(w *exportWriter, job *exports.Job) {
	f := &job.Filter
	names := c.kindNames(f.Types)
	if len(f.Types) > 0 && len(names) == 0 {
		return
	}
	query := activity.Query{Within: ordered.Everything, Filter: activity.Filter{Names: names}}
	query.Within.Narrow(f.Created.From, f.Created.To)
	found := c.Activities.ChangesIn(nil, c.Leads, query)
	for r := range found.All() {
		a := c.shownActivity(r)
		if len(f.PrimaryIDs) > 0 && !containsID(f.PrimaryIDs, a.PrimaryValueID) || len(f.PrimaryValues) > 0 && !contains(f.PrimaryValues, a.PrimaryValue) {
			continue
		}
		w.add(activityRow(job.Fields, &a, r))
	}
}

// activityRow returns a row of a file of activities.
func activityRow(columns []string, a *shownActivity, r *activity.Record) []string {
	row := make([]string, len(columns))
	for i, name := range columns {
		switch name {
		case "marketoGUID":
			row[i] = a.GUID
		case "leadId":
			row[i] = strconv.FormatInt(a.LeadID, 10)
		case "activityDate":
			row[i] = stamp(r.Time(), withZ)
		case "activityTypeId":
			row[i] = strconv.FormatInt(a.TypeID, 10)
		case "campaignId":
			row[i] = idCell(a.CampaignID)
		case "primaryAttributeValueId":
			row[i] = idCell(a.PrimaryValueID)
		case "primaryAttributeValue":
			row[i] = cmp.Or(a.PrimaryValue, nothing)
		case "attributes":
			row[i] = attributesCell(a.Attributes)
		default:
			row[i] = "succeeded"
		}
	}
	return row
}

func idCell(id int64) string {
	if id == 0 {
		return nothing
	}
	return strconv.FormatInt(id, 10)
}

// attributesCell returns attributes as an object, in their order (Marketo REST API, bulk activity
// extract: the page shows an object).
func attributesCell(list []namedValue) string {
	var parts []string
	for _, a := range list {
		if a.Value != "" {
			parts = append(parts, encoded(a.Name)+": "+encoded(a.Value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// encoded returns a value as JSON, with & and < as they are.
func encoded(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // texts, numbers and booleans can be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// writeCustomObjects writes the records of a job, in the order they were made. Those of a list
// are the ones that are linked to its leads.
func (c *call) writeCustomObjects(w *exportWriter, job *exports.Job) {
	t := c.CustomObjects.Find(job.Object)
	if t == nil {
		return
	}
	table := newTypeTable(t, "marketoGUID")
	var members []leads.No
	for _, id := range c.exportedLeads(&job.Filter) {
		if no, ok := c.Leads.No(id); ok && job.Filter.ListID != 0 {
			members = append(members, no)
		}
	}
	for o := range t.All() {
		values, created, updated := table.show(o.Number())
		if !inRange(job.Filter.Updated, updated.Unix()) || job.Filter.ListID != 0 && !c.linked(members, values[table.kind.link]) {
			continue
		}
		row := make([]string, len(job.Fields))
		for i, name := range job.Fields {
			row[i] = customCell(&table.kind, name, o.Number(), values, created, updated)
		}
		w.add(row)
	}
}

// linked reports whether a value of a link field is the id of one of several leads.
func (c *call) linked(members []leads.No, value string) bool {
	id, err := strconv.ParseInt(value, 10, 64)
	no, found := c.Leads.No(id)
	return err == nil && found && slices.Contains(members, no)
}

func customCell(k *objectKind, name string, id int64, values map[string]string, created, updated time.Time) string {
	f, known := k.field(name)
	switch {
	case known:
		return cell(typedObject(f, values[f.Name]))
	case name == "createdAt":
		return stamp(created, withZ)
	case name == "updatedAt":
		return stamp(updated, withZ)
	}
	return k.guid(id)
}
