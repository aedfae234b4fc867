package simulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// Campaign is a smart campaign as a test puts it into the simulator. One with sources
// has the trigger "Campaign is Requested" and can be requested; a batch campaign has
// none and can be scheduled.
type Campaign struct {
	ID          int64  // 1 to 2147483647; 0: the next free one is given
	Name        string // needed; need not be unique, except within a program
	Program     string // name of the program it is in; empty: none
	Description string
	Batch       bool
	Sources     []gen.ReqCampSourceType // of the trigger; MKTOWS, SALES or both
}

// campaign is a smart campaign in the simulator.
type campaign struct {
	id          int32
	name        string
	program     *object // nil: none
	description string
	batch       bool
	sources     []gen.ReqCampSourceType
}

// fullName is the name that answers show.
func (c *campaign) fullName() string {
	if c.program == nil {
		return c.name
	}
	return c.program.program.name + "." + c.name
}

// CampaignRun is a run of a smart campaign that was asked for.
type CampaignRun struct {
	CampaignID int64
	Campaign   string                // with the program: Program.Campaign
	Source     gen.ReqCampSourceType // of a request; empty for a scheduled run
	Time       time.Time             // of the request, or when the run is to begin
	Leads      []int64               // those of a request, each once; none for a scheduled run
	// Tokens are those that count for the run: the program's own with those of the
	// call in their place. Names have no braces.
	Tokens []Attribute
}

// campaignTable holds the smart campaigns. The zero value is empty.
type campaignTable struct {
	all       []*campaign // in the order they were added, as all lists here
	byID      map[int32]*campaign
	byName    map[string][]*campaign  // full names
	byProgram map[*object][]*campaign // without those of no program
	lastID    int32
	runs      []CampaignRun
}

// AddCampaign adds a smart campaign and returns its id. It adds nothing and returns an
// error if the name is missing, or taken within the program, if there is no such
// program, if the id is taken or outside its range, or if a source is not one.
func (s *Simulator) AddCampaign(c Campaign) (id int64, err error) {
	defer s.change()()
	if err := s.checkNewCampaign(&c); err != nil {
		return 0, err
	}
	return s.addCampaign(&c), nil
}

func (s *Simulator) checkNewCampaign(c *Campaign) error {
	id := cmp.Or(c.ID, int64(s.campaigns.lastID)+1)
	switch {
	case c.Name == "":
		return errors.New("simulator: a campaign needs a name")
	case id < 1 || id > math.MaxInt32:
		return fmt.Errorf("simulator: campaign id %d is outside 1 to %d, the range of the schema", id, math.MaxInt32)
	case s.campaigns.find(int32(id)) != nil: //nolint:gosec // just checked
		return fmt.Errorf("simulator: there is a campaign %d already: give another id, or none", id)
	case c.Program != "" && !s.programExists(c.Program):
		return fmt.Errorf("simulator: campaign %q: there is no program %q: add it first", c.Name, c.Program)
	case c.Program != "" && s.campaignExists(c.Program, c.Name):
		return fmt.Errorf("simulator: there is a campaign %q in %q already", c.Name, c.Program)
	case c.Batch && len(c.Sources) > 0:
		return fmt.Errorf("simulator: campaign %q: a batch campaign has no sources", c.Name)
	}
	for _, source := range c.Sources {
		if !source.Valid() {
			return fmt.Errorf("simulator: campaign %q: %q is not a source", c.Name, source)
		}
	}
	return nil
}

// addCampaign adds a campaign that checkNewCampaign has passed.
func (s *Simulator) addCampaign(c *Campaign) int64 {
	made := &campaign{
		id: int32(c.ID), name: c.Name, program: s.programs.byName[c.Program], //nolint:gosec // checked
		description: c.Description, batch: c.Batch, sources: slices.Clone(c.Sources),
	}
	s.campaigns.add(made)
	return int64(made.id)
}

func (t *campaignTable) add(c *campaign) {
	if c.id == 0 {
		c.id = t.lastID + 1
	}
	if t.byID == nil {
		t.byID, t.byName, t.byProgram = make(map[int32]*campaign), make(map[string][]*campaign), make(map[*object][]*campaign)
	}
	t.lastID = max(t.lastID, c.id)
	t.all = append(t.all, c)
	t.byID[c.id] = c
	t.byName[c.fullName()] = append(t.byName[c.fullName()], c)
	if c.program != nil {
		t.byProgram[c.program] = append(t.byProgram[c.program], c)
	}
}

// find returns the campaign of an id, or nil.
func (t *campaignTable) find(id int32) *campaign { return t.byID[id] }

// findName returns the campaign of a program, or nil.
func (t *campaignTable) findName(program, name string) *campaign {
	for _, c := range t.byName[program+"."+name] {
		work.Looked(1)
		if c.program != nil && c.program.program.name == program {
			return c
		}
	}
	return nil
}

// campaignExists reports whether a program has a campaign of that name. The lock is held.
func (s *Simulator) campaignExists(program, name string) bool {
	return s.campaigns.findName(program, name) != nil
}

// CampaignRuns returns the runs that requestCampaign and scheduleCampaign have asked
// for, in the order of the calls. The simulator does not carry out what a campaign does.
func (s *Simulator) CampaignRuns() []CampaignRun {
	defer s.view()()
	runs := slices.Clone(s.campaigns.runs)
	for i := range runs {
		runs[i].Leads, runs[i].Tokens = slices.Clone(runs[i].Leads), slices.Clone(runs[i].Tokens)
	}
	return runs
}

// addRun notes a run with the tokens of the call.
func (s *Simulator) addRun(c *campaign, run CampaignRun, tokens []Attribute) {
	run.CampaignID, run.Campaign = int64(c.id), c.fullName()
	var own []Attribute
	if c.program != nil {
		own = c.program.program.tokens
	}
	run.Tokens = effectiveTokens(own, tokens)
	s.campaigns.runs = append(s.campaigns.runs, run)
}

// effectiveTokens returns a program's tokens with those of a call in their place.
func effectiveTokens(own, call []Attribute) []Attribute {
	var all []Attribute
	for _, token := range slices.Concat(own, call) {
		token.Name = tokenName(token.Name)
		if i := slices.IndexFunc(all, func(a Attribute) bool { return a.Name == token.Name }); i >= 0 {
			all[i] = token
		} else {
			all = append(all, token)
		}
	}
	return all
}

// tokenName returns a token's name without the braces: my.message of {{my.message}}.
func tokenName(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "{{"), "}}")
}

// readTokens checks and keeps the tokens of a request.
func readTokens(list []gen.Attrib) ([]Attribute, error) {
	var tokens []Attribute
	for _, token := range list {
		if tokenName(token.Name) == "" {
			return nil, fault.New(fault.CodeBadParameter, "programTokenList: a token has no name")
		}
		tokens = append(tokens, kept(token))
	}
	return tokens, nil
}

// GetCampaignsForSource returns the campaigns that requestCampaign takes from a source,
// sorted by name (Marketo SOAP API, getCampaignsForSource; WSDL:
// ParamsGetCampaignsForSource). A campaign of a program is named Program.Campaign. With
// exactName a name has to be equal to that, letter case included; else it has to be
// contained in it, in any letter case. An empty name is none.
//
// Faults: 20109 without a source, 20110 for an unknown one.
func (s *Simulator) GetCampaignsForSource(ctx context.Context, in *gen.ParamsGetCampaignsForSource) (*gen.SuccessGetCampaignsForSource, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetCampaignsForSource)
	}
	if err := checkSource(in.Source); err != nil {
		return nil, err
	}
	defer s.view()()
	name, exact := in.Name.Or(""), in.ExactName.Or(false)
	var list []gen.CampaignRecord
	candidates := s.campaigns.all
	if exact && name != "" {
		candidates = s.campaigns.byName[name]
	}
	for _, c := range candidates {
		work.Looked(1)
		if slices.Contains(c.sources, in.Source) && nameMatches(c.fullName(), name, exact) {
			list = append(list, gen.CampaignRecord{Id: c.id, Name: c.fullName(), Description: c.description})
		}
	}
	slices.SortStableFunc(list, func(a, b gen.CampaignRecord) int { return cmp.Compare(a.Name, b.Name) })
	result := &gen.ResultGetCampaignsForSource{
		ReturnCount:        int32(len(list)), //nolint:gosec // each has an id of 31 bits
		CampaignRecordList: gen.None[gen.ArrayOfCampaignRecord](),
	}
	if len(list) > 0 {
		result.CampaignRecordList = gen.Some(gen.ArrayOfCampaignRecord{CampaignRecord: list})
	}
	return &gen.SuccessGetCampaignsForSource{Result: result}, nil
}

func nameMatches(name, asked string, exact bool) bool {
	if asked != "" && exact {
		return name == asked
	}
	return strings.Contains(strings.ToLower(name), strings.ToLower(asked))
}

func checkSource(source gen.ReqCampSourceType) error {
	switch {
	case source == "":
		return fault.New(fault.CodeParameterRequired, "source is missing")
	case !source.Valid():
		return fault.Newf(fault.CodeBadParameter, "source %q is not MKTOWS or SALES", source)
	}
	return nil
}
