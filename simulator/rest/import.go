package rest

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/simulator/internal/imports"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/record"
)

// importOperations are the bulk import of leads.
var importOperations = []operation{
	{method: post, path: "/bulk/v1/leads.json", takes: takesFile, do: (*call).importLeads},
	{method: get, path: "/bulk/v1/leads/batch/{batchId}.json", do: (*call).importStatus},
	{method: get, path: "/bulk/v1/leads/batch/{batchId}/failures.json", file: (*call).importFailures},
	{method: get, path: "/bulk/v1/leads/batch/{batchId}/warnings.json", file: (*call).importWarnings},
}

// shownBatch is an import as answers show it (Marketo REST API, bulk lead import).
type shownBatch struct {
	BatchID   int32  `json:"batchId"`
	ImportID  string `json:"importId"`
	Status    string `json:"status"`
	Processed *int32 `json:"numOfLeadsProcessed,omitempty"`
	Failed    *int32 `json:"numOfRowsFailed,omitempty"`
	Warnings  *int32 `json:"numOfRowsWithWarning,omitempty"`
	Message   string `json:"message,omitempty"`
}

// shownBatchOf returns an import as it is now.
func (c *call) shownBatchOf(job *imports.Job) shownBatch {
	id := job.Batch().ID
	out := shownBatch{BatchID: id, ImportID: strconv.Itoa(int(id)), Status: "Importing"}
	switch {
	case job.Done():
		processed, failed, _ := job.Counts()
		out.Status, out.Processed, out.Failed, out.Warnings = "Complete", &processed, &failed, new(int32)
		out.Message = "Import succeeded, " + strconv.Itoa(int(processed)) + " records imported (" + strconv.Itoa(int(processed)) + " members)"
		if failed > 0 {
			out.Message = "Import completed with errors, " + strconv.Itoa(int(processed)) + " records imported, " + strconv.Itoa(int(failed)) + " failed"
		}
	case job.Started().After(c.exchange.Time):
		out.Status = "Queued"
	}
	return out
}

// importLeads starts an import of a file: its first row names fields of the REST API (Marketo
// REST API, bulk lead import).
func (c *call) importLeads() (*envelope, error) {
	format := strings.ToUpper(c.must("format"))
	if c.bad == nil && separators[format] == 0 {
		c.wrong(wrongType(format, "Format"))
	}
	if c.bad != nil {
		return nil, c.bad
	}
	rows, err := c.importRows(separators[format])
	if err != nil {
		return nil, err
	}
	lines, asLine := make([]string, len(rows)-1), csvLines() // before the lock is taken: there may be many
	for i, row := range rows[1:] {
		lines[i] = asLine(row)
	}
	defer c.Change()()
	in, err := c.batchRequest(rows[0])
	if err != nil {
		return nil, err
	}
	in.Rows = lines
	job, failed := c.Imports.StartBatch(in)
	switch {
	case errors.Is(failed, imports.ErrFull):
		return nil, refusal(codeImportsFull)
	case failed != nil:
		return nil, refusal(codeImporting)
	}
	out := c.shownBatchOf(job)
	out.Status = "Queued"
	return one(out)
}

// importRows reads the rows of the file in the body.
func (c *call) importRows(separator rune) ([][]string, *problem) {
	_, boundary, _ := strings.Cut(c.http.Header.Get("Content-Type"), "boundary=")
	parts := multipart.NewReader(bytes.NewReader(c.body), strings.Trim(boundary, `"`))
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, refusal(codeMultipart)
		}
		if part.FormName() != "file" {
			continue
		}
		text, err := io.ReadAll(part) // no longer than the body
		if err != nil {
			return nil, refusal(codeMultipart)
		}
		r := csv.NewReader(strings.NewReader(soapxml.Strip(strings.TrimPrefix(string(text), "\xEF\xBB\xBF"))))
		r.Comma, r.FieldsPerRecord = separator, -1
		rows, err := r.ReadAll()
		if err != nil || len(rows) == 0 {
			return nil, refuse(codeInvalid, "The file is empty or cannot be read: %v", err)
		}
		return rows, nil
	}
}

// batchRequest checks header and parameters of an import. The lock is held.
func (c *call) batchRequest(header []string) (in imports.BatchRequest, err *problem) {
	workspace, known := c.Leads.Workspace(c.text("partitionName"))
	if !known {
		return in, refuse(codeNoObject, "Partition '%.100s' not found", c.text("partitionName"))
	}
	in.Workspace = workspace
	if text := c.text("listId"); text != "" {
		if in.List = c.Lists.Find(c.number64(text)); in.List == nil {
			return in, refuse(codeNoObject, "List not found")
		}
	}
	if in.Columns, err = c.importColumns(header); err != nil {
		return in, err
	}
	lookup := cmp.Or(c.text("lookupField"), "email")
	i := slices.IndexFunc(in.Columns, func(f record.LeadField) bool { return leads.RESTName(f) == lookup })
	if i < 0 || !searchable(in.Columns[i]) {
		return in, refuse(codeInvalid, "Lookup field '%.100s' is no column that leads are found by", lookup)
	}
	in.Lookup = in.Columns[i]
	return in, nil
}

// importColumns returns the fields that a header names, each once.
func (c *call) importColumns(header []string) ([]record.LeadField, *problem) {
	var list []record.LeadField
	for _, name := range header {
		f, known := c.Leads.ByREST(strings.TrimSpace(name))
		if !known || slices.Contains(list, f) {
			return nil, refuse(codeNoField, "Field '%.100s' not found, or twice", name)
		}
		list = append(list, f)
	}
	return list, nil
}

// csvLines returns a function that returns values as a line of CSV. The lines share one buffer.
func csvLines() func(values []string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	return func(values []string) string {
		b.Reset()
		_ = w.Write(values) // a buffer takes everything
		w.Flush()
		return strings.TrimSuffix(b.String(), "\n")
	}
}

// batchLife is how long an import can be asked about (Marketo REST API, bulk lead import).
const batchLife = 7 * 24 * time.Hour

// batchInPath returns the import that the path names. The lock is held.
func (c *call) batchInPath() (*imports.Job, *problem) {
	job := c.Imports.FindBatch(c.id("batchId"))
	switch {
	case c.bad != nil:
		return nil, c.bad
	case job == nil || job.Done() && c.exchange.Time.Sub(job.Ended()) > batchLife:
		return nil, refuse(codeNoObject, "Batch not found")
	}
	return job, nil
}

func (c *call) importStatus() (*envelope, error) {
	defer c.View()()
	job, err := c.batchInPath()
	if err != nil {
		return nil, err
	}
	return one(c.shownBatchOf(job))
}

// importFailures returns the rows that have failed, each with the reason in a column of its own.
func (c *call) importFailures() (*reply, error) {
	defer c.View()()
	job, err := c.batchInPath()
	if err != nil {
		return nil, err
	}
	failures := job.Batch().Failures
	if len(failures) == 0 {
		return csvReply(""), nil
	}
	var b strings.Builder
	asLine := csvLines()
	for _, f := range job.Columns() {
		b.WriteString(leads.RESTName(f) + ",")
	}
	b.WriteString("Import Failure Reason\n")
	for _, f := range failures {
		b.WriteString(f.Row + "," + asLine([]string{f.Reason}) + "\n")
	}
	return csvReply(b.String()), nil
}

// importWarnings returns the rows that were imported with a warning: there are none.
func (c *call) importWarnings() (*reply, error) {
	defer c.View()()
	if _, err := c.batchInPath(); err != nil {
		return nil, err
	}
	return csvReply(""), nil
}

// csvReply is a reply that is a file. Bulk calls never compress.
func csvReply(text string) *reply {
	answer := textReply(http.StatusOK, "")
	answer.Header.Set("Content-Type", "text/csv")
	answer.Body = []byte(text)
	return answer
}
