package rest

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Paths of the bulk extract of activities. They lie beside /rest.
var (
	exportsPath       = readPath{"/bulk/v1/activities/export.json", 30 * time.Second}
	createExportPath  = writePath{post, "/bulk/v1/activities/export/create.json", 30 * time.Second}
	enqueueExportPath = writePath{post, "/bulk/v1/activities/export/{exportId}/enqueue.json", 30 * time.Second}
	cancelExportPath  = writePath{post, "/bulk/v1/activities/export/{exportId}/cancel.json", 30 * time.Second}
	exportStatusPath  = readPath{"/bulk/v1/activities/export/{exportId}/status.json", 30 * time.Second}
	exportFilePath    = readPath{"/bulk/v1/activities/export/{exportId}/file.json", 60 * time.Second} // until something comes
)

// Export is a job of a bulk extract, whose members beyond the state come with the end (Marketo REST API, bulk extract).
type Export struct {
	ID         string `json:"exportId"`
	Status     string `json:"status"` // Created, Queued, Processing, Cancelled or Canceled, Completed, Failed
	FinishedAt string `json:"finishedAt"`
	Records    *int64 `json:"numberOfRecords"`
	Size       *int64 `json:"fileSize"`
	Checksum   string `json:"fileChecksum"` // sha256: and hexadecimal digits
	Error      string `json:"errorMsg"`
}

// ExportFilter says which activities an extract has.
type ExportFilter struct {
	From, To time.Time // both inclusive, in whole seconds, at most 31 days
	Types    []int64   // none: all
}

// exportColumns are those that a file of activities has by itself.
var exportColumns = []string{
	"marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId", "primaryAttributeValueId", "primaryAttributeValue", "attributes",
}

// newExport returns a write that serves the reading of a file.
func newExport(p writePath, parts ...string) *Write {
	w := newWrite(p, fault.Idempotent, parts...)
	w.reads = true
	return w
}

// CreateExport makes a job, which does nothing yet. It is repeated where nobody knows what became of it: a job that is never
// put into the queue costs nothing.
func (c *Client) CreateExport(ctx context.Context, f ExportFilter) (*Answer[Export], error) {
	filter := Object{{"createdAt", Object{{"startAt", Stamp(f.From)}, {"endAt", Stamp(f.To)}}}}
	if len(f.Types) > 0 {
		filter = append(filter, Member{"activityTypeIds", f.Types})
	}
	w := newExport(createExportPath)
	return write[Export](ctx, c, w.withJSON(Object{{"format", "CSV"}, {"fields", exportColumns}, {"filter", filter}}))
}

// codeExport says that the queue is full, that the volume of the day is used up, or that the job is in the queue already.
const codeExport fault.RESTCode = 1029

// EnqueueExport puts a job into the queue. That one is there already is an error of the service.
func (c *Client) EnqueueExport(ctx context.Context, id string) (*Answer[Export], error) {
	w := newExport(enqueueExportPath, id)
	w.tell = codeExport
	return write[Export](ctx, c, w)
}

// CancelExport gives a job up that has not ended.
func (c *Client) CancelExport(ctx context.Context, id string) (*Answer[Export], error) {
	return write[Export](ctx, c, newExport(cancelExportPath, id))
}

// ExportStatus tells how far a job has come. The service brings that up to date once in a minute.
func (c *Client) ExportStatus(ctx context.Context, id string) (*Answer[Export], error) {
	return read[Export](ctx, c, newRead(exportStatusPath, id))
}

// Exports returns a page of the jobs of the last seven days that the API user has made.
func (c *Client) Exports(ctx context.Context, p Page) (*Answer[Export], error) {
	r := newRead(exportsPath)
	p.add(&r.params)
	return read[Export](ctx, c, r)
}
