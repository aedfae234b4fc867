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

// exportStep is how many rows a step of making a file looks at. Only a step holds the lock.
const exportStep = 1000

// steps returns the next rows of a file, and whether there may be others. The lock is held.
type steps func() (rows [][]string, more bool)

// writeExport writes the file of a job that has ended, in steps: what is written in between by
// other calls may be in it. The lock is not held.
func (c *call) writeExport(job *exports.Job) (*exports.File, int) {
	file, records := new(exports.Writer), 0
	w := csv.NewWriter(file) // which takes everything
	w.Comma = separators[job.Format]
	header := make([]string, len(job.Fields))
	for i, name := range job.Fields {
		header[i] = cmp.Or(job.Headers[name], name)
	}
	_ = w.Write(header)
	next, more := c.exportSteps(job), true
	for more {
		var rows [][]string
		rows, more = c.step(next)
		_ = w.WriteAll(rows)
		records += len(rows)
	}
	w.Flush()
	return file.File(), records
}

// step takes a step under the lock.
func (c *call) step(next steps) (rows [][]string, more bool) {
	defer c.View()()
	return next()
}

// exportSteps returns the steps of a job's file. The lock is not held.
func (c *call) exportSteps(job *exports.Job) steps {
	switch job.Kind {
	case "leads":
		return c.leadSteps(job)
	case "activities":
		return c.activitySteps(job)
	}
	return c.customSteps(job)
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

// exportedLeads returns the ids of the leads of a job, in ascending order.
func (c *call) exportedLeads(f *record.ExportFilter) (ids []int64) {
	gather := c.allIDs()
	if f.ListID != 0 || f.SmartListID != 0 {
		gather = c.memberIDs(f)
	}
	for more := true; more; {
		more = func() bool {
			defer c.View()()
			page, left := gather()
			ids = append(ids, page...)
			return left
		}()
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// allIDs returns the ids of all leads, step by step.
func (c *call) allIDs() func() (ids []int64, more bool) {
	var next leads.No
	return func() (ids []int64, more bool) {
		ids, next, more = c.Leads.IDsFrom(next, exportStep)
		return ids, more
	}
}

// memberIDs returns the ids of the leads on the list of a filter, step by step.
func (c *call) memberIDs(f *record.ExportFilter) func() (ids []int64, more bool) {
	var after int64
	return func() (ids []int64, more bool) {
		if l := c.SmartLists.Find(f.SmartListID, ""); l != nil {
			return l.Members, false
		}
		l := c.Lists.Find(f.ListID)
		if l == nil {
			return nil, false
		}
		ids, left := l.After(after, exportStep)
		if len(ids) > 0 {
			after = ids[len(ids)-1]
		}
		return ids, left > len(ids)
	}
}

func (c *call) exportedFields(names []string) (fields []leadField) {
	defer c.View()()
	for _, name := range names {
		f, _ := c.field(name)
		fields = append(fields, f)
	}
	return fields
}

// leadSteps writes the leads of a job, by id.
func (c *call) leadSteps(job *exports.Job) steps {
	fields, ids := c.exportedFields(job.Fields), c.exportedLeads(&job.Filter)
	return func() (rows [][]string, more bool) {
		page := ids[:min(exportStep, len(ids))]
		ids = ids[len(page):]
		for _, id := range page {
			no, found := c.Leads.No(id)
			if !found || !inRange(job.Filter.Created, c.Leads.Created(no).Unix()) || !inRange(job.Filter.Updated, c.Leads.Updated(no)) {
				continue
			}
			l, row := c.Leads.Lead(no), make([]string, len(fields))
			for i := range fields {
				if row[i] = nothing; fields[i].value != nil { // nil: of a state, whose fields need not be there
					row[i] = cell(fields[i].value(c.handler, no, l))
				}
			}
			rows = append(rows, row)
		}
		return rows, len(ids) > 0
	}
}

// activitySteps writes the activities of a job, oldest first.
func (c *call) activitySteps(job *exports.Job) steps {
	f, query := &job.Filter, activity.Query{Within: ordered.Everything}
	query.Within.Narrow(f.Created.From, f.Created.To)
	return func() (rows [][]string, more bool) {
		if query.Filter.Names = c.kindNames(f.Types); len(f.Types) > 0 && len(query.Filter.Names) == 0 {
			return nil, false
		}
		page := c.Activities.ChangesIn(nil, c.Leads, query).Page(exportStep)
		for _, r := range page.Records {
			a := c.shownActivity(r)
			if len(f.PrimaryIDs) > 0 && !containsID(f.PrimaryIDs, a.PrimaryValueID) || len(f.PrimaryValues) > 0 && !contains(f.PrimaryValues, a.PrimaryValue) {
				continue
			}
			rows = append(rows, activityRow(job.Fields, &a, r))
		}
		query.Within.Since = page.Place
		query.Within.Since.Ref++
		return rows, page.Left > 0 && page.Reached != nil
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

// customSteps writes the records of a job, in the order they were made. Those of a list are the ones
// that are linked to its leads.
func (c *call) customSteps(job *exports.Job) steps {
	var members []int64
	listed := job.Filter.ListID != 0 || job.Filter.SmartListID != 0
	if listed {
		members = c.exportedLeads(&job.Filter)
	}
	var after int64
	return func() (rows [][]string, more bool) {
		t := c.CustomObjects.Find(job.Object)
		if t == nil {
			return nil, false
		}
		table, page := newTypeTable(t, "marketoGUID"), t.After(after, exportStep)
		for _, o := range page {
			after = o.Number()
			values, created, updated := table.show(after)
			if !inRange(job.Filter.Updated, updated.Unix()) || listed && !linked(members, values[table.kind.link]) {
				continue
			}
			row := make([]string, len(job.Fields))
			for i, name := range job.Fields {
				row[i] = customCell(&table.kind, name, after, values, created, updated)
			}
			rows = append(rows, row)
		}
		return rows, len(page) == exportStep
	}
}

// linked reports whether a value of a link field is one of several ids, in ascending order.
func linked(members []int64, value string) bool {
	id, err := strconv.ParseInt(value, 10, 64)
	_, found := slices.BinarySearch(members, id)
	return err == nil && found
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
