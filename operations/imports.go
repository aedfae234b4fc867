package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

const (
	opImportToList          = "importToList"
	opGetImportToListStatus = "getImportToListStatus"
)

// ImportMode says what an import does with the leads of its rows (WSDL:
// ImportToListModeEnum).
type ImportMode string

// The modes.
const (
	ImportUpsertLeads ImportMode = "UPSERTLEADS" // create or update the leads, and put them on the list
	ImportListOnly    ImportMode = "LISTONLY"    // change the list only
)

// ImportModes returns all modes, in the order of the schema.
func ImportModes() []ImportMode { return []ImportMode{ImportUpsertLeads, ImportListOnly} }

// ImportState is how far an import has come (WSDL: ImportToListStatusEnum).
type ImportState string

// The states.
const (
	ImportProcessing ImportState = "PROCESSING"
	ImportComplete   ImportState = "COMPLETE"
	ImportFailed     ImportState = "FAILED"   // ended by an error
	ImportCanceled   ImportState = "CANCELED" // ended before it was finished
)

// Final reports whether the import has ended, well or not.
func (s ImportState) Final() bool {
	return s == ImportComplete || s == ImportFailed || s == ImportCanceled
}

// Import is what to import, and where to.
type Import struct {
	// Program holds the list, and List is the name of that static list, which must
	// exist.
	Program, List string
	// Header names the columns: by the display names of fields, not their API names, or
	// by a token, such as {{my.message}}, that has a value for each lead.
	Header []string
	// Rows have the values of a lead each, as many as there are columns. They are plain
	// text: quotes and commas in them are dealt with, line breaks are refused. At most
	// RecommendedBatch rows are advised. An empty value for a number field may leave an
	// activity "Change Data Value" though nothing changed.
	Rows [][]string
	Mode ImportMode
	// Clear empties the list first. Otherwise leads are added to it.
	Clear bool
	// Campaign is the smart campaign of the program that uses the tokens' values, once, in
	// its next run. It is given with token columns only, and then needed.
	Campaign string
}

// ImportStatus is the state of an import. What the service does not know is zero or
// nil.
type ImportStatus struct {
	State   ImportState
	Started time.Time
	Ended   time.Time
	// EstimatedTime is how long the import is going to take; the unit is not documented.
	EstimatedTime *int
	EstimatedRows *int
	// The counts of rows are to be relied on once State is Final; before that all rows
	// may be counted as ignored.
	RowsImported *int
	RowsFailed   *int
	RowsIgnored  *int
	Summary      string // the service's text
}

// Import starts an import into a static list of a program. The work goes on after the
// call: ask ImportStatus until its state is Final.
//
// Errors: an *ArgumentError before anything is sent, as for Rows[3] that has not as
// many values as there are columns; those of package fault, such as
// fault.ErrNotFound for an unknown list or campaign (20111, 20113).
//
// Wire: importToList. Not idempotent.
func (l *Lists) Import(ctx context.Context, i Import) (ImportState, error) {
	if err := cmp.Or(checkPort(l.port), i.Validate()); err != nil {
		return "", opError(opImportToList, 0, err)
	}
	in := i.wire()
	result, err := call(ctx, opImportToList, l.port.ImportToList, in,
		func(out *gen.SuccessImportToList) *gen.ResultImportToList { return out.Result })
	if err == nil && result.ImportStatus == "" {
		err = unclear(opImportToList, in, errors.New("it has no importStatus"))
	}
	if err != nil {
		return "", err
	}
	return ImportState(result.ImportStatus), nil
}

// ImportStatus tells how far the last import into a list has come. Ask once a minute
// at most (Marketo SOAP API, getImportToListStatus). That an import ended badly is in
// State and no error. What a list without an import gives is not documented.
//
// Errors: an *ArgumentError before anything is sent, for an empty name; those of
// package fault, such as fault.ErrNotFound for an unknown list (20111); a *RecordError inside
// a *fault.DecodeError if a time cannot be read.
//
// Wire: getImportToListStatus. Read-only.
func (l *Lists) ImportStatus(ctx context.Context, program, list string) (ImportStatus, error) {
	if err := cmp.Or(checkPort(l.port), checkText("program", program), checkText("list", list)); err != nil {
		return ImportStatus{}, opError(opGetImportToListStatus, 0, err)
	}
	in := &gen.ParamsGetImportToListStatus{ProgramName: gen.Some(program), ListName: gen.Some(list)}
	result, err := call(ctx, opGetImportToListStatus, l.port.GetImportToListStatus, in,
		func(out *gen.SuccessGetImportToListStatus) *gen.ResultGetImportToListStatus { return out.Result })
	if err != nil {
		return ImportStatus{}, err
	}
	return newImportStatus(result)
}

func newImportStatus(r *gen.ResultGetImportToListStatus) (ImportStatus, error) {
	started, err1 := readOptionalTime(0, "startedTime", r.StartedTime)
	ended, err2 := readOptionalTime(0, "endedTime", r.EndedTime)
	if err := cmp.Or(err1, err2); err != nil {
		return ImportStatus{}, opError(opGetImportToListStatus, 1, unreadable(err))
	}
	return ImportStatus{
		State:         ImportState(r.Status),
		Started:       started,
		Ended:         ended,
		EstimatedTime: number(r.EstimatedTime),
		EstimatedRows: number(r.EstimatedRows),
		RowsImported:  number(r.RowsImported),
		RowsFailed:    number(r.RowsFailed),
		RowsIgnored:   number(r.RowsIgnored),
		Summary:       r.ImportSummary.Or(""),
	}, nil
}

// number is nil for what is absent or nil.
func number(o gen.Opt[int32]) *int {
	v, ok := o.Get()
	if !ok {
		return nil
	}
	n := int(v)
	return &n
}

// readOptionalTime gives the zero time for what is absent, nil or empty.
func readOptionalTime(i int, field string, o gen.Opt[gen.DateTime]) (time.Time, error) {
	v := o.Or("")
	if v == "" {
		return time.Time{}, nil
	}
	t, err := v.Time()
	if err != nil {
		return time.Time{}, &RecordError{Index: i, Field: field, Value: string(v), Err: err}
	}
	return t, nil
}

// Validate refuses what cannot be imported: an empty name, no rows, a row that has not as
// many values as there are columns or a line break in one, two columns of one name, a bad
// token, token columns without Campaign or Campaign without them. The error is
// an *ArgumentError. Every import validates itself.
func (i Import) Validate() error {
	err := cmp.Or(checkText("Import.Program", i.Program), checkText("Import.List", i.List),
		checkChoice("Import.Mode", i.Mode, ImportModes()), checkCount("Import.Header", len(i.Header), 0, "columns"),
		i.checkHeader(), checkCount("Import.Rows", len(i.Rows), 0, "rows"))
	if err != nil {
		return err
	}
	for n, row := range i.Rows {
		if len(row) != len(i.Header) {
			return &ArgumentError{index("Import.Rows", n), fmt.Errorf("has %d values for %d columns", len(row), len(i.Header))}
		}
		if err := checkLine(index("Import.Rows", n), row); err != nil {
			return err
		}
	}
	return nil
}

// checkHeader checks the names of the columns, as far as that is possible without knowing the fields of the instance,
// and that there is a campaign if, and only if, a column is for a token.
func (i Import) checkHeader() error {
	tokens := 0
	for n, name := range i.Header {
		field := index("Import.Header", n)
		if strings.Contains(name, "{{") {
			tokens++
			if err := checkTokenName(field, name); err != nil {
				return err
			}
		}
		if strings.TrimSpace(name) == "" {
			return &ArgumentError{field, errors.New("is empty; name the field that the column is for")}
		}
		if first := slices.Index(i.Header, name); first < n {
			return &ArgumentError{field, fmt.Errorf("%q is the name of Import.Header[%d] too", name, first)}
		}
	}
	switch {
	case tokens > 0 && strings.TrimSpace(i.Campaign) == "":
		return &ArgumentError{"Import.Campaign", errors.New("is empty; token columns need the campaign that uses them")}
	case tokens == 0 && i.Campaign != "":
		return &ArgumentError{"Import.Campaign", errors.New("is given without a token column, which is what it is for")}
	}
	return checkLine("Import.Header", i.Header)
}

// checkLine refuses what would make two lines of one.
func checkLine(field string, values []string) error {
	for n, v := range values {
		if strings.ContainsAny(v, "\r\n") {
			return &ArgumentError{index(field, n), errors.New("has a line break; a row is one line")}
		}
	}
	return nil
}

// wire makes the message of an import. The service takes the file as text, one line for the header and one for each
// row.
func (i Import) wire() *gen.ParamsImportToList {
	rows := make([]string, len(i.Rows))
	for n, row := range i.Rows {
		rows[n] = csvLine(row)
	}
	in := &gen.ParamsImportToList{
		ProgramName:      i.Program,
		ImportFileHeader: csvLine(i.Header),
		ImportFileRows:   &gen.ArrayOfString{StringItem: rows},
		ImportListMode:   gen.ImportToListModeEnum(i.Mode),
		ListName:         i.List,
		ClearList:        i.Clear,
		CampaignName:     gen.NilOf[string](),
	}
	if i.Campaign != "" {
		in.CampaignName = gen.Some(i.Campaign)
	}
	return in
}

// csvLine joins values to a line (RFC 4180, without the line end). Blanks at the ends of a
// value are kept by quoting it, and so is the one empty value that would be no line.
func csvLine(values []string) string {
	if len(values) == 1 && values[0] == "" {
		return `""`
	}
	var b strings.Builder
	for n, v := range values {
		if n > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(v, `,"`) || strings.TrimSpace(v) != v {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		b.WriteString(v)
	}
	return b.String()
}
