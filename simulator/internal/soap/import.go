package soap

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/imports"
	"github.com/mktows/mktows-go/simulator/internal/lists"
)

// ImportToList imports rows of a CSV file into a static list of a program.
func (s Service) ImportToList(ctx context.Context, in *gen.ParamsImportToList) (*gen.SuccessImportToList, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkImport(in); err != nil {
		return nil, err
	}
	defer s.Change()()
	job, err := s.startImport(in)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessImportToList{Result: &gen.ResultImportToList{ImportStatus: importStatus(job)}}, nil
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

// startImport starts the import of a request, which keeps nothing of its memory.
func (s Service) startImport(in *gen.ParamsImportToList) (*imports.Job, error) {
	l, err := s.listOfProgram(in.ProgramName, in.ListName)
	if err != nil {
		return nil, err
	}
	header, err := s.Imports.ReadHeader(in.ImportFileHeader)
	if err != nil {
		return nil, err
	}
	campaign := in.CampaignName.Or("")
	if err := s.checkCampaign(in.ProgramName, campaign, header); err != nil {
		return nil, err
	}
	request := imports.Request{
		List: l, Mode: gen.ImportToListModeEnum(strings.Clone(string(in.ImportListMode))), Clear: in.ClearList, Campaign: strings.Clone(campaign),
	}
	for _, row := range in.ImportFileRows.StringItem {
		request.Rows = append(request.Rows, strings.Clone(row))
	}
	return s.Imports.Start(request, header), nil
}

// listOfProgram returns a static list of a program.
func (s Service) listOfProgram(program, name string) (*lists.List, error) {
	if l := s.Lists.OfProgram(program, name); l != nil {
		return l, nil
	}
	if s.Programs.Named(program) == nil && !s.Lists.HasProgram(program) {
		return nil, listNotFound("No program found with the name %s", program)
	}
	return nil, listNotFound("No list found with the name %s in the program %s", name, program)
}

// checkCampaign returns an error if a campaign is needed and missing, or is not there.
func (s Service) checkCampaign(program, campaign string, header imports.Header) error {
	if campaign == "" {
		if token, ok := header.Token(); ok {
			return fault.Newf(fault.CodeParameterRequired, "campaignName is missing: the column %s is for a campaign", token)
		}
		return nil
	}
	if s.Campaigns.Named(program, campaign) == nil {
		return fault.Newf(fault.CodeCampaignNotFound, "No campaign found with the name %s in the program %s", campaign, program)
	}
	return nil
}

// GetImportToListStatus returns the state of the latest import to a list.
func (s Service) GetImportToListStatus(
	ctx context.Context, in *gen.ParamsGetImportToListStatus,
) (*gen.SuccessGetImportToListStatus, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.ProgramName.Or("") == "" {
		return nil, fault.New(fault.CodeParameterRequired, "programName is missing")
	}
	if in.ListName.Or("") == "" {
		return nil, fault.New(fault.CodeParameterRequired, "listName is missing")
	}
	defer s.View()()
	l, err := s.listOfProgram(in.ProgramName.Value, in.ListName.Value)
	if err != nil {
		return nil, err
	}
	job := s.Imports.Latest(l)
	if job == nil {
		return nil, listNotFound("list %s has never been imported to", l.FullName())
	}
	return &gen.SuccessGetImportToListStatus{Result: importResult(job)}, nil
}

func importStatus(job *imports.Job) gen.ImportToListStatusEnum {
	if job.Done() {
		return gen.ImportToListStatusEnumCOMPLETE
	}
	return gen.ImportToListStatusEnumPROCESSING
}

// importResult returns the status of an import. The counts are those of the end; before it, everything is estimated.
func importResult(job *imports.Job) *gen.ResultGetImportToListStatus {
	rows := int32(job.Left()) //nolint:gosec // of one message
	r := &gen.ResultGetImportToListStatus{
		Status: importStatus(job), StartedTime: serviceTime(job.Started()), EndedTime: gen.NilOf[gen.DateTime](),
		EstimatedTime: gen.Some(int32(math.Ceil(job.Ended().Sub(job.Started()).Seconds()))),
		EstimatedRows: gen.Some(rows), RowsImported: gen.Some[int32](0), RowsFailed: gen.Some[int32](0), RowsIgnored: gen.Some(rows),
		ImportSummary: gen.NilOf[string](),
	}
	if !job.Done() {
		return r
	}
	r.EndedTime = serviceTime(job.Ended())
	r.EstimatedTime = gen.NilOf[int32]()
	imported, failed, ignored := job.Counts()
	r.EstimatedRows = gen.Some(imported + failed + ignored)
	r.RowsImported, r.RowsFailed, r.RowsIgnored = gen.Some(imported), gen.Some(failed), gen.Some(ignored)
	r.ImportSummary = gen.Some(fmt.Sprintf("%d rows imported, %d failed, %d ignored", imported, failed, ignored))
	return r
}
