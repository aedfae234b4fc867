package simulator

import (
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// importDuration is how long an import takes if no option says otherwise.
const importDuration = 5 * time.Second

// WithImportDuration sets how long an import takes by the simulator's clock, default
// five seconds. With 0 or less importToList answers COMPLETE at once.
func WithImportDuration(d time.Duration) Option {
	return func(s *Simulator) { s.importFor = d }
}

// importTable holds the imports that go on. The zero value is empty.
type importTable struct {
	due   atomic.Int64 // Unix nanoseconds when the first of them ends; 0: there is none
	jobs  []*importJob // in the order they were asked for
	token map[string][]ImportedTokens
}

// importJob is an import. Its rows are written when it ends.
type importJob struct {
	list           *list
	mode           gen.ImportToListModeEnum
	clear          bool
	columns        []importColumn
	rows           []string
	campaign       string
	started, ended time.Time
	done           bool

	imported, failed, ignored int32
}

// importColumn is a column of the header: a field, or a token of a program.
type importColumn struct {
	field LeadField
	token string // {{my.message}}; empty: it is a field
}

// ImportToList imports rows of a CSV file into a static list of a program (Marketo SOAP
// API, importToList; WSDL: ParamsImportToList).
//
// The header names fields by their labels, in any letter case, and has to have Email
// Address, which finds leads: of several the one added last. Email means the same.
// UPSERTLEADS creates leads that are not there and writes the values; an empty one clears
// its field. LISTONLY writes no lead, and ignores rows without one. A row that cannot be
// read as CSV, has another number of values than the header, no address or a value that
// does not fit its field has failed; the others are imported.
//
// The answer is PROCESSING. The import is written, as a whole, when its time is over by
// the simulator's clock: see [WithImportDuration]. New leads get an activity New Lead,
// changed fields a Change Data Value, also for an empty value of a number field that was
// empty before (Marketo SOAP API, importToList), members an Add to List, and those that
// clearList takes off a Remove from List.
//
// Columns such as {{my.message}} are values for a campaign of the program, which
// campaignName has to name: see [Simulator.ImportedTokens].
//
// Faults: 20109 for what is missing, 20110 for an unknown mode or column and for a header
// without addresses, 20111 for an unknown program or list, 20113 for an unknown campaign.
func (s *Simulator) ImportToList(ctx context.Context, in *gen.ParamsImportToList) (*gen.SuccessImportToList, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkImport(in); err != nil {
		return nil, err
	}
	defer s.change()()
	job, err := s.newImport(in)
	if err != nil {
		return nil, err
	}
	s.imports.start(job)
	if s.importFor <= 0 {
		s.runImports(job.started)
	}
	return &gen.SuccessImportToList{Result: &gen.ResultImportToList{ImportStatus: job.status()}}, nil
}

// checkImport finds what is missing in a request.
func checkImport(in *gen.ParamsImportToList) error {
	missing := ""
	switch {
	case in == nil || in.ProgramName == "":
		missing = "programName"
	case in.ImportFileHeader == "":
		missing = "importFileHeader"
	case in.ImportFileRows == nil || len(in.ImportFileRows.StringItem) == 0:
		missing = "importFileRows"
	case in.ImportListMode == "":
		missing = "importListMode"
	case in.ListName == "":
		missing = "listName"
	case !in.ImportListMode.Valid():
		return fault.Newf(fault.CodeBadParameter, "importListMode: %q is not one of %v", in.ImportListMode, in.ImportListMode.Values())
	}
	if missing == "" {
		return nil
	}
	return fault.Newf(fault.CodeParameterRequired, "%s is missing", missing)
}

// newImport makes the job of a request, which keeps nothing of its memory.
func (s *Simulator) newImport(in *gen.ParamsImportToList) (*importJob, error) {
	l, err := s.listOfProgram(in.ProgramName, in.ListName)
	if err != nil {
		return nil, err
	}
	columns, err := s.readHeader(in.ImportFileHeader)
	if err != nil {
		return nil, err
	}
	campaign := in.CampaignName.Or("")
	if err := s.checkCampaign(in.ProgramName, campaign, columns); err != nil {
		return nil, err
	}
	job := &importJob{
		list: l, mode: gen.ImportToListModeEnum(strings.Clone(string(in.ImportListMode))), clear: in.ClearList,
		columns: columns, campaign: strings.Clone(campaign), started: s.now(),
	}
	job.ended = job.started.Add(s.importFor)
	for _, row := range in.ImportFileRows.StringItem {
		job.rows = append(job.rows, strings.Clone(row))
	}
	return job, nil
}

// listOfProgram returns a static list. Some callers repeat the program in the name.
func (s *Simulator) listOfProgram(program, name string) (*list, error) {
	for _, full := range []string{program + "." + name, name} {
		if l, ok := s.lists.byName[full]; ok && l.program == program {
			return l, nil
		}
	}
	return nil, listNotFound("No list found with the name %s in the program %s", name, program)
}

// readHeader reads the names of the columns.
func (s *Simulator) readHeader(header string) ([]importColumn, error) {
	names, err := readRow(header)
	if err != nil {
		return nil, fault.Newf(fault.CodeBadParameter, "importFileHeader cannot be read as CSV: %v", err)
	}
	columns := make([]importColumn, len(names))
	hasAddress := false
	for i, name := range names {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "{{") && strings.HasSuffix(name, "}}") {
			columns[i].token = strings.Clone(name)
			continue
		}
		field, ok := s.fields.label(name)
		if !ok || slices.ContainsFunc(columns[:i], func(c importColumn) bool { return c.field.Name == field.Name }) {
			return nil, fault.Newf(fault.CodeBadParameter,
				"importFileHeader: column %q is given twice or is not the display name of a field", name)
		}
		columns[i].field = field
		hasAddress = hasAddress || field.Name == fieldEmail
	}
	if !hasAddress {
		return nil, fault.New(fault.CodeBadParameter, "importFileHeader has no column Email Address: leads are found by it")
	}
	return columns, nil
}

// checkCampaign returns an error if a campaign is needed and missing, or is not there.
func (s *Simulator) checkCampaign(program, campaign string, columns []importColumn) error {
	if campaign == "" {
		if i := slices.IndexFunc(columns, func(c importColumn) bool { return c.token != "" }); i >= 0 {
			return fault.Newf(fault.CodeParameterRequired, "campaignName is missing: the column %s is for a campaign", columns[i].token)
		}
		return nil
	}
	if !s.campaignExists(program, campaign) {
		return fault.Newf(fault.CodeCampaignNotFound, "No campaign found with the name %s in the program %s", campaign, program)
	}
	return nil
}

// readRow reads one line of values separated by commas (RFC 4180).
func readRow(line string) ([]string, error) {
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
