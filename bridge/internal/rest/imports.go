package rest

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Paths of the bulk import. They lie beside /rest.
var (
	importPath       = writePath{post, "/bulk/v1/leads.json", 120 * time.Second}
	importStatusPath = readPath{"/bulk/v1/leads/batch/{batchId}.json", 30 * time.Second}
)

// Import is a bulk import of leads. Its file is CSV whose first row names fields of the REST API.
type Import struct {
	List        int64 // that the leads are put on; 0: none
	LookupField string
	File        []byte // less than [MaxImport]
}

// Batch is a job of an import (Marketo REST API, bulk lead import).
type Batch struct {
	ID        int64  `json:"batchId"`
	Status    string `json:"status"` // Queued, Importing, Complete, Failed
	Processed int32  `json:"numOfLeadsProcessed"`
	Failed    int32  `json:"numOfRowsFailed"`
	Message   string `json:"message"`
}

// ImportLeads starts an import.
func (c *Client) ImportLeads(ctx context.Context, in Import, safety fault.Safety) (*Answer[Batch], error) {
	w := newWrite(importPath, safety).withFile(in.File)
	w.params.add("format", "csv")
	w.params.addText("lookupField", in.LookupField)
	w.params.addNumber("listId", in.List)
	return write[Batch](ctx, c, w)
}

// withFile makes a file the body of a write.
func (w *Write) withFile(file []byte) *Write {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "leads.csv")
	if err == nil {
		_, err = part.Write(file)
	}
	w.err = errors.Join(w.err, err, form.Close())
	w.body, w.kind = body.Bytes(), form.FormDataContentType()
	if body.Len() >= MaxImport {
		w.err = errors.Join(w.err, fault.Newf(fault.CodeBadParameter, "the file of the import has %d bytes, more than the %d that the REST API takes: import fewer rows at once", body.Len(), MaxImport))
	}
	return w
}

// ImportStatus tells how far a job has come. Its id is known for a week.
func (c *Client) ImportStatus(ctx context.Context, batch int64) (*Answer[Batch], error) {
	return read[Batch](ctx, c, newRead(importStatusPath, number(batch)))
}
