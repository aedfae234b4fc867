package bridge

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// importKey names an import: the SOAP API knew them by program and list.
type importKey struct{ program, list string }

// importRun is an import that this bridge has started.
type importRun struct {
	started, ended time.Time // ended is zero while it runs
	rows           int32
	batches        []int64 // jobs of the service; none: it was done at once
	imported       int32
	failed         int32
	ignored        int32
	bad            bool // a job has failed as a whole
	summary        string
	asked          time.Time
}

// importLife is how long the service knows the jobs of an import (Marketo REST API, bulk lead import).
const importLife = 7 * 24 * time.Hour

// importMemory are the imports of the last week: the REST API tells of one by the id of its job alone.
// The zero value is ready for use.
type importMemory struct {
	mu   sync.Mutex
	runs map[importKey]*importRun
}

func (m *importMemory) put(key importKey, run *importRun) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.runs == nil {
		m.runs = make(map[importKey]*importRun)
	}
	for other, old := range m.runs {
		if run.started.Sub(old.started) > importLife {
			delete(m.runs, other)
		}
	}
	m.runs[key] = run
}

// get returns a run, which is not changed, or nil.
func (m *importMemory) get(key importKey) *importRun {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs[key]
}

// renew puts what is known now of a run in its place, unless another one has been started meanwhile.
func (m *importMemory) renew(key importKey, old, run *importRun) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.runs[key] == old {
		m.runs[key] = run
	}
}

// shortImport is how many rows are written at once: two calls, and the outcome of each row.
const shortImport = rest.MaxPage

// ImportToList imports rows into a static list of a program. Up to 300 rows are written at once, more
// go as jobs of the service.
//
// Lost: columns for tokens of programs are 20110, as the REST API has no tokens for each lead, and a
// campaign without them is not looked at. With LISTONLY addresses that no lead has are ignored. With
// clearList the members are taken off the list before the import, in calls of their own: one that
// fails leaves the list half empty. It costs two calls for 300 rows, or one for each 10 MB; clearing
// costs two for each 300 members.
func (b *Bridge) ImportToList(ctx context.Context, in *gen.ParamsImportToList) (*gen.SuccessImportToList, error) {
	return perform(ctx, b, "importToList", in, (*work).importToList)
}

// importTable are the rows of an import.
type importTable struct {
	columns []names.Field
	email   int // the column of the address
	rows    [][]string
}

func (w *work) importToList(in *gen.ParamsImportToList) (*gen.SuccessImportToList, error) {
	if err := checkImport(in); err != nil {
		return nil, err
	}
	list, err := w.listOfProgram(in.ProgramName, in.ListName)
	if err != nil {
		return nil, err
	}
	t, err := w.readImport(in)
	if err != nil {
		return nil, err
	}
	if in.ClearList {
		if err := w.clearList(list); err != nil {
			return nil, err
		}
	}
	run := &importRun{started: w.config.rest.Now(), rows: int32(len(t.rows))} //nolint:gosec // of one message
	switch {
	case in.ImportListMode == gen.ImportToListModeEnumLISTONLY:
		err = w.listOnly(list, t, run)
	case len(t.rows) <= shortImport:
		err = w.importNow(list, t, run, safety.Of(w.operation, in))
	default:
		err = w.importJobs(list, t, run, safety.Of(w.operation, in))
	}
	if err != nil {
		return nil, err
	}
	status := gen.ImportToListStatusEnumPROCESSING
	if len(run.batches) == 0 {
		run.ended = w.config.rest.Now()
		run.summary = fmt.Sprintf("%d rows imported, %d failed, %d ignored", run.imported, run.failed, run.ignored)
		status = gen.ImportToListStatusEnumCOMPLETE
	}
	w.imports.put(importKey{in.ProgramName, in.ListName}, run)
	return &gen.SuccessImportToList{Result: &gen.ResultImportToList{ImportStatus: status}}, nil
}

// checkImport finds what is missing in a request.
func checkImport(in *gen.ParamsImportToList) error {
	for _, one := range []struct {
		name  string
		given bool
	}{
		{"programName", in.ProgramName != ""},
		{"importFileHeader", in.ImportFileHeader != ""},
		{"importFileRows", in.ImportFileRows != nil && len(in.ImportFileRows.StringItem) > 0},
		{"importListMode", in.ImportListMode != ""},
		{"listName", in.ListName != ""},
	} {
		if !one.given {
			return missing(one.name + " is missing")
		}
	}
	if !in.ImportListMode.Valid() {
		return bad("importListMode: %.40q is not one of %v", in.ImportListMode, in.ImportListMode.Values())
	}
	return nil
}

// listOfProgram returns a static list of a program.
func (w *work) listOfProgram(program, name string) (int64, error) {
	found, err := w.listsOf(name, program)
	switch {
	case err != nil:
		return 0, err
	case len(found) == 0:
		return 0, fault.Newf(fault.CodeListNotFound, "No list found with the name %.100s in the program %.100s", name, program)
	case len(found) > 1:
		return 0, fault.Newf(fault.CodeListNotFound, "%d lists have the name %.100s in the program %.100s", len(found), name, program)
	}
	return found[0].ID, nil
}

// readImport reads header and rows. The header has display names, as the SOAP API wanted them, or names
// of one of the APIs.
func (w *work) readImport(in *gen.ParamsImportToList) (*importTable, error) {
	header, err := readCSV(in.ImportFileHeader)
	if err != nil || len(header) != 1 {
		return nil, bad("importFileHeader is not one line of CSV")
	}
	fields, err := w.leadFields(nil)
	if err != nil {
		return nil, err
	}
	t := &importTable{email: -1}
	for i, name := range header[0] {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "{{") {
			return nil, bad("importFileHeader: the column %.100s: the REST API has no tokens for each lead; set tokens for a run with scheduleCampaign", name)
		}
		f, known := fields.ByHeading(name)
		if !known || f.REST == "" || slices.Contains(t.columns, f) {
			return nil, bad("importFileHeader: leads have no field %.100q, or it comes twice", name)
		}
		if f.REST == "email" {
			t.email = i
		}
		t.columns = append(t.columns, f)
	}
	if t.email < 0 {
		return nil, bad("importFileHeader has no column Email Address: rows are matched by it")
	}
	for i, line := range in.ImportFileRows.StringItem {
		rows, err := readCSV(line)
		if err != nil {
			return nil, bad("importFileRows: row %d is not CSV: %v", i+1, err)
		}
		t.rows = append(t.rows, rows...)
	}
	return t, nil
}

func readCSV(text string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	return r.ReadAll()
}

// address returns the address of a row, empty for none.
func (t *importTable) address(row []string) string {
	if t.email >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[t.email])
}

// clearList takes all leads off a list.
func (w *work) clearList(list int64) error {
	for {
		a, err := w.rest.LeadsOfList(w, list, []string{"id"}, rest.Page{})
		if err != nil || len(a.Records) == 0 {
			return err
		}
		ids := make([]int64, len(a.Records))
		for i, r := range a.Records {
			if ids[i], err = r.ID("id"); err != nil {
				return fault.NewContentError(err)
			}
		}
		removed, err := w.rest.RemoveFromList(w, list, ids)
		switch {
		case err != nil:
			return err
		case len(removed.Records) == 0:
			return w.untold()
		case !slices.ContainsFunc(removed.Records, func(o rest.Outcome) bool { return !o.Skipped() }):
			return w.recordFault(removed, 0) // or it would be tried for ever
		}
	}
}

// listOnly puts the leads on the list that have the addresses. Others are ignored.
func (w *work) listOnly(list int64, t *importTable, run *importRun) error {
	keys := make([]gen.LeadKey, 0, len(t.rows))
	for _, row := range t.rows {
		if address := t.address(row); address != "" {
			keys = append(keys, gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: address})
		}
	}
	var ids []int64
	if len(keys) > 0 {
		found, err := w.keyedLeads(keys)
		if err != nil {
			return err
		}
		for _, all := range found {
			if id := last(all); id != 0 {
				ids = append(ids, id)
			}
		}
	}
	run.imported = int32(len(ids)) //nolint:gosec // of one message
	run.ignored = run.rows - run.imported
	return w.addAll(list, ids)
}

// addAll puts leads on a list, 300 in a call.
func (w *work) addAll(list int64, ids []int64) error {
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), rest.MaxPage) {
		if _, err := w.rest.AddToList(w, list, part); err != nil {
			return err
		}
	}
	return nil
}

// importNow writes the leads of a few rows and puts them on the list.
func (w *work) importNow(list int64, t *importTable, run *importRun, safe fault.Safety) error {
	var writes []*leadWrite
	for i, row := range t.rows {
		address := t.address(row)
		if address == "" {
			run.failed++
			continue
		}
		one := &leadWrite{place: i, action: rest.CreateOrUpdate, lookup: "email", key: address}
		for n, f := range t.columns {
			if n < len(row) {
				one.object = append(one.object, rest.Member{Name: f.REST, Value: w.restValue(row[n], f.DataType)})
			}
		}
		writes = append(writes, one)
	}
	s := &leadSync{work: w, safety: safe}
	if _, err := s.run(writes); err != nil {
		return err
	}
	var ids []int64
	for _, one := range writes {
		if one.err != nil {
			run.failed++
			continue
		}
		run.imported++
		ids = append(ids, one.id)
	}
	return w.addAll(list, ids)
}

// maxFile keeps a file below what the service takes, with what is around it in the request.
const maxFile = rest.MaxImport - 10_000

// importJobs has the service import many rows, in files that it takes.
func (w *work) importJobs(list int64, t *importTable, run *importRun, safe fault.Safety) error {
	var header []string
	for _, f := range t.columns {
		header = append(header, f.REST)
	}
	for rows := t.rows; len(rows) > 0; {
		file, n, err := nextFile(header, rows)
		if err != nil {
			return err
		}
		a, err := w.rest.ImportLeads(w, rest.Import{List: list, LookupField: "email", File: file}, safe)
		switch {
		case err != nil && len(run.batches) > 0:
			run.bad = true // what was begun goes on, and the status says that it is not all
			run.summary = w.failed(err).Error()
			return nil
		case err != nil:
			return err
		case len(a.Records) == 0:
			return &fault.UnknownOutcomeError{Op: w.operation, Err: fault.NewContentError(fmt.Errorf("the answer names no job"))}
		}
		run.batches = append(run.batches, a.Records[0].ID)
		rows = rows[n:]
	}
	return nil
}

// nextFile writes rows until the file is as large as may be, and returns how many there were room for.
func nextFile(header []string, rows [][]string) (file []byte, n int, err error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(header) // a buffer takes everything
	for _, row := range rows {
		w.Flush()
		before := out.Len()
		_ = w.Write(row)
		w.Flush()
		if out.Len() > maxFile {
			out.Truncate(before)
			break
		}
		n++
	}
	if n == 0 {
		return nil, 0, bad("importFileRows: a row has more bytes than the %d that the REST API takes", maxFile)
	}
	return out.Bytes(), n, w.Error()
}

// GetImportToListStatus tells how far an import has come that this bridge has started in the last week.
//
// Lost: imports that another program has started are 20110, as the REST API tells of them by an id that
// it gave to that. estimatedTime is nil, and rowsIgnored is 0 for jobs of the service. It costs a call
// for each job, at most every five seconds.
func (b *Bridge) GetImportToListStatus(ctx context.Context, in *gen.ParamsGetImportToListStatus) (*gen.SuccessGetImportToListStatus, error) {
	return perform(ctx, b, "getImportToListStatus", in, (*work).getImportToListStatus)
}

// askAgainAfter is how long the state of a job is believed (Marketo REST API, bulk lead import).
const askAgainAfter = 5 * time.Second

func (w *work) getImportToListStatus(in *gen.ParamsGetImportToListStatus) (*gen.SuccessGetImportToListStatus, error) {
	key := importKey{in.ProgramName.Or(""), in.ListName.Or("")}
	switch {
	case key.program == "":
		return nil, missing("programName is missing")
	case key.list == "":
		return nil, missing("listName is missing")
	}
	known := w.imports.get(key)
	if known == nil {
		if _, err := w.listOfProgram(key.program, key.list); err != nil {
			return nil, err
		}
		return nil, bad("no import into the list %.100s is known here: the REST API tells of imports to the one that has started them, by importToList over the same bridge", fullName(key.program, key.list))
	}
	now, run := w.config.rest.Now(), *known
	if run.ended.IsZero() && (run.asked.IsZero() || now.Sub(run.asked) >= askAgainAfter) {
		if err := w.askJobs(&run, now); err != nil {
			return nil, err
		}
		w.imports.renew(key, known, &run)
	}
	return &gen.SuccessGetImportToListStatus{Result: w.importResult(&run)}, nil
}

// askJobs asks for the state of the jobs of a run.
func (w *work) askJobs(run *importRun, now time.Time) error {
	run.imported, run.failed, run.asked = 0, 0, now
	running := false
	var messages []string
	for _, batch := range run.batches {
		a, err := w.rest.ImportStatus(w, batch)
		switch {
		case err != nil:
			return err
		case len(a.Records) == 0:
			return fault.NewContentError(fmt.Errorf("the answer does not tell of the job %d", batch))
		}
		job := a.Records[0]
		run.imported, run.failed = run.imported+job.Processed, run.failed+job.Failed
		run.bad = run.bad || strings.EqualFold(job.Status, "Failed")
		running = running || strings.EqualFold(job.Status, "Queued") || strings.EqualFold(job.Status, "Importing")
		if job.Message != "" {
			messages = append(messages, job.Message)
		}
	}
	if !running {
		run.ended = now
		if !run.bad || run.summary == "" {
			run.summary = strings.Join(messages, "; ")
		}
	}
	return nil
}

func (w *work) importResult(run *importRun) *gen.ResultGetImportToListStatus {
	at := func(t time.Time) gen.Opt[gen.DateTime] {
		if t.IsZero() {
			return gen.NilOf[gen.DateTime]()
		}
		return gen.Some(w.moment(t))
	}
	out := &gen.ResultGetImportToListStatus{
		Status: gen.ImportToListStatusEnumPROCESSING, StartedTime: at(run.started), EndedTime: at(run.ended), EstimatedTime: gen.NilOf[int32](),
		EstimatedRows: gen.Some(run.rows), RowsImported: gen.Some(run.imported), RowsFailed: gen.Some(run.failed), RowsIgnored: gen.Some(run.ignored),
		ImportSummary: someText(clean(run.summary)),
	}
	switch {
	case run.ended.IsZero():
	case run.bad:
		out.Status = gen.ImportToListStatusEnumFAILED
	default:
		out.Status = gen.ImportToListStatusEnumCOMPLETE
	}
	return out
}
