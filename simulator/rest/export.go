package rest

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/exports"
	"github.com/mktows/mktows-go/simulator/record"
)

// exportOperations are the bulk extracts. That of custom objects has neither list nor cancel in
// the description of the API.
var exportOperations = slices.Concat(
	exportsOf("/bulk/v1/leads/export", (*call).readLeadExport, true),
	exportsOf("/bulk/v1/activities/export", (*call).readActivityExport, true),
	exportsOf("/bulk/v1/customobjects/{apiName}/export", (*call).readCustomExport, false),
)

// exportsOf returns the operations on the jobs of one kind.
func exportsOf(path string, read func(*call) (record.Export, *problem), full bool) []operation {
	list := []operation{
		{method: post, path: path + "/create.json", takes: takesJSON, do: createExport(read)},
		{method: post, path: path + "/{exportId}/enqueue.json", do: onExport((*call).enqueueExport)},
		{method: get, path: path + "/{exportId}/status.json", do: onExport(func(*call, *exports.Job) *problem { return nil })},
		{method: get, path: path + "/{exportId}/file.json", file: (*call).exportFile},
	}
	if full {
		list = append(list,
			operation{method: get, path: path + ".json", do: (*call).listExports},
			operation{method: post, path: path + "/{exportId}/cancel.json", do: onExport((*call).cancelExport)})
	}
	return list
}

// exportKind is the kind of job that a path is about, and the type of custom object.
func (c *call) exportKind() (kind, object string) {
	kind, _, _ = strings.Cut(strings.TrimPrefix(c.op.path, "/bulk/v1/"), "/")
	if name, ok := c.path["apiName"]; ok {
		object = strings.ToLower(name)
	}
	return kind, object
}

// shownExport is a job as answers show it (Marketo REST API, bulk extract).
type shownExport struct {
	ID         string `json:"exportId"`
	Format     string `json:"format"`
	Status     string `json:"status"`
	CreatedAt  string `json:"createdAt"`
	QueuedAt   string `json:"queuedAt,omitempty"`
	StartedAt  string `json:"startedAt,omitempty"`
	FinishedAt string `json:"finishedAt,omitempty"`
	Records    *int   `json:"numberOfRecords,omitempty"`
	Size       *int64 `json:"fileSize,omitempty"`
	Checksum   string `json:"fileChecksum,omitempty"`
}

// shownExport returns a job as of the latest refreshment of its status. The lock is held.
func (c *call) shownExport(job *exports.Job) shownExport {
	out := shownExport{
		ID: job.ID, Format: job.Format, Status: job.StatusAt(c.refreshed(job)), CreatedAt: stamp(job.CreatedAt, withZ), QueuedAt: stamp(job.QueuedAt, withZ),
	}
	if out.Status != exports.Queued {
		out.StartedAt = stamp(job.StartedAt, withZ)
	}
	if out.Status == exports.Completed {
		size, records := job.File.Size(), job.Records // copies: the answer is written without the lock
		out.FinishedAt, out.Records, out.Size, out.Checksum = stamp(job.FinishedAt, withZ), &records, &size, "sha256:"+job.File.SHA256()
	}
	return out
}

// refreshed is when the status of a job was brought up to date last: every so often from when it
// was put into the queue on.
func (c *call) refreshed(job *exports.Job) time.Time {
	every, now := c.settings.Exports.Refresh, c.exchange.Time
	if every == 0 || job.QueuedAt.IsZero() || now.Before(job.QueuedAt) {
		return now
	}
	return now.Add(-(now.Sub(job.QueuedAt) % every))
}

// createExport makes an operation that makes a job of what a function reads.
func createExport(read func(*call) (record.Export, *problem)) func(*call) (*envelope, error) {
	return func(c *call) (*envelope, error) {
		defer c.Change()()
		job, err := read(c)
		if err != nil || c.bad != nil {
			return nil, errors.Join(c.problem(), orNil(err))
		}
		job.Kind, job.Object = c.exportKind()
		job.User = c.user
		return one(c.shownExport(c.Exports.Create(job)))
	}
}

// orNil returns a problem as an error, nil for none.
func orNil(p *problem) error {
	if p == nil {
		return nil
	}
	return p
}

// advance lets jobs run to now, and makes the files of those that have ended. The lock is not held:
// a large file takes long.
func (c *call) advance() {
	unlock := c.Change()
	ended := c.Exports.Advance(c.settings.Exports.Duration)
	unlock()
	for _, job := range ended {
		exports.Make(job, c.Change, c.writeExport)
	}
}

// job returns the job that the path names, nil for none: only who has made one sees it. The lock
// is held.
func (c *call) job() *exports.Job {
	kind, object := c.exportKind()
	job := c.Exports.Find(c.path["exportId"])
	if job == nil || job.Kind != kind || job.Object != object || job.User != c.user {
		return nil
	}
	return job
}

// onExport makes an operation of what is done with a job.
func onExport(do func(*call, *exports.Job) *problem) func(*call) (*envelope, error) {
	return func(c *call) (*envelope, error) {
		c.advance()
		job, err := c.doExport(do)
		if err != nil {
			return nil, err
		}
		c.advance() // one that takes no time begins and ends at once
		defer c.View()()
		return one(c.shownExport(job))
	}
}

func (c *call) doExport(do func(*call, *exports.Job) *problem) (*exports.Job, *problem) {
	defer c.Change()()
	job := c.job()
	if job == nil {
		return nil, refuse(codeNoObject, "Export job not found")
	}
	return job, do(c, job)
}

// enqueueExport puts a job into the queue. 1029 has three meanings, which its text tells apart
// (Marketo REST API, bulk extract).
func (c *call) enqueueExport(job *exports.Job) *problem {
	switch err := c.Exports.Enqueue(job, c.settings.Exports.Volume); {
	case errors.Is(err, exports.ErrFull):
		return refuse(codeExport, "Too many jobs in queue")
	case errors.Is(err, exports.ErrVolume):
		return refuse(codeExport, "Export daily quota %dMB exceeded.", c.settings.Exports.Volume>>20)
	case err != nil:
		return refuse(codeExport, "Job already queued")
	}
	return nil
}

func (c *call) cancelExport(job *exports.Job) *problem {
	if !c.Exports.Cancel(job) {
		return refuse(codeInvalid, "The job has ended: it cannot be cancelled")
	}
	return nil
}

// maxJobAge is how long jobs are listed.
const maxJobAge = 7 * 24 * time.Hour

// listExports returns a page of the caller's jobs of the last seven days.
func (c *call) listExports() (*envelope, error) {
	states := c.list("status", maxBatch)
	at, size := c.place("exports", c.op.path, states), c.batch()
	for i := range states {
		states[i] = strings.ToLower(states[i])
	}
	c.advance()
	defer c.View()()
	kind, _, _ := strings.Cut(strings.TrimPrefix(c.op.path, "/bulk/v1/"), "/")
	list := []shownExport{}
	for _, job := range c.Exports.All() {
		if job.Kind != kind || job.User != c.user || c.exchange.Time.Sub(job.CreatedAt) > maxJobAge {
			continue
		}
		if shown := c.shownExport(job); matches(states, strings.ToLower(shown.Status)) {
			list = append(list, shown)
		}
	}
	return listPage(c, list, at, size)
}

// exportFile sends the file of a job, whole or a part of it. Until there is one it is HTTP 404
// with plain text.
func (c *call) exportFile() (*reply, error) {
	c.advance()
	defer c.View()()
	job := c.job()
	if job == nil || !job.File.Kept() {
		return textReply(http.StatusNotFound, "The export file is not available."), nil
	}
	file := job.File
	answer := &reply{serve: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		http.ServeContent(w, r, "", time.Time{}, file.Open())
	}}
	answer.Status = http.StatusOK
	return answer, nil
}

// exportRequest is the body of all calls that make a job.
type exportRequest struct {
	Format  string            `json:"format"`
	Fields  []string          `json:"fields"`
	Headers map[string]string `json:"columnHeaderNames"`
	Filter  *exportFilter     `json:"filter"`
}

type exportFilter struct {
	CreatedAt     *dateRange `json:"createdAt"`
	UpdatedAt     *dateRange `json:"updatedAt"`
	StaticListID  int64      `json:"staticListId"`
	StaticList    string     `json:"staticListName"`
	SmartListID   int64      `json:"smartListId"`
	SmartList     string     `json:"smartListName"`
	Types         []int64    `json:"activityTypeIds"`
	PrimaryIDs    []int64    `json:"primaryAttributeValueIds"`
	PrimaryValues []string   `json:"primaryAttributeValues"`
}

type dateRange struct {
	StartAt string `json:"startAt"`
	EndAt   string `json:"endAt"`
}

// separators are those of the formats.
var separators = map[string]rune{"CSV": ',', "TSV": '\t', "SSV": ';'}

// readExport reads the body of a call that makes a job. The lock is held.
func (c *call) readExport() (*exportRequest, *problem) {
	in := &exportRequest{Format: "CSV"}
	if err := c.json(in); err != nil {
		return nil, err
	}
	if in.Format = strings.ToUpper(in.Format); separators[in.Format] == 0 {
		return nil, wrongType(in.Format, "Format")
	}
	if in.Filter == nil {
		return nil, missing("filter")
	}
	return in, checkCount("fields", in.Fields, maxParams) // a file has as many columns
}

// maxWindow is the greatest range of time of a job (Marketo REST API, bulk extract).
const maxWindow = 31 * 24 * time.Hour

// window reads a range of time, nil for none. Both ends are included, in whole seconds.
func (c *call) window(name string, in *dateRange) *record.Range {
	if in == nil {
		return nil
	}
	from, to := c.moment(name+".startAt", in.StartAt), c.moment(name+".endAt", in.EndAt)
	if to.IsZero() {
		to = c.exchange.Time
	}
	if from.IsZero() || to.Before(from) || to.Sub(from) > maxWindow {
		c.wrong(refuse(codeInvalid, "%s: give startAt, and endAt at most 31 days later", name))
	}
	return &record.Range{From: from.Unix(), To: to.Unix()}
}

// exportLists reads the static list and the smart list of a filter, 0 for none.
func (c *call) exportLists(f *exportFilter) (static, smart int64, err *problem) {
	if f.StaticListID != 0 || f.StaticList != "" {
		for _, l := range c.Lists.All() {
			if l.ID() == f.StaticListID || f.StaticListID == 0 && l.Name() == f.StaticList {
				static = l.ID()
				break
			}
		}
		if static == 0 {
			return 0, 0, refuse(codeNoObject, "Static list not found")
		}
	}
	if f.SmartListID != 0 || f.SmartList != "" {
		found := c.SmartLists.Find(f.SmartListID, f.SmartList)
		if found == nil {
			return 0, 0, refuse(codeNoObject, "Smart list not found")
		}
		smart = found.ID
	}
	return static, smart, nil
}

// readLeadExport reads a job for leads: exactly one filter, and fields (Marketo REST API, bulk
// lead extract).
func (c *call) readLeadExport() (out record.Export, err *problem) {
	in, err := c.readExport()
	if err != nil {
		return out, err
	}
	f := in.Filter
	if c.settings.Quirks.NoUpdatedAt && (f.UpdatedAt != nil || f.SmartListID != 0 || f.SmartList != "") {
		return out, refusal(codeNoFilter)
	}
	if len(in.Fields) == 0 {
		return out, missing("fields")
	}
	for _, name := range in.Fields {
		if _, known := c.field(name); !known {
			return out, refuse(codeNoField, "Field '%.100s' not found", name)
		}
	}
	out = record.Export{Format: in.Format, Fields: in.Fields, Headers: in.Headers}
	out.Filter.Created, out.Filter.Updated = c.window("createdAt", f.CreatedAt), c.window("updatedAt", f.UpdatedAt)
	out.Filter.ListID, out.Filter.SmartListID, err = c.exportLists(f)
	return out, orBad(err, oneFilter(out.Filter))
}

// oneFilter wants exactly one of the filters of leads and custom objects.
func oneFilter(f record.ExportFilter) *problem {
	n := 0
	for _, given := range []bool{f.Created != nil, f.Updated != nil, f.ListID != 0, f.SmartListID != 0} {
		if given {
			n++
		}
	}
	if n != 1 {
		return refuse(codeInvalid, "filter has %d filters, not one", n)
	}
	return nil
}

func orBad(a, b *problem) *problem {
	if a != nil {
		return a
	}
	return b
}

// maxPrimary is how many values of a primary attribute a filter has (Marketo REST API, bulk
// activity extract).
const maxPrimary = 50

// activityColumns are those of a file of activities.
var activityColumns = []string{
	"marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId", "primaryAttributeValueId", "primaryAttributeValue", "attributes",
}

// readActivityExport reads a job for activities. Delete Lead is not exported.
func (c *call) readActivityExport() (out record.Export, err *problem) {
	in, err := c.readExport()
	if err != nil {
		return out, err
	}
	f := in.Filter
	switch {
	case f.CreatedAt == nil:
		return out, missing("filter.createdAt")
	case slices.Contains(f.Types, kindDeleteLead):
		return out, refuse(codeInvalid, "Activity type %d cannot be exported", kindDeleteLead)
	case len(f.PrimaryIDs) > 0 && len(f.PrimaryValues) > 0, max(len(f.PrimaryIDs), len(f.PrimaryValues)) > maxPrimary:
		return out, refuse(codeInvalid, "Give primaryAttributeValueIds or primaryAttributeValues, and at most %d of them", maxPrimary)
	case len(f.PrimaryIDs)+len(f.PrimaryValues) > 0 && len(f.Types) == 0:
		return out, refuse(codeInvalid, "Values of primary attributes need activityTypeIds")
	}
	for _, name := range in.Fields {
		if !contains(activityColumns, name) && name != "actionResult" {
			return out, refuse(codeNoField, "Field '%.100s' not found", name)
		}
	}
	out = record.Export{Format: in.Format, Fields: in.Fields, Headers: in.Headers}
	if len(out.Fields) == 0 {
		out.Fields = activityColumns
	}
	out.Filter = record.ExportFilter{Created: c.window("createdAt", f.CreatedAt), Types: f.Types, PrimaryIDs: f.PrimaryIDs, PrimaryValues: f.PrimaryValues}
	return out, nil
}

// readCustomExport reads a job for records of a custom object.
func (c *call) readCustomExport() (out record.Export, err *problem) {
	in, err := c.readExport()
	if err != nil {
		return out, err
	}
	t := c.CustomObjects.Find(c.path["apiName"])
	if t == nil {
		return out, refuse(codeNoObject, "Object '%.100s' not found", c.path["apiName"])
	}
	k := newTypeTable(t, "marketoGUID").kind
	out = record.Export{Format: in.Format, Fields: in.Fields, Headers: in.Headers}
	for _, f := range k.fields {
		if len(in.Fields) == 0 {
			out.Fields = append(out.Fields, f.Name)
		}
	}
	for _, name := range in.Fields {
		if _, known := k.field(name); !known && !contains([]string{"marketoGUID", "createdAt", "updatedAt"}, name) {
			return out, refuse(codeNoField, "Field '%.100s' not found", name)
		}
	}
	out.Filter.Updated = c.window("updatedAt", in.Filter.UpdatedAt)
	out.Filter.ListID, out.Filter.SmartListID, err = c.exportLists(in.Filter)
	return out, orBad(err, oneFilter(out.Filter))
}
