package simulator

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// GetImportToListStatus returns the state of the latest import to a list (Marketo SOAP
// API, getImportToListStatus; WSDL: ParamsGetImportToListStatus). While it is
// PROCESSING, all rows count as ignored, as in the published sample; estimatedTime is
// the duration in whole seconds, rounded up. Other states than PROCESSING and COMPLETE
// do not occur.
//
// Faults: 20109 without a program or a list, 20111 for an unknown one and, where nothing
// is documented, for one that was never imported to.
func (s *Simulator) GetImportToListStatus(
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
	defer s.view()()
	l, err := s.listOfProgram(in.ProgramName.Value, in.ListName.Value)
	if err != nil {
		return nil, err
	}
	if l.lastImport == nil {
		return nil, listNotFound("list %s has never been imported to", l.fullName)
	}
	return &gen.SuccessGetImportToListStatus{Result: l.lastImport.result()}, nil
}

func (job *importJob) status() gen.ImportToListStatusEnum {
	if job.done {
		return gen.ImportToListStatusEnumCOMPLETE
	}
	return gen.ImportToListStatusEnumPROCESSING
}

func (job *importJob) result() *gen.ResultGetImportToListStatus {
	rows := int32(len(job.rows)) //nolint:gosec // of one message
	r := &gen.ResultGetImportToListStatus{
		Status: job.status(), StartedTime: serviceTime(job.started), EndedTime: gen.None[gen.DateTime](),
		EstimatedTime: gen.Some(int32(math.Ceil(job.ended.Sub(job.started).Seconds()))),
		EstimatedRows: gen.Some(rows), RowsImported: gen.Some[int32](0), RowsFailed: gen.Some[int32](0), RowsIgnored: gen.Some(rows),
		ImportSummary: gen.None[string](),
	}
	if !job.done {
		return r
	}
	r.EndedTime = serviceTime(job.ended)
	r.EstimatedTime = gen.None[int32]()
	r.EstimatedRows = gen.Some(job.imported + job.failed + job.ignored)
	r.RowsImported, r.RowsFailed, r.RowsIgnored = gen.Some(job.imported), gen.Some(job.failed), gen.Some(job.ignored)
	r.ImportSummary = gen.Some(fmt.Sprintf("%d rows imported, %d failed, %d ignored", job.imported, job.failed, job.ignored))
	return r
}

// serviceTime returns a moment as answers show it: whole seconds in US Central time.
func serviceTime(t time.Time) gen.Opt[gen.DateTime] {
	t = t.Truncate(time.Second)
	return gen.Some(gen.NewDateTime(t.In(servicetime.Central(t))))
}
