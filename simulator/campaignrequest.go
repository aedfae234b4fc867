package simulator

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// maxRequested is how many leads of a requestCampaign count.
const maxRequested = 100

// sourceNames are the sources as the activity shows them.
var sourceNames = map[gen.ReqCampSourceType]string{
	gen.ReqCampSourceTypeMKTOWS: "Web service API",
	gen.ReqCampSourceTypeSALES:  "Sales",
}

// RequestCampaign runs leads through a campaign that waits for requests (Marketo SOAP
// API, requestCampaign; WSDL: ParamsRequestCampaign). The campaign is named by
// campaignId alone, or by programName, campaignName and programTokenList, which may be
// empty or nil, all three together. An empty name or, beside campaignId, an empty list of tokens
// counts as absent. Of the leads the first 100 count; the rest is not even looked at.
//
// Each lead, once however often it is given, gets an activity Request Campaign whose
// asset is the campaign; [Simulator.CampaignRuns] tells the tokens. If one key is bad,
// nothing is done for any lead.
//
// Faults: 20109 without source or leads, 20110 for an unknown source, another combination
// of parameters or a token without name, 20113 for a campaign that does not exist or
// cannot be requested from the source, 20101, 20102 (COOKIE too, which is not documented
// here), 20103 and 20108 for a lead key.
func (s *Simulator) RequestCampaign(ctx context.Context, in *gen.ParamsRequestCampaign) (*gen.SuccessRequestCampaign, error) {
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
	defer s.change()()
	c, err := s.requestable(in)
	if err != nil {
		return nil, err
	}
	leads, err := s.requestedLeads(in.LeadList.Value.LeadKey)
	if err != nil {
		return nil, err
	}
	if err := s.request(c, in.Source, leads, tokens); err != nil {
		return nil, err
	}
	return &gen.SuccessRequestCampaign{Result: &gen.ResultRequestCampaign{Success: true}}, nil
}

// checkRequest gives the fault for parameters that are missing or do not go together.
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
func (s *Simulator) requestable(in *gen.ParamsRequestCampaign) (*campaign, error) {
	id, byID := in.CampaignId.Get()
	c, what := s.campaigns.findName(in.ProgramName.Value, in.CampaignName.Value), in.ProgramName.Value+"."+in.CampaignName.Value
	if byID {
		c, what = s.campaigns.find(id), strconv.Itoa(int(id))
	}
	switch {
	case c == nil:
		return nil, fault.Newf(fault.CodeCampaignNotFound, "there is no campaign %s", what)
	case !slices.Contains(c.sources, in.Source):
		return nil, fault.Newf(fault.CodeCampaignNotFound, "campaign %s has no trigger Campaign is Requested with the source %s", what, in.Source)
	}
	return c, nil
}

// requestedLeads returns the leads that count, each once.
func (s *Simulator) requestedLeads(keys []gen.LeadKey) ([]leadNo, error) {
	var leads []leadNo
	for i := range keys[:min(len(keys), maxRequested)] {
		key := &keys[i]
		if key.KeyType == gen.LeadKeyRefCOOKIE {
			return nil, fault.New(fault.CodeLeadKeyBad, "leadKey/keyType COOKIE is not a type of lead key that requestCampaign takes")
		}
		no, err := s.leads.find(key)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(leads, no) {
			leads = append(leads, no)
		}
	}
	return leads, nil
}

// request adds the activities and notes the run.
func (s *Simulator) request(c *campaign, source gen.ReqCampSourceType, leads []leadNo, tokens []Attribute) error {
	activity := []Activity{{
		Time: s.now(), Type: gen.ActivityTypeRequestCampaign, AssetName: c.fullName(),
		Attributes: []Attribute{{"Campaign ID", strconv.Itoa(int(c.id))}, {"Source", sourceNames[source]}},
	}}
	if err := s.store.check(activity); err != nil {
		return fault.New(fault.CodeServiceInternal, reason(err).Error())
	}
	run := CampaignRun{Source: gen.ReqCampSourceType(strings.Clone(string(source))), Time: s.now().Truncate(time.Second)}
	for _, no := range leads {
		s.addActivities(no, activity)
		run.Leads = append(run.Leads, s.leads.at(no).id)
	}
	s.addRun(c, run, tokens)
	return nil
}
