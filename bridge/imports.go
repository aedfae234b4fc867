package bridge

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
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

// ImportStore keeps what a bridge knows of the imports that it has started: the REST API tells of one by the id
// of its job alone, and has no list of jobs. Its methods may be called by several goroutines at once.
type ImportStore interface {
	// PutImport keeps a note under a name, in place of one that is there, until a time: then the service has
	// forgotten the import, and the note may go.
	PutImport(ctx context.Context, name string, note []byte, until time.Time) error
	// Import returns the note of a name, nil if there is none.
	Import(ctx context.Context, name string) (note []byte, err error)
}

// importRun is an import that a bridge has started, as a note of the store has it.
type importRun struct {
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"` // zero while it runs
	Rows     int32     `json:"rows"`
	Batches  []int64   `json:"batches,omitempty"` // jobs of the service; none: it was done at once
	Imported int32     `json:"imported"`
	Failed   int32     `json:"failed"`
	Ignored  int32     `json:"ignored"`
	Bad      bool      `json:"bad,omitempty"` // a job has failed as a whole
	Summary  string    `json:"summary,omitempty"`
	Asked    time.Time `json:"asked,omitzero"`
}

// importLife is how long the service knows the jobs of an import (Marketo REST API, bulk lead import).
const importLife = 7 * 24 * time.Hour

// ImportMemory is the ImportStore of one process, which several bridges can share. The zero value is ready for use.
type ImportMemory struct {
	mu    sync.Mutex
	notes map[string]importNote
}

type importNote struct {
	text  []byte
	until time.Time
}

// PutImport implements ImportStore. All imports are known for the same time, so that the newest tells which are
// no more.
func (m *ImportMemory) PutImport(_ context.Context, name string, note []byte, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.notes == nil {
		m.notes = make(map[string]importNote)
	}
	for other, old := range m.notes {
		if until.Sub(old.until) > importLife {
			delete(m.notes, other)
		}
	}
	m.notes[name] = importNote{note, until}
	return nil
}

// Import implements ImportStore.
func (m *ImportMemory) Import(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes[name].text, nil
}

// importName names the import into a list, as the SOAP API knew it, among those of all instances.
func (w *work) importName(program, list string) string {
	return strings.Join([]string{w.rest.Instance(), program, list}, "\n")
}

// noteImport keeps a run in the store.
func (w *work) noteImport(name string, run *importRun) error {
	note, err := json.Marshal(run)
	if err != nil {
		return err
	}
	return w.imports.PutImport(w, name, note, run.Started.Add(importLife))
}

// updateImport keeps what has become of a run, unless another import into the list was started meanwhile.
func (w *work) updateImport(name string, run *importRun) error {
	newest, err := w.notedImport(name)
	if err != nil || newest != nil && !newest.Started.Equal(run.Started) {
		return err
	}
	return w.noteImport(name, run)
}

// notedImport returns the run that the store has, nil if it has none that the service still knows.
func (w *work) notedImport(name string) (*importRun, error) {
	note, err := w.imports.Import(w, name)
	if err != nil || note == nil {
		return nil, err
	}
	run := new(importRun)
	if err := json.Unmarshal(note, run); err != nil {
		return nil, err
	}
	if w.config.rest.Now().Sub(run.Started) > importLife {
		return nil, nil
	}
	return run, nil
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
	run := &importRun{Started: w.config.rest.Now(), Rows: int32(len(t.rows))} //nolint:gosec // of one message
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
	if len(run.Batches) == 0 {
		run.Ended = w.config.rest.Now()
		run.Summary = fmt.Sprintf("%d rows imported, %d failed, %d ignored", run.Imported, run.Failed, run.Ignored)
		status = gen.ImportToListStatusEnumCOMPLETE
	}
	w.after("noting the import", w.noteImport(w.importName(in.ProgramName, in.ListName), run))
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
	members, err := w.membersOf(list)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(members, rest.MaxPage) {
		removed, err := w.rest.RemoveFromList(w, list, part)
		switch {
		case err != nil:
			return err
		case len(removed.Records) == 0:
			return w.untold()
		case !slices.ContainsFunc(removed.Records, func(o rest.Outcome) bool { return !o.Skipped() }):
			return w.recordFault(removed, 0)
		}
	}
	return nil
}

// membersOf returns the leads that are on a list. They are read before one is taken off: a service that goes on showing those
// that were would have them taken off for ever.
func (w *work) membersOf(list int64) (ids []int64, err error) {
	var page rest.Page
	for seen := map[int64]bool{}; ; {
		a, err := w.rest.LeadsOfList(w, list, []string{"id"}, page)
		if err != nil {
			return nil, err
		}
		known := len(ids)
		for _, r := range a.Records {
			id, err := r.ID("id")
			if err != nil {
				return nil, fault.NewContentError(err)
			}
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		if !a.More || len(a.Records) > 0 && len(ids) == known {
			return ids, nil
		}
		page.Token = a.Next
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
	run.Imported = int32(len(ids)) //nolint:gosec // of one message
	run.Ignored = run.Rows - run.Imported
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
			run.Failed++
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
			run.Failed++
			continue
		}
		run.Imported++
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
		case err != nil && len(run.Batches) > 0:
			run.Bad = true // what was begun goes on, and the status says that it is not all
			run.Summary = w.failed(err).Error()
			return nil
		case err != nil:
			return err
		case len(a.Records) == 0:
			return &fault.UnknownOutcomeError{Op: w.operation, Err: fault.NewContentError(fmt.Errorf("the answer names no job"))}
		}
		run.Batches = append(run.Batches, a.Records[0].ID)
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

// GetImportToListStatus tells how far an import has come that was started in the last week, by this bridge
// or one with the same store ([WithImports]).
//
// Lost: other imports are 20110, as the REST API tells of them by an id that it gave to those who started
// them. estimatedTime is nil, and rowsIgnored is 0 for jobs of the service. It costs a call
// for each job, at most every five seconds.
func (b *Bridge) GetImportToListStatus(ctx context.Context, in *gen.ParamsGetImportToListStatus) (*gen.SuccessGetImportToListStatus, error) {
	return perform(ctx, b, "getImportToListStatus", in, (*work).getImportToListStatus)
}

// askAgainAfter is how long the state of a job is believed (Marketo REST API, bulk lead import).
const askAgainAfter = 5 * time.Second

func (w *work) getImportToListStatus(in *gen.ParamsGetImportToListStatus) (*gen.SuccessGetImportToListStatus, error) {
	program, list := in.ProgramName.Or(""), in.ListName.Or("")
	switch {
	case program == "":
		return nil, missing("programName is missing")
	case list == "":
		return nil, missing("listName is missing")
	}
	name := w.importName(program, list)
	run, err := w.notedImport(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the store of imports: %w", err)
	case run == nil:
		if _, err := w.listOfProgram(program, list); err != nil {
			return nil, err
		}
		return nil, bad("no import into the list %.100s is known here: the REST API tells of imports to the one that has started them; bridges that are to know each other's share a store (WithImports)", fullName(program, list))
	}
	now := w.config.rest.Now()
	if run.Ended.IsZero() && (run.Asked.IsZero() || now.Sub(run.Asked) >= askAgainAfter) {
		if err := w.askJobs(run, now); err != nil {
			return nil, err
		}
		if err := w.updateImport(name, run); err != nil {
			return nil, fmt.Errorf("the store of imports: %w", err)
		}
	}
	return &gen.SuccessGetImportToListStatus{Result: w.importResult(run)}, nil
}

// askJobs asks for the state of the jobs of a run.
func (w *work) askJobs(run *importRun, now time.Time) error {
	run.Imported, run.Failed, run.Asked = 0, 0, now
	running := false
	var messages []string
	for _, batch := range run.Batches {
		a, err := w.rest.ImportStatus(w, batch)
		switch {
		case err != nil:
			return err
		case len(a.Records) == 0:
			return fault.NewContentError(fmt.Errorf("the answer does not tell of the job %d", batch))
		}
		job := a.Records[0]
		run.Imported, run.Failed = run.Imported+job.Processed, run.Failed+job.Failed
		run.Bad = run.Bad || strings.EqualFold(job.Status, "Failed")
		running = running || strings.EqualFold(job.Status, "Queued") || strings.EqualFold(job.Status, "Importing")
		if job.Message != "" {
			messages = append(messages, job.Message)
		}
	}
	if !running {
		run.Ended = now
		if !run.Bad || run.Summary == "" {
			run.Summary = strings.Join(messages, "; ")
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
		Status: gen.ImportToListStatusEnumPROCESSING, StartedTime: at(run.Started), EndedTime: at(run.Ended), EstimatedTime: gen.NilOf[int32](),
		EstimatedRows: gen.Some(run.Rows), RowsImported: gen.Some(run.Imported), RowsFailed: gen.Some(run.Failed), RowsIgnored: gen.Some(run.Ignored),
		ImportSummary: someText(clean(run.Summary)),
	}
	switch {
	case run.Ended.IsZero():
	case run.Bad:
		out.Status = gen.ImportToListStatusEnumFAILED
	default:
		out.Status = gen.ImportToListStatusEnumCOMPLETE
	}
	return out
}
