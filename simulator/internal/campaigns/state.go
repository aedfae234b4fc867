package campaigns

import (
	"math"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Load fills an empty table. No id up to last is given.
func (t *Table) Load(campaigns []record.Campaign, runs []record.CampaignRun, last int64) error {
	for i := range campaigns {
		if id := campaigns[i].ID; id <= math.MaxInt32 { // others are refused
			last = max(last, id)
		}
	}
	t.lastID = int32(last) //nolint:gosec // bounded
	for i := range campaigns {
		if err := t.Check(&campaigns[i]); err != nil {
			return place.In(err, "campaigns[%d]", i)
		}
		t.Add(&campaigns[i])
	}
	for i, run := range runs {
		if err := t.loadRun(run); err != nil {
			return place.In(err, "campaignRuns[%d]", i)
		}
	}
	return nil
}

func (t *Table) loadRun(run record.CampaignRun) error {
	at, err := servicetime.Parse("time", run.Time, t.now())
	if err != nil {
		return err
	}
	if run.Source != "" && !run.Source.Valid() {
		return place.Wrong("source", "%q is not one of %v", string(run.Source), run.Source.Values())
	}
	run.Time, run.Leads, run.Tokens = servicetime.Text(at), slices.Clone(run.Leads), slices.Clone(run.Tokens)
	t.runs = append(t.runs, run)
	return nil
}

// LastID returns the highest id ever given.
func (t *Table) LastID() int64 { return int64(t.lastID) }

// Snapshot returns the campaigns, in the order they were added; nil for none.
func (t *Table) Snapshot() []record.Campaign {
	var list []record.Campaign
	for _, c := range t.all {
		out := record.Campaign{ID: int64(c.id), Name: c.name, Description: c.description, Batch: c.batch, Inactive: c.inactive, Created: servicetime.Text(c.created), Updated: servicetime.Text(c.updated)}
		if len(c.sources) > 0 {
			out.Sources = slices.Clone(c.sources)
		}
		if c.program != nil {
			out.Program = c.program.Name()
		}
		list = append(list, out)
	}
	return list
}
