package rest

import (
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

// campaignOperations are those on smart campaigns.
var campaignOperations = []operation{
	{method: get, path: "/rest/v1/campaigns.json", do: (*call).findCampaigns},
	{method: get, path: "/rest/v1/campaigns/{campaignId}.json", do: (*call).campaignByID},
	{method: post, path: "/rest/v1/campaigns/{campaignId}/trigger.json", takes: takesJSON, do: (*call).triggerCampaign},
	{method: post, path: "/rest/v1/campaigns/{campaignId}/schedule.json", takes: takesJSON, do: (*call).scheduleCampaign},
	{method: get, path: "/rest/asset/v1/smartCampaigns.json", do: (*call).browseCampaigns},
	{method: get, path: "/rest/asset/v1/smartCampaign/byName.json", do: (*call).assetCampaignByName},
	{method: get, path: "/rest/asset/v1/smartCampaign/{id}.json", do: (*call).assetCampaignByID},
}

// Bounds of campaign calls (Marketo REST API, smart campaigns).
const (
	maxRequested = 100 // leads, and tokens, of a call
	leastAhead   = 5 * time.Minute
	maxClones    = 20 // in a day
)

// shownCampaign is a smart campaign in the lead database.
type shownCampaign struct {
	ID            int32  `json:"id"`
	Name          string `json:"name"` // bare: the program stands beside it
	Description   string `json:"description,omitempty"`
	Type          string `json:"type"`
	ProgramName   string `json:"programName,omitempty"`
	ProgramID     int32  `json:"programId,omitempty"`
	WorkspaceName string `json:"workspaceName"`
	CreatedAt     string `json:"createdAt"`
	UpdatedAt     string `json:"updatedAt"`
	Active        bool   `json:"active"`
}

func (h *handler) shownCampaign(c *campaigns.Campaign) shownCampaign {
	created, updated := c.Times()
	out := shownCampaign{
		ID: c.ID(), Name: c.Name(), Description: c.Description(), Type: campaignType(c), WorkspaceName: h.Workspaces[0],
		CreatedAt: stamp(created, withZ), UpdatedAt: stamp(updated, withZ), Active: c.Active(),
	}
	if p := c.Program(); p != nil {
		out.ProgramName, out.ProgramID = p.Name(), p.ID()
	}
	return out
}

func campaignType(c *campaigns.Campaign) string {
	if c.Batch() {
		return "batch"
	}
	return "trigger"
}

// requestable reports whether a campaign can be requested by the web service.
func requestable(c *campaigns.Campaign) bool {
	return c.Active() && c.TakesFrom(gen.ReqCampSourceTypeMKTOWS)
}

// findCampaigns returns a page of the campaigns that have one of the ids, names, programs and
// workspaces that a call gives (Marketo REST API, smart campaigns).
func (c *call) findCampaigns() (*envelope, error) {
	ids, names := c.list("id", maxBatch), c.list("name", maxBatch)
	programs, workspaces := c.list("programName", maxBatch), c.list("workspaceName", maxBatch)
	triggerable, given := c.flag("isTriggerable")
	at, size := c.place("campaigns", ids, names, programs, workspaces, triggerable, given), c.batch()
	defer c.View()()
	found := []shownCampaign{}
	for _, one := range c.Campaigns.All() {
		s := c.shownCampaign(one)
		if matches(ids, strconv.Itoa(int(s.ID))) && matches(names, s.Name) && matches(programs, s.ProgramName) &&
			matches(workspaces, s.WorkspaceName) && (!given || triggerable == requestable(one)) {
			found = append(found, s)
		}
	}
	return listPage(c, found, at, size)
}

// campaignInPath returns the campaign that the path names. The lock is held.
func (c *call) campaignInPath(name string) (*campaigns.Campaign, *problem) {
	id := c.id(name)
	if c.bad != nil {
		return nil, c.bad
	}
	if found := c.Campaigns.Find(int32(id)); found != nil && int64(found.ID()) == id { //nolint:gosec // just compared
		return found, nil
	}
	return nil, refuse(codeNoObject, "Campaign not found")
}

func (c *call) campaignByID() (*envelope, error) {
	defer c.View()()
	found, err := c.campaignInPath("campaignId")
	if err != nil {
		return nil, err
	}
	return one(c.shownCampaign(found))
}

// myToken is a token of a program with the value that it has for a run.
type myToken struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// readMyTokens returns tokens for keeping.
func readMyTokens(list []myToken) ([]record.Attribute, *problem) {
	if len(list) > maxRequested {
		return nil, refuse(codeInvalid, "%d tokens are more than %d", len(list), maxRequested)
	}
	var tokens []record.Attribute
	for _, t := range list {
		if !strings.HasPrefix(campaigns.TokenName(t.Name), "my.") {
			return nil, refuse(codeInvalid, "Token '%.100s' is not like {{my.name}}", t.Name)
		}
		tokens = append(tokens, record.Attribute(t))
	}
	return tokens, nil
}

// triggerRequest is the body of Request Campaign.
type triggerRequest struct {
	Input struct {
		Leads  []leadRef `json:"leads"`
		Tokens []myToken `json:"tokens"`
	} `json:"input"`
}

// triggerCampaign runs leads through a campaign with the trigger "Campaign is Requested" and
// the source Web Service API; others are 1003 (Marketo REST API, smart campaigns). A lead that
// does not exist refuses the call.
func (c *call) triggerCampaign() (*envelope, error) {
	var in triggerRequest
	if err := c.json(&in); err != nil {
		return nil, err
	}
	tokens, err := readMyTokens(in.Input.Tokens)
	if err != nil {
		return nil, err
	}
	if n := len(in.Input.Leads); n == 0 || n > maxRequested {
		return nil, refuse(codeInvalid, "%d leads: give 1 to %d", n, maxRequested)
	}
	defer c.Change()()
	found, err := c.campaignInPath("campaignId")
	switch {
	case err != nil:
		return nil, err
	case !requestable(found):
		return nil, refuse(codeInvalid, "Campaign %d cannot be requested: it is no active campaign with the trigger Campaign is Requested", found.ID())
	}
	numbers, err := c.existing(in.Input.Leads)
	if err != nil {
		return nil, err
	}
	c.Campaigns.Request(found, gen.ReqCampSourceTypeMKTOWS, numbers, tokens)
	return one(map[string]any{"id": found.ID()})
}

// existing returns the leads of ids, each once.
func (c *call) existing(refs []leadRef) ([]leads.No, *problem) {
	var numbers []leads.No
	for _, ref := range refs {
		no, there := c.Leads.No(c.number64(ref.text()))
		if c.bad != nil {
			return nil, c.bad
		}
		if !there {
			return nil, refusal(codeNoLead)
		}
		if !slices.Contains(numbers, no) {
			numbers = append(numbers, no)
		}
	}
	return numbers, nil
}

// scheduleRequest is the body of Schedule Campaign.
type scheduleRequest struct {
	Input struct {
		RunAt  string    `json:"runAt"`
		Clone  string    `json:"cloneToProgramName"`
		Tokens []myToken `json:"tokens"`
	} `json:"input"`
}

// scheduleCampaign schedules a run of a batch campaign, at least five minutes and at most two
// years ahead (Marketo REST API, smart campaigns).
func (c *call) scheduleCampaign() (*envelope, error) {
	var in scheduleRequest
	if err := c.json(&in); err != nil {
		return nil, err
	}
	tokens, err := readMyTokens(in.Input.Tokens)
	if err != nil {
		return nil, err
	}
	at, err := c.runAt(in.Input.RunAt)
	if err != nil {
		return nil, err
	}
	defer c.Change()()
	found, err := c.campaignInPath("campaignId")
	switch {
	case err != nil:
		return nil, err
	case !found.Batch():
		return nil, refuse(codeInvalid, "Campaign %d is no batch campaign", found.ID())
	}
	if in.Input.Clone != "" {
		if found, err = c.cloneFor(found, in.Input.Clone); err != nil {
			return nil, err
		}
	}
	c.Campaigns.Schedule(found, at, tokens)
	if in.Input.Clone != "" {
		c.Campaigns.NoteClone()
	}
	return one(map[string]any{"id": found.ID()})
}

// runAt returns when a run begins: five minutes from now where a call does not say.
func (c *call) runAt(text string) (time.Time, *problem) {
	now, at := c.exchange.Time, c.moment("runAt", text)
	switch {
	case c.bad != nil:
		return at, c.bad
	case at.IsZero():
		return now.Add(leastAhead), nil
	case at.Before(now.Add(leastAhead).Truncate(time.Second)):
		return at, refuse(codeInvalid, "runAt has to be at least 5 minutes ahead")
	case at.After(now.AddDate(2, 0, 0)):
		return at, refuse(codeTooFar, "runAt is more than two years ahead")
	}
	return at, nil
}

// cloneFor copies the program of a campaign and returns the campaign of the copy. It does so
// for 20 runs a day: for this the simulator goes by the day on which the run begins.
func (c *call) cloneFor(found *campaigns.Campaign, name string) (*campaigns.Campaign, *problem) {
	end := fault.NextReset(c.exchange.Time)
	switch {
	case found.Program() == nil:
		return nil, refuse(codeInvalid, "The campaign is in no program that could be cloned")
	case c.Programs.Named(name) != nil:
		return nil, refuse(codeRule, "There is a program '%.100s' already", name)
	case c.Campaigns.Clones(end.AddDate(0, 0, -1), end) >= maxClones:
		return nil, refusal(codeClones)
	}
	if err := c.Campaigns.CheckClone(found); err != nil {
		return nil, refuse(codeInvalid, "%v", err)
	}
	return c.Campaigns.Clone(found, name), nil
}

// assetCampaign is a smart campaign as an asset.
type assetCampaign struct {
	ID            int32      `json:"id"`
	Name          string     `json:"name"`
	Description   string     `json:"description,omitempty"`
	Type          string     `json:"type"`
	System        bool       `json:"isSystem"`
	Active        bool       `json:"isActive"`
	Requestable   bool       `json:"isRequestable"`
	Status        string     `json:"status"`
	CreatedAt     string     `json:"createdAt"`
	UpdatedAt     string     `json:"updatedAt"`
	Folder        *folderRef `json:"folder,omitempty"`
	ParentProgram int32      `json:"parentProgramId,omitempty"`
	Workspace     string     `json:"workspace"`
	ComputedURL   string     `json:"computedUrl"`
}

func (h *handler) assetCampaign(c *campaigns.Campaign) assetCampaign {
	created, updated := c.Times()
	out := assetCampaign{
		ID: c.ID(), Name: c.Name(), Description: c.Description(), Type: campaignType(c), Active: c.Active() && !c.Batch(), Requestable: requestable(c),
		Status: map[bool]string{true: "Active", false: "Inactive"}[c.Active()], CreatedAt: stamp(created, withBoth), UpdatedAt: stamp(updated, withBoth),
		Workspace: h.Workspaces[0], ComputedURL: "https://simulator.example/#SC" + strconv.Itoa(int(c.ID())),
	}
	if p := c.Program(); p != nil {
		out.Folder, out.ParentProgram = h.programRef(p.Name()), p.ID()
	}
	return out
}

// browseCampaigns returns smart campaigns as assets.
func (c *call) browseCampaigns() (*envelope, error) {
	active, given := c.flag("isActive")
	from, to := c.moment("earliestUpdatedAt", c.text("earliestUpdatedAt")), c.moment("latestUpdatedAt", c.text("latestUpdatedAt"))
	folder := c.folderParam("folder")
	defer c.View()()
	all := slices.DeleteFunc(slices.Clone(c.Campaigns.All()), func(one *campaigns.Campaign) bool {
		s := c.assetCampaign(one)
		_, updated := one.Times()
		return given && s.Active != active || !between(updated, from, to) || !folder.holds(s.Folder)
	})
	return browsed(c, all, c.assetCampaign)
}

func (c *call) assetCampaignByName() (*envelope, error) {
	name := c.must("name")
	defer c.View()()
	var found []assetCampaign
	for _, one := range c.Campaigns.All() {
		if one.Name() == name {
			found = append(found, c.assetCampaign(one))
		}
	}
	return assets(found)
}

func (c *call) assetCampaignByID() (*envelope, error) {
	defer c.View()()
	found, err := c.campaignInPath("id")
	if c.bad != nil {
		return nil, err
	}
	if err != nil {
		return noAssets()
	}
	return assets([]assetCampaign{c.assetCampaign(found)})
}
