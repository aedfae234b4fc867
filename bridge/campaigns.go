package bridge

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// GetCampaignsForSource lists the campaigns that requestCampaign may run.
//
// Lost: the source SALES is 20110, as the REST API has none for sales. It costs a call for each 300
// campaigns.
func (b *Bridge) GetCampaignsForSource(ctx context.Context, in *gen.ParamsGetCampaignsForSource) (*gen.SuccessGetCampaignsForSource, error) {
	return perform(ctx, b, "getCampaignsForSource", in, (*work).getCampaignsForSource)
}

func (w *work) getCampaignsForSource(in *gen.ParamsGetCampaignsForSource) (*gen.SuccessGetCampaignsForSource, error) {
	if err := checkSource(in.Source); err != nil {
		return nil, err
	}
	found, err := w.campaignsWhere(rest.CampaignFilter{Triggerable: true})
	if err != nil {
		return nil, err
	}
	var list []gen.CampaignRecord
	for _, c := range found {
		if !campaignMatches(c, in.Name.Or(""), in.ExactName.Or(false)) {
			continue
		}
		id, err := int32Of("the id of campaign", c.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, gen.CampaignRecord{Id: id, Name: fullName(c.ProgramName, c.Name), Description: clean(c.Description)})
	}
	slices.SortStableFunc(list, func(a, b gen.CampaignRecord) int { return cmp.Compare(a.Name, b.Name) })
	out := &gen.ResultGetCampaignsForSource{ReturnCount: int32(len(list)), CampaignRecordList: gen.NilOf[gen.ArrayOfCampaignRecord]()} //nolint:gosec // each has an id of 32 bits
	if len(list) > 0 {
		out.CampaignRecordList = gen.Some(gen.ArrayOfCampaignRecord{CampaignRecord: list})
	}
	return &gen.SuccessGetCampaignsForSource{Result: out}, nil
}

func checkSource(source gen.ReqCampSourceType) error {
	switch {
	case source == "":
		return missing("source is missing")
	case !source.Valid():
		return bad("source %.40q is not MKTOWS or SALES", source)
	case source != gen.ReqCampSourceTypeMKTOWS:
		return bad("source %s: the REST API has no campaigns for sales; use MKTOWS", source)
	}
	return nil
}

// campaignMatches reports whether a campaign has a name: with exact its full name or its own one, else
// a part of the full name in any letter case.
func campaignMatches(c rest.Campaign, name string, exact bool) bool {
	full := fullName(c.ProgramName, c.Name)
	if exact && name != "" {
		return name == full || name == c.Name
	}
	return strings.Contains(strings.ToLower(full), strings.ToLower(name))
}

// campaignsWhere returns all campaigns that a filter takes.
func (w *work) campaignsWhere(f rest.CampaignFilter) ([]rest.Campaign, error) {
	var all []rest.Campaign
	for more := true; more; {
		a, err := w.rest.Campaigns(w, f)
		if err != nil {
			return nil, err
		}
		all = append(all, a.Records...)
		f.Token, more = a.Next, a.More
	}
	return all, nil
}

// campaignNamed finds a campaign of a program.
func (w *work) campaignNamed(program, name string) (int64, error) {
	found, err := w.campaignsWhere(rest.CampaignFilter{Name: name, ProgramName: program})
	if err != nil && !said(err, 702) {
		return 0, err
	}
	found = slices.DeleteFunc(found, func(c rest.Campaign) bool { return c.Name != name || c.ProgramName != program })
	switch len(found) {
	case 0:
		return 0, fault.Newf(fault.CodeCampaignNotFound, "there is no campaign %.100q in a program %.100q", name, program)
	case 1:
		return found[0].ID, nil
	}
	return 0, fault.Newf(fault.CodeCampaignNotFound, "%d campaigns are named %.100q in the program %.100q: name the one that is meant by its id", len(found), name, program)
}

// RequestCampaign runs leads through a campaign that waits for requests.
//
// Lost: the source SALES is 20110. A key that no lead has is left out, and that is logged; if none has
// one, it is 20103. It costs one call, one for a campaign that is named, and one for each type of key
// that is no id; two more where an id is that of no lead.
func (b *Bridge) RequestCampaign(ctx context.Context, in *gen.ParamsRequestCampaign) (*gen.SuccessRequestCampaign, error) {
	return perform(ctx, b, "requestCampaign", in, (*work).requestCampaign)
}

func (w *work) requestCampaign(in *gen.ParamsRequestCampaign) (*gen.SuccessRequestCampaign, error) {
	if err := w.checkRequest(in); err != nil {
		return nil, err
	}
	tokens, err := readTokens(in.ProgramTokenList.Value.Attrib)
	if err != nil {
		return nil, err
	}
	campaign := int64(in.CampaignId.Or(0))
	if in.CampaignId.State != gen.Present {
		if campaign, err = w.campaignNamed(in.ProgramName.Value, in.CampaignName.Value); err != nil {
			return nil, err
		}
	}
	leads, err := w.requestedLeads(in.LeadList.Value.LeadKey)
	if err != nil {
		return nil, err
	}
	request := func() error { return w.rest.RequestCampaign(w, campaign, leads, tokens, safety.Of(w.operation, in)) }
	err = request()
	if said(err, 1004) { // an id that was believed is that of no lead, and nobody was run
		if leads, err = w.existing(leads, err); err == nil {
			err = request()
		}
	}
	if err != nil {
		return nil, err
	}
	return &gen.SuccessRequestCampaign{Result: &gen.ResultRequestCampaign{Success: true}}, nil
}

// checkRequest gives the fault for parameters that are missing or do not go together.
func (w *work) checkRequest(in *gen.ParamsRequestCampaign) error {
	if err := checkSource(in.Source); err != nil {
		return err
	}
	if len(in.LeadList.Value.LeadKey) == 0 {
		return missing("leadList is missing or empty")
	}
	id := in.CampaignId.State == gen.Present
	program, name := in.ProgramName.Or("") != "", in.CampaignName.Or("") != ""
	list := in.ProgramTokenList.State != gen.Absent // one that says it is nil is an empty one
	byID := id && !program && !name && len(in.ProgramTokenList.Value.Attrib) == 0
	byName := !id && program && name && list
	if !byID && !byName {
		return bad("give campaignId alone, or programName, campaignName and programTokenList together")
	}
	return nil
}

// readTokens reads tokens of programs. The REST API wants them with braces.
func readTokens(list []gen.Attrib) ([]rest.Token, error) {
	var tokens []rest.Token
	for _, t := range list {
		name := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(t.Name), "{{"), "}}"))
		if name == "" {
			return nil, bad("programTokenList: a token has no name")
		}
		tokens = append(tokens, rest.Token{Name: "{{" + name + "}}", Value: t.Value})
	}
	if len(tokens) > rest.MaxRequested {
		return nil, bad("programTokenList has %d tokens: the REST API takes %d", len(tokens), rest.MaxRequested)
	}
	return tokens, nil
}

// requestedLeads returns the leads that count, the first hundred, each once.
func (w *work) requestedLeads(keys []gen.LeadKey) ([]int64, error) {
	keys = keys[:min(len(keys), rest.MaxRequested)]
	for i := range keys {
		if keys[i].KeyType == gen.LeadKeyRefCOOKIE {
			return nil, fault.New(fault.CodeLeadKeyBad, "leadKey/keyType COOKIE is not a type of lead key that requestCampaign takes")
		}
		if err := w.checkKey(&keys[i]); err != nil {
			return nil, err
		}
	}
	ids, err := w.members(keys, false)
	if err != nil {
		return nil, err
	}
	var leads []int64
	for _, id := range ids {
		if id != 0 && !slices.Contains(leads, id) {
			leads = append(leads, id)
		}
	}
	if len(leads) == 0 {
		return nil, noLead(&keys[0])
	}
	w.leftOut(slices.ContainsFunc(ids, func(id int64) bool { return id == 0 }))
	return leads, nil
}

// existing returns those of some ids that are leads. Without one the error stands that the service gave for them.
func (w *work) existing(ids []int64, refused error) ([]int64, error) {
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = strconv.FormatInt(id, 10)
	}
	records, err := w.leadsWith("id", values, []string{"id"})
	if err != nil {
		return nil, err
	}
	there := make(map[int64]bool)
	for _, r := range records {
		id, err := r.ID("id")
		if err != nil {
			return nil, fault.NewContentError(err)
		}
		there[id] = true
	}
	leads := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !there[id] })
	if len(leads) == 0 || len(leads) == len(ids) {
		return nil, refused
	}
	w.leftOut(true)
	return leads, nil
}

// leftOut logs that keys were left out of a request.
func (w *work) leftOut(some bool) {
	if some {
		w.config.rest.Logger.LogAttrs(w, slog.LevelWarn, "mktows: keys that no lead has were left out of the request", slog.String("operation", w.operation))
	}
}

// leastAhead is how far ahead a run is at least, and where no time is given (Marketo REST API, smart
// campaigns).
const leastAhead = 5 * time.Minute

// ScheduleCampaign schedules a run of a batch campaign.
//
// Lost: a run begins in five minutes at the earliest, also where the SOAP API began it at once. It
// costs two calls. Twenty runs a day may be in copies of programs.
func (b *Bridge) ScheduleCampaign(ctx context.Context, in *gen.ParamsScheduleCampaign) (*gen.SuccessScheduleCampaign, error) {
	return perform(ctx, b, "scheduleCampaign", in, (*work).scheduleCampaign)
}

func (w *work) scheduleCampaign(in *gen.ParamsScheduleCampaign) (*gen.SuccessScheduleCampaign, error) {
	tokens, err := readTokens(in.ProgramTokenList.Value.Attrib)
	if err != nil {
		return nil, err
	}
	s := rest.Schedule{Clone: in.CloneToProgramName.Or(""), Tokens: tokens}
	if text := in.CampaignRunAt.Or(""); text != "" {
		at, err := requestTime("campaignRunAt", text)
		if err != nil {
			return nil, err
		}
		// A minute more, so that a time is not refused for having come near on the way.
		if at.After(w.config.rest.Now().Add(leastAhead + time.Minute)) {
			s.RunAt = rest.Stamp(up(at))
		}
	}
	switch {
	case in.ProgramName == "":
		return nil, missing("programName is missing")
	case in.CampaignName == "":
		return nil, missing("campaignName is missing")
	}
	campaign, err := w.campaignNamed(in.ProgramName, in.CampaignName)
	if err != nil {
		return nil, err
	}
	if err := w.rest.ScheduleCampaign(w, campaign, s, safety.Of(w.operation, in)); err != nil {
		return nil, err
	}
	return &gen.SuccessScheduleCampaign{Result: &gen.ResultScheduleCampaign{Success: true}}, nil
}
