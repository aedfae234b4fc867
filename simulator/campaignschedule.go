package simulator

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// ScheduleCampaign schedules a run of a batch campaign (Marketo SOAP API,
// scheduleCampaign; WSDL: ParamsScheduleCampaign). Without campaignRunAt, and with a time
// that has passed, it runs at once. [Simulator.CampaignRuns] tells the run and its tokens;
// which leads it concerns the simulator does not know.
//
// With cloneToProgramName the program is copied under that name, with its tags, tokens,
// costs and campaigns, and the campaign of the copy is scheduled. How often a day that is
// done is not limited.
//
// Faults: 20109 without program or campaign, 20113 where they do not exist, 20110 for a
// campaign that is not a batch campaign, a time that cannot be read, a token without name
// and for the name of a program that exists already.
func (s *Simulator) ScheduleCampaign(ctx context.Context, in *gen.ParamsScheduleCampaign) (*gen.SuccessScheduleCampaign, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsScheduleCampaign)
	}
	tokens, err := readTokens(in.ProgramTokenList.Value.Attrib)
	if err != nil {
		return nil, err
	}
	defer s.change()()
	at, err := s.readRunAt(in.CampaignRunAt)
	if err != nil {
		return nil, err
	}
	c, err := s.schedulable(in)
	if err != nil {
		return nil, err
	}
	if clone := in.CloneToProgramName.Or(""); clone != "" {
		if c, err = s.cloneFor(c, clone); err != nil {
			return nil, err
		}
	}
	s.addRun(c, CampaignRun{Time: at}, tokens)
	return &gen.SuccessScheduleCampaign{Result: &gen.ResultScheduleCampaign{Success: true}}, nil
}

// readRunAt returns when a run begins: not before now.
func (s *Simulator) readRunAt(text gen.Opt[gen.DateTime]) (time.Time, error) {
	now := s.now().Truncate(time.Second)
	wanted, ok := text.Get()
	if !ok || wanted == "" {
		return now, nil
	}
	at, err := wanted.Time()
	if err != nil {
		return now, fault.Newf(fault.CodeBadParameter, "campaignRunAt %q is not an xs:dateTime", wanted)
	}
	if at.Before(now) {
		return now, nil
	}
	return at, nil
}

// schedulable returns the batch campaign that is named.
func (s *Simulator) schedulable(in *gen.ParamsScheduleCampaign) (*campaign, error) {
	switch {
	case in.ProgramName == "":
		return nil, fault.New(fault.CodeParameterRequired, "programName is missing")
	case in.CampaignName == "":
		return nil, fault.New(fault.CodeParameterRequired, "campaignName is missing")
	}
	c := s.campaigns.findName(in.ProgramName, in.CampaignName)
	switch {
	case c == nil:
		return nil, fault.Newf(fault.CodeCampaignNotFound, "there is no campaign %q in a program %q", in.CampaignName, in.ProgramName)
	case !c.batch:
		return nil, fault.Newf(fault.CodeBadParameter, "campaignName %q is not a batch campaign: only such a one can be scheduled", in.CampaignName)
	}
	return c, nil
}

// roomForClone returns an error if not all that a copy of a program consists of can get
// an id.
func (s *Simulator) roomForClone(p *program) error {
	campaigns := int64(len(s.campaigns.byProgram[s.programs.byName[p.name]]))
	if last := int64(s.campaigns.lastID); campaigns > math.MaxInt32-last {
		return fmt.Errorf("simulator: no ids are left for %d campaigns: the highest is %d", campaigns, last)
	}
	costs := slices.Clone(p.costs)
	for i := range costs {
		costs[i].ID = 0
	}
	return cmp.Or(s.objects.programs.check(typeProgram, 0), s.programs.checkCosts(costs))
}

// cloneFor copies the program of a campaign and returns the campaign of the copy.
func (s *Simulator) cloneFor(c *campaign, name string) (copied *campaign, err error) {
	if s.programExists(name) {
		return nil, fault.Newf(fault.CodeBadParameter, "cloneToProgramName %q is the name of a program that exists", name)
	}
	p := *c.program.program
	if err := s.roomForClone(&p); err != nil {
		return nil, fault.Newf(fault.CodeServiceInternal, "cloneToProgramName: %v", reason(err))
	}
	name = strings.Clone(name)
	o := s.newObject(0)
	p.name, p.path = name, strings.TrimSuffix(p.path, p.name)+name
	p.tags, p.tokens, p.costs = slices.Clone(p.tags), slices.Clone(p.tokens), slices.Clone(p.costs)
	for i := range p.costs {
		p.costs[i].ID = 0
		p.costs[i] = s.programs.numbered(p.costs[i])
	}
	o.program = &p
	s.objects.programs.add(o)
	s.programs.byName[name] = o
	for _, other := range s.campaigns.byProgram[c.program] {
		twin := *other
		twin.id, twin.program = 0, o
		s.campaigns.add(&twin)
		if other == c {
			copied = &twin
		}
	}
	return copied, nil
}
