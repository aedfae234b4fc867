package rest

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Paths of smart campaigns.
var (
	campaignsPath   = readPath{"/rest/v1/campaigns.json", 30 * time.Second}
	smartByNamePath = readPath{"/rest/asset/v1/smartCampaign/byName.json", assetLimit}
	smartsPath      = readPath{"/rest/asset/v1/smartCampaigns.json", assetLimit}
	triggerPath     = writePath{post, "/rest/v1/campaigns/{campaignId}/trigger.json", 30 * time.Second}
	schedulePath    = writePath{post, "/rest/v1/campaigns/{campaignId}/schedule.json", 30 * time.Second}
)

// assetLimit is how long the service works on an asset call at most.
const assetLimit = 300 * time.Second

// MaxRequested is how many leads, and how many tokens, one request of a campaign has at most.
const MaxRequested = 100

// Campaign is a smart campaign. Its name is bare: the program stands beside it, and is empty for a
// campaign outside programs.
type Campaign struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"` // batch or trigger
	ProgramName string `json:"programName"`
	ProgramID   int64  `json:"programId"`
	Active      bool   `json:"active"`
}

// CampaignFilter says which campaigns are wanted; the zero value means all.
type CampaignFilter struct {
	IDs         []int64
	Name        string
	ProgramName string
	Triggerable bool // active, with the trigger Campaign is Requested and the source Web Service API
	Page
}

// Campaigns returns a page of campaigns. The call is superseded, and the one that tells the program's
// name (Marketo REST API, smart campaigns).
func (c *Client) Campaigns(ctx context.Context, f CampaignFilter) (*Answer[Campaign], error) {
	r := newRead(campaignsPath)
	r.params.addNumbers("id", f.IDs)
	r.params.addText("name", f.Name)
	r.params.addText("programName", f.ProgramName)
	if f.Triggerable {
		r.params.add("isTriggerable", "true")
	}
	f.add(&r.params)
	return read[Campaign](ctx, c, r)
}

// SmartCampaign is a smart campaign as an asset, which knows the id of its program alone.
type SmartCampaign struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Requestable bool   `json:"isRequestable"`
	ProgramID   int64  `json:"parentProgramId"`
}

// SmartCampaignsByName returns the campaigns of a name as assets.
func (c *Client) SmartCampaignsByName(ctx context.Context, name string) (*Answer[SmartCampaign], error) {
	r := newRead(smartByNamePath)
	r.params.add("name", name)
	return read[SmartCampaign](ctx, c, r)
}

// ActiveSmartCampaigns returns the active campaigns as assets, from an offset on.
func (c *Client) ActiveSmartCampaigns(ctx context.Context, offset int) (*Answer[SmartCampaign], error) {
	r := newRead(smartsPath)
	r.params.add("isActive", "true")
	addOffset(&r.params, offset)
	return read[SmartCampaign](ctx, c, r)
}

// Token is a token of a program, such as {{my.message}}, with its value for a run.
type Token struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// RequestCampaign runs up to [MaxRequested] leads through a campaign (Marketo REST API, smart campaigns).
func (c *Client) RequestCampaign(ctx context.Context, campaign int64, leads []int64, tokens []Token, safety fault.Safety) error {
	type input struct {
		Leads  []leadID `json:"leads"`
		Tokens []Token  `json:"tokens,omitempty"`
	}
	body := struct {
		Input input `json:"input"`
	}{input{idsOf(leads), tokens}}
	return do(ctx, c, newWrite(triggerPath, safety, number(campaign)).withJSON(body))
}

// Schedule says when and how a batch campaign runs.
type Schedule struct {
	RunAt  string  `json:"runAt,omitempty"`              // see [Stamp]; empty: in five minutes
	Clone  string  `json:"cloneToProgramName,omitempty"` // runs in a copy of the program, 20 times a day
	Tokens []Token `json:"tokens,omitempty"`
}

// ScheduleCampaign schedules a run of a batch campaign (Marketo REST API, smart campaigns).
func (c *Client) ScheduleCampaign(ctx context.Context, campaign int64, s Schedule, safety fault.Safety) error {
	body := struct {
		Input Schedule `json:"input"`
	}{s}
	return do(ctx, c, newWrite(schedulePath, safety, number(campaign)).withJSON(body))
}
