package rest

import (
	"context"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
)

// Paths of programs, channels, tags and folders.
var (
	channelsPath      = readPath{"/rest/asset/v1/channels.json", assetLimit}
	channelPath       = readPath{"/rest/asset/v1/channel/byName.json", assetLimit}
	tagTypesPath      = readPath{"/rest/asset/v1/tagTypes.json", assetLimit}
	tagTypePath       = readPath{"/rest/asset/v1/tagType/byName.json", assetLimit}
	programsPath      = readPath{"/rest/asset/v1/programs.json", assetLimit}
	programPath       = readPath{"/rest/asset/v1/program/{id}.json", assetLimit}
	programByNamePath = readPath{"/rest/asset/v1/program/byName.json", assetLimit}
	programByTagPath  = readPath{"/rest/asset/v1/program/byTag.json", assetLimit}
	folderPath        = readPath{"/rest/asset/v1/folder/{id}.json", assetLimit}
	folderTokensPath  = readPath{"/rest/asset/v1/folder/{id}/tokens.json", assetLimit}
	updateProgramPath = writePath{post, "/rest/asset/v1/program/{id}.json", assetLimit}
)

// MaxAssets is how many assets a page has at most (Marketo REST API, assets). A page with fewer is
// the last one.
const MaxAssets = 200

// addOffset asks for the page that begins at an offset.
func addOffset(p *params, offset int) {
	p.addNumber("maxReturn", MaxAssets)
	p.add("offset", strconv.Itoa(offset))
}

// Channel is a channel of programs.
type Channel struct {
	Name     string   `json:"name"`
	Programs string   `json:"applicableProgramType"`
	Statuses []Status `json:"progressionStatuses"`
}

// Status is a step that the members of a program can be at.
type Status struct {
	Name    string `json:"name"`
	Hidden  bool   `json:"hidden"`
	Type    string `json:"type"`
	Step    int32  `json:"step"`
	Success bool   `json:"success"`
}

// Channels returns channels from an offset on (Marketo REST API, channels).
func (c *Client) Channels(ctx context.Context, offset int) (*Answer[Channel], error) {
	r := newRead(channelsPath)
	addOffset(&r.params, offset)
	return read[Channel](ctx, c, r)
}

// ChannelsByName returns the channel of a name.
func (c *Client) ChannelsByName(ctx context.Context, name string) (*Answer[Channel], error) {
	r := newRead(channelPath)
	r.params.add("name", name)
	return read[Channel](ctx, c, r)
}

// TagType is a type of tag. Its values come with the call for one type alone.
type TagType struct {
	Type   string `json:"tagType"`
	Values string `json:"allowableValues"` // as [a, b]
}

// List returns the values. One that has ", " in it cannot be told from two.
func (t TagType) List() []string {
	text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(t.Values), "["), "]")
	if text == "" {
		return nil
	}
	return strings.Split(text, ", ")
}

// TagTypes returns types of tag from an offset on, without values (Marketo REST API, tags).
func (c *Client) TagTypes(ctx context.Context, offset int) (*Answer[TagType], error) {
	r := newRead(tagTypesPath)
	addOffset(&r.params, offset)
	return read[TagType](ctx, c, r)
}

// TagTypesByName returns the type of a name, with its values.
func (c *Client) TagTypesByName(ctx context.Context, name string) (*Answer[TagType], error) {
	r := newRead(tagTypePath)
	r.params.add("name", name)
	return read[TagType](ctx, c, r)
}

// Program is a program. Tags and costs come with some calls alone.
type Program struct {
	ID        int64        `json:"id"`
	Name      string       `json:"name"`
	CreatedAt string       `json:"createdAt"`
	UpdatedAt string       `json:"updatedAt"`
	Type      string       `json:"type"`
	Channel   string       `json:"channel"`
	Workspace string       `json:"workspace"`
	StartDate string       `json:"startDate"`
	EndDate   string       `json:"endDate"`
	SFDCID    string       `json:"sfdcId"`
	Tags      []ProgramTag `json:"tags"`
	Costs     []Cost       `json:"costs"`
}

// ProgramTag is a tag that a program has.
type ProgramTag struct {
	Type  string `json:"tagType"`
	Value string `json:"tagValue"`
}

// Cost is what a program cost in a month: a whole number.
type Cost struct {
	StartDate string `json:"startDate"`
	Cost      int64  `json:"cost"`
	Note      string `json:"note,omitempty"`
}

// ProgramFilter says which programs are wanted; the zero value means all.
type ProgramFilter struct {
	Earliest, Latest string // of the last change, see [Stamp]
	Offset           int
}

// Programs returns programs without tags and costs (Marketo REST API, programs).
func (c *Client) Programs(ctx context.Context, f ProgramFilter) (*Answer[Program], error) {
	r := newRead(programsPath)
	r.params.addText("earliestUpdatedAt", f.Earliest)
	r.params.addText("latestUpdatedAt", f.Latest)
	addOffset(&r.params, f.Offset)
	return read[Program](ctx, c, r)
}

// ProgramByID returns a program with tags and costs, or no record.
func (c *Client) ProgramByID(ctx context.Context, id int64) (*Answer[Program], error) {
	return read[Program](ctx, c, newRead(programPath, number(id)))
}

// ProgramsByName returns the program of a name, with tags and costs, or no record.
func (c *Client) ProgramsByName(ctx context.Context, name string) (*Answer[Program], error) {
	r := newRead(programByNamePath)
	r.params.add("name", name)
	r.params.add("includeTags", "true")
	r.params.add("includeCosts", "true")
	return read[Program](ctx, c, r)
}

// ProgramsByTag returns programs that have a tag, with their tags, from an offset on and in any order.
func (c *Client) ProgramsByTag(ctx context.Context, kind, value string, offset int) (*Answer[Program], error) {
	r := newRead(programByTagPath)
	r.params.add("tagType", kind)
	r.params.add("tagValue", value)
	addOffset(&r.params, offset)
	return read[Program](ctx, c, r)
}

// ProgramUpdate is what is written of a program: tags take the place of those of their types, costs
// are added.
type ProgramUpdate struct {
	Tags  []ProgramTag
	Costs []Cost
}

// UpdateProgram changes a program, all of it or nothing (Marketo REST API, programs).
func (c *Client) UpdateProgram(ctx context.Context, id int64, u ProgramUpdate, safety fault.Safety) error {
	var form params
	err := form.addJSON("tags", u.Tags)
	if err == nil {
		err = form.addJSON("costs", u.Costs)
	}
	w := newWrite(updateProgramPath, safety, number(id)).withForm(form)
	if err != nil {
		w.err = err
	}
	_, err = write[Record](ctx, c, w)
	return err
}

// Folder is a folder, or a program as one.
type Folder struct {
	Name       string `json:"name"`
	Type       string `json:"folderType"`
	Path       string `json:"path"`
	Archived   bool   `json:"isArchive"`
	AccessZone int64  `json:"accessZoneId"`
	Workspace  string `json:"workspace"`
}

// FolderOfProgram returns a program as a folder, or no record (Marketo REST API, folders).
func (c *Client) FolderOfProgram(ctx context.Context, id int64) (*Answer[Folder], error) {
	r := newRead(folderPath, number(id))
	r.params.add("type", "Program")
	return read[Folder](ctx, c, r)
}

// FolderTokens are the tokens of a folder.
type FolderTokens struct {
	Tokens []FolderToken `json:"tokens"`
}

// FolderToken is a token of a program, without "my." before its name.
type FolderToken struct {
	Name  string `json:"name"`
	Value Value  `json:"value"`
}

// TokensOfProgram returns the tokens of a program (Marketo REST API, tokens).
func (c *Client) TokensOfProgram(ctx context.Context, id int64) (*Answer[FolderTokens], error) {
	r := newRead(folderTokensPath, number(id))
	r.params.add("folderType", "Program")
	return read[FolderTokens](ctx, c, r)
}
