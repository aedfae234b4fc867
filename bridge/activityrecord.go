package bridge

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// attrLeadID is the attribute that ends the list of every activity.
const attrLeadID = "Lead ID"

// record is an activity of the REST API as the SOAP API shows it: what both kinds of records have.
type record struct {
	id         gen.Opt[int64]
	guid       string
	at         gen.DateTime
	kind       string
	asset      string
	attributes gen.Opt[gen.ArrayOfAttribute]
	campaign   string
	lead       string
}

// records converts activities.
func (w *work) records(list []rest.Activity) ([]record, error) {
	var ids, campaigns []int64
	for i := range list {
		ids = append(ids, list[i].TypeID)
		if id := list[i].CampaignID; id != 0 {
			campaigns = append(campaigns, id)
		}
	}
	slices.Sort(ids)
	types, err := w.names.ActivityTypes(w, slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	campaign, err := w.campaigns.of(w, campaigns)
	if err != nil {
		return nil, err
	}
	out := make([]record, len(list))
	for i := range list {
		kind, known := types.ByID(list[i].TypeID)
		if !known {
			kind = &names.ActivityType{ID: list[i].TypeID, Name: "Activity type " + strconv.FormatInt(list[i].TypeID, 10)}
		}
		if out[i], err = w.record(&list[i], kind); err != nil {
			return nil, err
		}
		out[i].campaign = campaign[list[i].CampaignID]
	}
	return out, nil
}

// record converts an activity of a type. An id that is missing is that of the GUID, if that is a number,
// as it was before there were GUIDs.
func (w *work) record(a *rest.Activity, kind *names.ActivityType) (record, error) {
	at, err := w.dateTime(a.Date)
	if err != nil {
		return record{}, err
	}
	lead := strconv.FormatInt(a.LeadID, 10)
	out := record{guid: clean(a.GUID), at: at, kind: clean(kind.Shown()), asset: clean(kind.Asset(a.PrimaryValue.Text)), lead: lead}
	for _, text := range []string{a.ID.Text, a.GUID} {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			out.id = gen.Some(id)
			break
		}
	}
	if out.guid == "" {
		out.guid = clean(a.ID.Text)
	}
	out.attributes = gen.Some(gen.ArrayOfAttribute{Attribute: w.attributesOf(a, kind, lead)})
	return out, nil
}

// attributesOf returns the attributes of an activity: the primary one under its own name, the others in
// their order, the lead last.
func (w *work) attributesOf(a *rest.Activity, kind *names.ActivityType, lead string) []gen.Attribute {
	list := make([]gen.Attribute, 0, len(a.Attributes)+2)
	add := func(name, value string) {
		list = append(list, gen.Attribute{AttrName: clean(name), AttrType: gen.NilOf[string](), AttrValue: value})
	}
	id, _ := a.PrimaryValueID.Int() // one that is missing is 0, and not shown
	hasLead := false
	if name, text, shown := kind.PrimaryAttribute(id, a.PrimaryValue.Text); shown {
		add(name, clean(text))
		hasLead = name == attrLeadID // as of Merge Leads
	}
	for _, one := range a.Attributes {
		if kind.IsPrimary(one.Name) || one.Value.Text == "" { // null among them: files of extracts leave out what pages show empty
			continue
		}
		hasLead = hasLead || one.Name == attrLeadID
		def := kind.Attribute(one.Name)
		add(def.Shown(), w.soapText(one.Value, def.DataType))
	}
	if !hasLead {
		add(attrLeadID, lead)
	}
	return list
}

// activityRecord has the form of the published samples: the four names that only sales systems fill
// are nil, asset and campaign are empty where there is none.
func (r record) activityRecord() gen.ActivityRecord {
	return gen.ActivityRecord{
		Id: r.id, MarketoGUID: r.guid, ActivityDateTime: r.at, ActivityType: r.kind, MktgAssetName: gen.Some(r.asset),
		ActivityAttributes: r.attributes, Campaign: gen.Some(r.campaign), PersonName: gen.NilOf[string](), MktPersonId: r.lead,
		ForeignSysId: gen.NilOf[string](), OrgName: gen.NilOf[string](), ForeignSysOrgId: gen.NilOf[string](),
	}
}

// changeRecord has the form of the published samples: a campaign is absent where there is none.
func (r record) changeRecord() gen.LeadChangeRecord {
	out := gen.LeadChangeRecord{
		Id: r.id, MarketoGUID: r.guid, ActivityDateTime: r.at, ActivityType: r.kind, MktgAssetName: gen.Some(r.asset),
		ActivityAttributes: r.attributes, MktPersonId: r.lead,
	}
	if r.campaign != "" {
		out.Campaign = gen.Some(r.campaign)
	}
	return out
}

// campaignNames are the names that campaigns have in the SOAP API, by id. One that is deleted has none
// any more. Where the API user may not read campaigns, their ids stand for names.
type campaignNames struct {
	client *rest.Client
	now    func() time.Time
	log    *slog.Logger
	asking chan struct{} // holds one while somebody asks for names

	mu     sync.Mutex
	known  map[int64]string
	denied time.Time // when the service has refused to tell names; zero: it has not
}

func newCampaignNames(client *rest.Client, now func() time.Time, log *slog.Logger) *campaignNames {
	return &campaignNames{client: client, now: now, log: log, asking: make(chan struct{}, 1)}
}

// maxCampaignNames bounds what is remembered.
const maxCampaignNames = 100_000

// askedAgainAfter is how long it is believed that the API user may not read campaigns: the records of each page
// would cost a call else.
const askedAgainAfter = 10 * time.Minute

// of returns the names of campaigns, and asks for those that are not known: 300 in a call. One asks at a
// time, as calls that are made at the same time lack the same names.
func (c *campaignNames) of(ctx context.Context, ids []int64) (map[int64]string, error) {
	names, unknown := c.lookUp(ids)
	if len(unknown) == 0 {
		return names, nil
	}
	select {
	case c.asking <- struct{}{}:
		defer func() { <-c.asking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w, while waiting for the names of campaigns", httpcall.Ended(ctx))
	}
	names, unknown = c.lookUp(ids)
	for part := range slices.Chunk(unknown, rest.MaxPage) {
		found, err := c.ask(ctx, part)
		switch {
		case said(err, 603):
			c.deny(ctx)
			for _, id := range unknown {
				names[id] = strconv.FormatInt(id, 10)
			}
			return names, nil
		case err != nil:
			return nil, err
		}
		c.remember(found)
		maps.Copy(names, found)
	}
	return names, nil
}

// ask returns the names of up to 300 campaigns.
func (c *campaignNames) ask(ctx context.Context, ids []int64) (map[int64]string, error) {
	found := make(map[int64]string, len(ids))
	for _, id := range ids {
		found[id] = ""
	}
	f := rest.CampaignFilter{IDs: ids}
	for more := true; more; {
		a, err := c.client.Campaigns(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, one := range a.Records {
			found[one.ID] = fullName(one.ProgramName, one.Name)
		}
		f.Token, more = a.Next, a.More
	}
	return found, nil
}

// deny remembers that the API user may not read campaigns.
func (c *campaignNames) deny(ctx context.Context) {
	c.mu.Lock()
	c.denied = c.now()
	c.mu.Unlock()
	c.log.LogAttrs(ctx, slog.LevelWarn, "mktows: activities have the ids of campaigns in place of their names: the role of the API user lacks the permission "+readCampaign)
}

// fullName is the name that an asset has in the SOAP API: that of its program stands before it.
func fullName(program, name string) string {
	if program == "" {
		return clean(name)
	}
	return clean(program + "." + name)
}

func (c *campaignNames) lookUp(ids []int64) (names map[int64]string, unknown []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names = make(map[int64]string)
	denied := !c.denied.IsZero() && c.now().Sub(c.denied) < askedAgainAfter
	for _, id := range ids {
		if _, twice := names[id]; twice {
			continue
		}
		name, known := c.known[id]
		switch {
		case known:
			names[id] = name
		case denied:
			names[id] = strconv.FormatInt(id, 10)
		default:
			names[id] = ""
			unknown = append(unknown, id)
		}
	}
	return names, unknown
}

func (c *campaignNames) remember(found map[int64]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known)+len(found) > maxCampaignNames {
		c.known = make(map[int64]string)
	}
	for id, name := range found {
		c.known[id] = name
	}
}
