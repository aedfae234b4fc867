package rest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/internal/exports"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// A file is made in steps, each of which looks at few rows: other calls wait for no more than one.
func TestExportSteps(t *testing.T) { //nolint:paralleltest // it counts what everybody does
	const rows = 5 * exportStep / 2
	now := time.Date(2026, time.October, 6, 12, 0, 0, 0, time.UTC)
	sim := simulator.New(simulator.WithClock(func() time.Time { return now }))
	must := func(_ int64, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	seats := simulator.CustomObjectType{Name: "seat", LinkField: "lead", Keys: []simulator.Field{{Name: "no"}}, Fields: []simulator.Field{{Name: "lead"}}}
	for i := range rows {
		id, err := sim.AddLead(simulator.Lead{Activities: []simulator.Activity{{Type: "Visit Webpage", Time: simulator.At(now)}}})
		must(id, err)
		ids = append(ids, id)
		seats.Records = append(seats.Records, simulator.CustomObject{Keys: map[string]string{"no": fmt.Sprint(i)}, Attributes: map[string]string{"lead": fmt.Sprint(id)}})
	}
	must(sim.AddList(simulator.List{ID: 5, Name: "L", Members: ids}))
	must(0, sim.AddCustomObjectType(seats))
	api, err := New(sim, WithClient("c", auth.NewSecret("s")))
	if err != nil {
		t.Fatal(err)
	}
	c := &call{handler: api.api, settings: api.api.current.Load()}
	within := &record.Range{To: now.Unix()}
	for _, job := range []record.Export{
		{Kind: "leads", Fields: []string{"id"}, Filter: record.ExportFilter{Created: within}},
		{Kind: "leads", Fields: []string{"id"}, Filter: record.ExportFilter{ListID: 5}},
		{Kind: "activities", Fields: []string{"leadId"}, Filter: record.ExportFilter{Created: within}},
		{Kind: "customobjects", Object: "seat", Fields: []string{"no"}, Filter: record.ExportFilter{Updated: within}},
		{Kind: "customobjects", Object: "seat", Fields: []string{"no"}, Filter: record.ExportFilter{ListID: 5}},
	} {
		next, found, steps := c.exportSteps(&exports.Job{Export: job}), 0, 0
		for more := true; more; steps++ {
			var page [][]string
			var looked atomic.Int64
			work.CountIn(&looked)
			page, more = c.step(next)
			work.CountIn(nil)
			if found += len(page); looked.Load() > 12*exportStep {
				t.Errorf("%s %+v: a step looks at %d rows", job.Kind, job.Filter, looked.Load())
			}
		}
		if found != rows || steps < rows/exportStep {
			t.Errorf("%s %+v: %d rows in %d steps, want %d", job.Kind, job.Filter, found, steps, rows)
		}
		job.Format = "CSV"
		if _, records := c.writeExport(&exports.Job{Export: job}); records != rows {
			t.Errorf("%s %+v: the file has %d rows, want %d", job.Kind, job.Filter, records, rows)
		}
	}
}
