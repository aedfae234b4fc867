package imports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
	"github.com/mktows/mktows-go/simulator/record"
)

// column is a column of a header: a field, or a token of a program.
type column struct {
	field record.LeadField
	token string // {{my.message}}; empty: it is a field
}

// Header is a header that was read.
type Header struct{ columns []column }

// Token returns the first column that is a token, if there is one.
func (h Header) Token() (name string, ok bool) {
	i := slices.IndexFunc(h.columns, func(c column) bool { return c.token != "" })
	if i < 0 {
		return "", false
	}
	return h.columns[i].token, true
}

// ReadHeader parses the names of the columns. Fault 20110 is given for a name that is not known, and for a header
// without addresses, since leads are found by those.
func (t *Table) ReadHeader(header string) (Header, error) {
	names, err := readLine(header)
	if err != nil {
		return Header{}, fault.Newf(fault.CodeBadParameter, "importFileHeader cannot be read as CSV: %v", err)
	}
	columns := make([]column, len(names))
	hasAddress := false
	for i, name := range names {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "{{") && strings.HasSuffix(name, "}}") {
			columns[i].token = strings.Clone(name)
			continue
		}
		field, ok := t.leads.Label(name)
		if !ok || slices.ContainsFunc(columns[:i], func(c column) bool { return c.field.Name == field.Name }) {
			return Header{}, fault.Newf(fault.CodeBadParameter,
				"importFileHeader: column %q is given twice or is not the display name of a field", name)
		}
		columns[i].field = field
		hasAddress = hasAddress || field.Name == leads.FieldEmail
	}
	if !hasAddress {
		return Header{}, fault.New(fault.CodeBadParameter, "importFileHeader has no column Email Address: leads are found by it")
	}
	return Header{columns}, nil
}

var errSeveralLines = errors.New("it has more than one line")

// readLine reads one line of values separated by commas (RFC 4180); an empty one is one empty value. Most lines have no
// quotes: they need no reader with a buffer of its own, which would cost more than all else where rows are short and many.
func readLine(line string) ([]string, error) {
	if !strings.ContainsAny(line, "\"\r\n") {
		return strings.Split(line, ","), nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.FieldsPerRecord = -1
	values, err := r.Read()
	if err != nil {
		return nil, err
	}
	if _, err := r.Read(); err == nil {
		return nil, errSeveralLines
	}
	return values, nil
}

type rowOutcome int

const (
	rowFailed rowOutcome = iota
	rowImported
	rowIgnored
)

// importRow writes one row and reports what became of it. A row that fails does not stop the import.
func (t *Table) importRow(job *Job, row string) rowOutcome {
	in, tokens, err := job.readRow(row)
	if job.batch != nil {
		return t.importBatchRow(job, row, in, err)
	}
	if err != nil {
		return rowFailed
	}
	found := t.leads.Matching(gen.LeadKeyRefEMAIL, in.Email)
	if len(found) == 0 && job.mode == gen.ImportToListModeEnumLISTONLY {
		return rowIgnored
	}
	no, ok := t.importLead(job, in, found)
	if !ok {
		return rowFailed
	}
	t.lists.Put(job.list, no, true, lists.ByImport, job.ended)
	if len(tokens) > 0 {
		key := job.list.Program() + "." + job.campaign
		t.tokens[key] = append(t.tokens[key], record.ImportedTokens{Campaign: key, LeadID: t.leads.ID(no), Tokens: tokens})
	}
	return rowImported
}

// importLead writes the lead of a row. An empty value of a number field gives an activity even if nothing changes
// (Marketo SOAP API, importToList).
func (t *Table) importLead(job *Job, in *leads.Input, found []activity.LeadNo) (no activity.LeadNo, ok bool) {
	by := leads.Cause{
		SourceType: lists.ByImport, SourceInfo: job.list.FullName(), Reason: lists.ByImport + ": " + job.list.FullName(),
		Source: lists.ByImport, At: job.ended, TellsEmptied: true,
	}
	if len(found) == 0 {
		workspace, _ := t.leads.Workspace("")
		no, err := t.leads.Create(in, workspace, by)
		return no, err == nil
	}
	no = found[len(found)-1]
	if job.mode != gen.ImportToListModeEnumLISTONLY {
		t.leads.Write(no, in.Values, by)
	}
	return no, true
}

// readRow parses a row into a lead and tokens, by the columns of the header.
func (job *Job) readRow(row string) (*leads.Input, []record.Attribute, error) {
	values, err := readLine(row)
	if err != nil {
		return nil, nil, err
	}
	if len(values) != len(job.columns) {
		return nil, nil, fmt.Errorf("%d values for %d columns", len(values), len(job.columns))
	}
	in, tokens, accepts := new(leads.Input), []record.Attribute(nil), leads.Accepts
	if job.batch != nil {
		accepts = leads.AcceptsREST
	}
	for i, c := range job.columns {
		switch {
		case c.token != "":
			tokens = append(tokens, record.Attribute{Name: c.token, Value: values[i]})
		case c.field.Name == leads.FieldEmail:
			err = errors.Join(err, accepts(c.field, values[i]))
			in.Email = values[i]
		default:
			err = errors.Join(err, accepts(c.field, values[i]))
			in.Values = append(in.Values, leads.Value{Name: c.field.Name, Value: values[i]})
		}
	}
	if in.Email == "" && job.batch == nil {
		err = errors.New("no address")
	}
	return in, tokens, err
}
