package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

const (
	opGetCampaignsForSource = "getCampaignsForSource"
	opRequestCampaign       = "requestCampaign"
	opScheduleCampaign      = "scheduleCampaign"
)

// MaxCampaignLeads is the greatest number of leads in a call of Request; the service
// would ignore those beyond it (Marketo SOAP API, requestCampaign).
const MaxCampaignLeads = 100

// CampaignSource says who asks for a campaign (WSDL: ReqCampSourceType).
type CampaignSource string

// The sources.
const (
	SourceWebService CampaignSource = "MKTOWS" // the web service
	SourceSales      CampaignSource = "SALES"  // Sales Insight, for campaigns open to it
)

// CampaignSources returns all sources, in the order of the schema.
func CampaignSources() []CampaignSource { return []CampaignSource{SourceWebService, SourceSales} }

// Campaign is a smart campaign (WSDL: CampaignRecord).
type Campaign struct {
	ID int64
	// Name is not unique. That of a campaign inside a program is Program.Campaign.
	Name        string
	Description string
}

// CampaignFilter chooses campaigns by name. A nil *CampaignFilter and the zero value
// choose all.
type CampaignFilter struct {
	Name  string // the name, or a part of it
	Exact bool   // Name is the whole name
}

// Token is a value in place of a program's own (My Tokens).
type Token struct {
	Name  string // with its braces: {{my.message}}
	Value string
}

// CampaignRequest says which campaign to run for which leads. The campaign is named
// either by CampaignID, or by Program and Campaign, and then Tokens may be given.
type CampaignRequest struct {
	Source     CampaignSource // empty is SourceWebService
	CampaignID int64          // from ForSource
	Program    string         // program of the campaign
	Campaign   string         // name of the campaign, without that of the program
	Tokens     []Token        // values in place of the program's own
	Leads      []LeadKey      // 1 to MaxCampaignLeads; KeyCookie is not taken
}

// CampaignRun says which batch campaign to run when.
type CampaignRun struct {
	Program  string // program of the campaign
	Campaign string // name of the campaign, without that of the program
	// At is when; the zero time is at once. Fractions of milliseconds are cut off.
	At time.Time
	// Tokens are values for this run in place of the program's own. Values per lead from
	// an Import come before them.
	Tokens []Token
	// CloneToProgram clones the program under this name and runs the campaign of the
	// clone: 10 calls a day at most. It exists since version 3_1; for an earlier
	// endpoint the client refuses the request.
	CloneToProgram string
}

// Campaigns finds, requests and schedules smart campaigns. Get it from [New].
type Campaigns struct{ port gen.Port }

// ForSource returns the campaigns that Request can run for a source, sorted by name;
// none is an empty slice.
//
// Errors: an *ArgumentError before anything is sent, for an unknown source or Exact
// without a Name; those of package fault.
//
// Wire: getCampaignsForSource. Read-only.
func (c *Campaigns) ForSource(ctx context.Context, source CampaignSource, f *CampaignFilter) ([]Campaign, error) {
	f = cmp.Or(f, &CampaignFilter{})
	err := cmp.Or(checkPort(c.port), checkChoice("source", source, CampaignSources()))
	if err == nil && f.Exact && f.Name == "" {
		err = &ArgumentError{"CampaignFilter.Name", errors.New("is empty; Exact needs it")}
	}
	if err != nil {
		return nil, opError(opGetCampaignsForSource, 0, err)
	}
	in := &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceType(source), Name: optional(f.Name), ExactName: optional(f.Exact)}
	result, err := call(ctx, opGetCampaignsForSource, c.port.GetCampaignsForSource, in,
		func(out *gen.SuccessGetCampaignsForSource) *gen.ResultGetCampaignsForSource { return out.Result })
	if err != nil {
		return nil, err
	}
	campaigns := []Campaign{}
	for _, r := range result.CampaignRecordList.Value.CampaignRecord {
		campaigns = append(campaigns, Campaign{int64(r.Id), r.Name, r.Description})
	}
	return campaigns, nil
}

// Request runs leads through a smart campaign that has the trigger "Campaign is
// Requested" with the source of the request.
//
// Errors: an *ArgumentError before anything is sent, for another combination of the
// names than the two allowed, a bad token, too many leads or a bad key; those of package fault,
// such as fault.ErrNotFound for an unknown campaign or lead (20113, 20103).
//
// Wire: requestCampaign. Not idempotent.
func (c *Campaigns) Request(ctx context.Context, r CampaignRequest) error {
	r.Source = cmp.Or(r.Source, SourceWebService)
	if err := cmp.Or(checkPort(c.port), r.Validate()); err != nil {
		return opError(opRequestCampaign, 0, err)
	}
	result, err := call(ctx, opRequestCampaign, c.port.RequestCampaign, r.wire(),
		func(out *gen.SuccessRequestCampaign) *gen.ResultRequestCampaign { return out.Result })
	if err == nil && !result.Success {
		err = opError(opRequestCampaign, 1, errNotTaken)
	}
	return err
}

// Validate refuses what Request cannot send. The error is an *ArgumentError.
func (r CampaignRequest) Validate() error {
	err := checkChoice("CampaignRequest.Source", cmp.Or(r.Source, SourceWebService), CampaignSources())
	if err == nil {
		err = r.checkCampaign()
	}
	return cmp.Or(err, checkTokens("CampaignRequest.Tokens", r.Tokens),
		checkCount("CampaignRequest.Leads", len(r.Leads), MaxCampaignLeads, "leads"),
		checkEach("CampaignRequest.Leads", r.Leads, LeadKey.checkNoCookie))
}

// checkCampaign checks that a campaign is named in exactly one of the two ways that the service takes: by its id, or
// by program and name. Tokens belong to a program, so they go with the latter only.
func (r CampaignRequest) checkCampaign() error {
	const rule = "is given together with CampaignID; give either that, or Program and Campaign"
	switch {
	case r.CampaignID == 0:
		return cmp.Or(checkText("CampaignRequest.Program", r.Program), checkText("CampaignRequest.Campaign", r.Campaign))
	case r.Program != "":
		return &ArgumentError{"CampaignRequest.Program", errors.New(rule)}
	case r.Campaign != "":
		return &ArgumentError{"CampaignRequest.Campaign", errors.New(rule)}
	case len(r.Tokens) > 0:
		return &ArgumentError{"CampaignRequest.Tokens", errors.New(rule + " with Tokens")}
	}
	return checkID("CampaignRequest.CampaignID", r.CampaignID)
}

func (r CampaignRequest) wire() *gen.ParamsRequestCampaign {
	in := &gen.ParamsRequestCampaign{Source: gen.ReqCampSourceType(r.Source), LeadList: gen.Some(*wireKeys(r.Leads))}
	if r.CampaignID != 0 {
		in.CampaignId = optionalID(r.CampaignID)
		return in
	}
	in.ProgramName, in.CampaignName = gen.Some(r.Program), gen.Some(r.Campaign)
	// The three go together, though there may be no token.
	in.ProgramTokenList = gen.Some(wireTokens(r.Tokens))
	return in
}

// Schedule runs a batch smart campaign at a given time, or at once.
//
// Errors: an *ArgumentError before anything is sent, for an empty name or a bad token; those
// of package fault, such as fault.ErrNotFound for an unknown campaign (20113).
//
// Wire: scheduleCampaign. Not idempotent.
func (c *Campaigns) Schedule(ctx context.Context, r CampaignRun) error {
	if err := cmp.Or(checkPort(c.port), r.Validate()); err != nil {
		return opError(opScheduleCampaign, 0, err)
	}
	in := &gen.ParamsScheduleCampaign{
		ProgramName:        r.Program,
		CloneToProgramName: optional(r.CloneToProgram),
		CampaignName:       r.Campaign,
		CampaignRunAt:      optionalMoment(r.At),
	}
	if len(r.Tokens) > 0 {
		in.ProgramTokenList = gen.Some(wireTokens(r.Tokens))
	}
	result, err := call(ctx, opScheduleCampaign, c.port.ScheduleCampaign, in,
		func(out *gen.SuccessScheduleCampaign) *gen.ResultScheduleCampaign { return out.Result })
	if err == nil && !result.Success {
		err = opError(opScheduleCampaign, 1, errNotTaken)
	}
	return err
}

// Validate refuses what Schedule cannot send. The error is an *ArgumentError.
func (r CampaignRun) Validate() error {
	return cmp.Or(checkText("CampaignRun.Program", r.Program), checkText("CampaignRun.Campaign", r.Campaign),
		checkTokens("CampaignRun.Tokens", r.Tokens))
}

func wireTokens(tokens []Token) gen.ArrayOfAttrib {
	list := make([]gen.Attrib, len(tokens))
	for i, t := range tokens {
		list[i] = gen.Attrib(t)
	}
	return gen.ArrayOfAttrib{Attrib: list}
}

func checkTokens(field string, tokens []Token) error {
	for i, t := range tokens {
		if err := checkTokenName(index(field, i)+".Name", t.Name); err != nil {
			return err
		}
	}
	return nil
}

// checkTokenName wants {{my.…}}: other tokens are not a program's own.
func checkTokenName(field, name string) error {
	inner, opened := strings.CutPrefix(name, "{{my.")
	inner, closed := strings.CutSuffix(inner, "}}")
	if !opened || !closed || strings.TrimSpace(inner) == "" || strings.ContainsAny(inner, "{}") {
		return &ArgumentError{field, fmt.Errorf("%q is not the name of a token, which is written {{my.name}}", name)}
	}
	return nil
}
