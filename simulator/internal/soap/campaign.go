package soap

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/campaigns"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/record"
)

// readTokens checks the tokens of a request and copies them.
func readTokens(list []gen.Attrib) ([]record.Attribute, error) {
	var tokens []record.Attribute
	for _, token := range list {
		if campaigns.TokenName(token.Name) == "" {
			return nil, fault.New(fault.CodeBadParameter, "programTokenList: a token has no name")
		}
		tokens = append(tokens, kept(token))
	}
	return tokens, nil
}

// GetCampaignsForSource returns the campaigns that requestCampaign takes from a source.
func (s Service) GetCampaignsForSource(ctx context.Context, in *gen.ParamsGetCampaignsForSource) (*gen.SuccessGetCampaignsForSource, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetCampaignsForSource)
	}
	if err := checkSource(in.Source); err != nil {
		return nil, err
	}
	defer s.View()()
	var list []gen.CampaignRecord
	for _, c := range s.Campaigns.ForSource(in.Source, in.Name.Or(""), in.ExactName.Or(false)) {
		list = append(list, gen.CampaignRecord{Id: c.ID(), Name: c.FullName(), Description: c.Description()})
	}
	result := &gen.ResultGetCampaignsForSource{
		ReturnCount:        int32(len(list)), //nolint:gosec // each has an id of 31 bits
		CampaignRecordList: gen.NilOf[gen.ArrayOfCampaignRecord](),
	}
	if len(list) > 0 {
		result.CampaignRecordList = gen.Some(gen.ArrayOfCampaignRecord{CampaignRecord: list})
	}
	return &gen.SuccessGetCampaignsForSource{Result: result}, nil
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

// maxRequested is how many leads of a requestCampaign count.
const maxRequested = 100

// RequestCampaign runs leads through a campaign that waits for requests.
func (s Service) RequestCampaign(ctx context.Context, in *gen.ParamsRequestCampaign) (*gen.SuccessRequestCampaign, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsRequestCampaign)
	}
	if err := checkRequest(in); err != nil {
		return nil, err
	}
	tokens, err := readTokens(in.ProgramTokenList.Value.Attrib)
	if err != nil {
		return nil, err
	}
	defer s.Change()()
	c, err := s.requestable(in)
	if err != nil {
		return nil, err
	}
	chosen, err := s.requestedLeads(in.LeadList.Value.LeadKey)
	if err != nil {
		return nil, err
	}
	s.Campaigns.Request(c, gen.ReqCampSourceType(strings.Clone(string(in.Source))), chosen, tokens)
	return &gen.SuccessRequestCampaign{Result: &gen.ResultRequestCampaign{Success: true}}, nil
}

// checkRequest returns the fault for parameters that are missing or do not go together: a campaign is named either by
// id alone or by program, name and a list of tokens, which may be empty.
func checkRequest(in *gen.ParamsRequestCampaign) error {
	if err := checkSource(in.Source); err != nil {
		return err
	}
	if len(in.LeadList.Value.LeadKey) == 0 {
		return fault.New(fault.CodeParameterRequired, "leadList is missing or empty")
	}
	id := in.CampaignId.State == gen.Present
	program, name := in.ProgramName.Or("") != "", in.CampaignName.Or("") != ""
	list := in.ProgramTokenList.State != gen.Absent // one that says it is nil is an empty one
	byID := id && !program && !name && len(in.ProgramTokenList.Value.Attrib) == 0
	byName := !id && program && name && list
	if !byID && !byName {
		return fault.New(fault.CodeBadParameter,
			"give campaignId alone, or programName, campaignName and programTokenList together")
	}
	return nil
}

// requestable returns the campaign that is named, if its trigger has the source.
func (s Service) requestable(in *gen.ParamsRequestCampaign) (*campaigns.Campaign, error) {
	id, byID := in.CampaignId.Get()
	c, what := s.Campaigns.Named(in.ProgramName.Value, in.CampaignName.Value), in.ProgramName.Value+"."+in.CampaignName.Value
	if byID {
		c, what = s.Campaigns.Find(id), strconv.Itoa(int(id))
	}
	switch {
	case c == nil:
		return nil, fault.Newf(fault.CodeCampaignNotFound, "there is no campaign %s", what)
	case !c.TakesFrom(in.Source):
		return nil, fault.Newf(fault.CodeCampaignNotFound, "campaign %s has no trigger Campaign is Requested with the source %s", what, in.Source)
	}
	return c, nil
}

// requestedLeads returns the leads of a request, each once. Keys after the hundredth are not even looked at.
func (s Service) requestedLeads(keys []gen.LeadKey) ([]leads.No, error) {
	var found []leads.No
	for i := range keys[:min(len(keys), maxRequested)] {
		key := &keys[i]
		if key.KeyType == gen.LeadKeyRefCOOKIE {
			return nil, fault.New(fault.CodeLeadKeyBad, "leadKey/keyType COOKIE is not a type of lead key that requestCampaign takes")
		}
		no, err := s.find(key)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(found, no) {
			found = append(found, no)
		}
	}
	return found, nil
}

// ScheduleCampaign schedules a run of a batch campaign.
func (s Service) ScheduleCampaign(ctx context.Context, in *gen.ParamsScheduleCampaign) (*gen.SuccessScheduleCampaign, error) {
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
	defer s.Change()()
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
	s.Campaigns.Schedule(c, at, tokens)
	return &gen.SuccessScheduleCampaign{Result: &gen.ResultScheduleCampaign{Success: true}}, nil
}

// readRunAt returns when a run begins: not before now.
func (s Service) readRunAt(text gen.Opt[gen.DateTime]) (time.Time, error) {
	now := s.Now().Truncate(time.Second)
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

// schedulable returns the batch campaign that a request names.
func (s Service) schedulable(in *gen.ParamsScheduleCampaign) (*campaigns.Campaign, error) {
	switch {
	case in.ProgramName == "":
		return nil, fault.New(fault.CodeParameterRequired, "programName is missing")
	case in.CampaignName == "":
		return nil, fault.New(fault.CodeParameterRequired, "campaignName is missing")
	}
	c := s.Campaigns.Named(in.ProgramName, in.CampaignName)
	switch {
	case c == nil:
		return nil, fault.Newf(fault.CodeCampaignNotFound, "there is no campaign %q in a program %q", in.CampaignName, in.ProgramName)
	case !c.Batch():
		return nil, fault.Newf(fault.CodeBadParameter, "campaignName %q is not a batch campaign: only such a one can be scheduled", in.CampaignName)
	}
	return c, nil
}

// cloneFor copies the program of a campaign and returns the campaign of the copy.
func (s Service) cloneFor(c *campaigns.Campaign, name string) (*campaigns.Campaign, error) {
	if s.Programs.Named(name) != nil {
		return nil, fault.Newf(fault.CodeBadParameter, "cloneToProgramName %q is the name of a program that exists", name)
	}
	if err := s.Campaigns.CheckClone(c); err != nil {
		return nil, fault.Newf(fault.CodeServiceInternal, "cloneToProgramName: %v", err)
	}
	return s.Campaigns.Clone(c, strings.Clone(name)), nil
}
