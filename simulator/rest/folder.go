package rest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/record"
)

// folderOperations are those on folders, tokens, channels and tags.
var folderOperations = []operation{
	{method: get, path: "/rest/asset/v1/folder/byName.json", do: (*call).folderByName},
	{method: get, path: "/rest/asset/v1/folder/{id}.json", do: (*call).folderByID},
	{method: get, path: "/rest/asset/v1/folder/{id}/tokens.json", do: (*call).folderTokens},
	{method: get, path: "/rest/asset/v1/channels.json", do: (*call).browseChannels},
	{method: get, path: "/rest/asset/v1/channel/byName.json", do: (*call).channelByName},
	{method: get, path: "/rest/asset/v1/tagTypes.json", do: (*call).browseTags},
	{method: get, path: "/rest/asset/v1/tagType/byName.json", do: (*call).tagByName},
}

type folderID struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

// shownFolder is a folder, or a program as one (Marketo REST API, folders).
type shownFolder struct {
	Name       string    `json:"name"`
	Desc       string    `json:"description,omitempty"`
	CreatedAt  string    `json:"createdAt"`
	UpdatedAt  string    `json:"updatedAt"`
	URL        string    `json:"url"`
	FolderID   folderID  `json:"folderId"`
	FolderType string    `json:"folderType"`
	Parent     *folderID `json:"parent,omitempty"`
	Path       string    `json:"path"`
	Archived   bool      `json:"isArchive"`
	System     bool      `json:"isSystem"`
	AccessZone int64     `json:"accessZoneId"`
	Workspace  string    `json:"workspace"`
	ID         int64     `json:"id"`
}

func (h *handler) shownFolder(f record.Folder) shownFolder {
	created, _ := f.Created.Time() // the table has written them
	updated, _ := f.Updated.Time()
	out := shownFolder{
		Name: f.Name, Desc: f.Description, CreatedAt: stamp(created, withBoth), UpdatedAt: stamp(updated, withBoth),
		URL: "https://simulator.example/#MF" + strconv.FormatInt(f.ID, 10), FolderID: folderID{f.ID, "Folder"}, FolderType: f.Type,
		Path: h.Folders.Path(f), Archived: f.Archived, AccessZone: 1, Workspace: f.Workspace, ID: f.ID,
	}
	if f.Parent != 0 {
		out.Parent = &folderID{f.Parent, "Folder"}
	}
	return out
}

// programFolder returns a program as a folder. Its path is that of the SOAP API, with slashes.
func (h *handler) programFolder(o *objects.Object) shownFolder {
	p := h.Programs.Named(o.Program().Name())
	kind := "Marketing Program"
	if p.Kind() == "Event" {
		kind = "Marketing Event"
	}
	out := shownFolder{
		Name: p.Name(), Desc: p.Description(), CreatedAt: stamp(o.Created(), withBoth), UpdatedAt: stamp(o.Updated(), withBoth),
		URL: "https://simulator.example/#PG" + strconv.Itoa(int(o.ID())), FolderID: folderID{int64(o.ID()), "Program"}, FolderType: kind,
		Path: "/" + strings.ReplaceAll(p.Path(), ":", "/"), Archived: p.Archived(), AccessZone: p.WorkspaceID(), Workspace: p.Workspace(), ID: int64(o.ID()),
	}
	if p.Folder() != 0 {
		out.Parent = &folderID{p.Folder(), "Folder"}
	}
	return out
}

// folderType reads the parameter that says whether an id is that of a folder or of a program.
func (c *call) folderType(name string, needed bool) string {
	kind := c.text(name)
	switch {
	case kind == "" && !needed:
		return "Folder"
	case kind == "":
		c.wrong(missing(name))
	case kind != "Folder" && kind != "Program":
		c.wrong(refuse(codeInvalid, "%s '%.100s' is not Folder or Program", name, kind))
	}
	return kind
}

func (c *call) folderByID() (*envelope, error) {
	kind, id := c.folderType("type", true), c.id("id")
	defer c.View()()
	if o := c.programInPath(); kind == "Program" && o != nil {
		return assets([]shownFolder{c.programFolder(o)})
	}
	if f, found := c.Folders.Find(id); kind == "Folder" && found {
		return assets([]shownFolder{c.shownFolder(f)})
	}
	return noAssets()
}

// folderByName returns the folders and programs of a name: there may be several.
func (c *call) folderByName() (*envelope, error) {
	name, kind, workspace := c.must("name"), c.text("type"), c.text("workSpace")
	defer c.View()()
	var list []shownFolder
	for _, f := range c.Folders.Named(name) {
		list = append(list, c.shownFolder(f))
	}
	if o := c.Programs.Object(name); o != nil {
		list = append(list, c.programFolder(o))
	}
	list = slices.DeleteFunc(list, func(f shownFolder) bool {
		return kind != "" && f.FolderID.Type != kind || workspace != "" && f.Workspace != workspace
	})
	return assets(list)
}

// shownToken is a token of a folder.
type shownToken struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Value       string `json:"value"`
	ComputedURL string `json:"computedUrl"`
}

// folderTokens returns the tokens of a folder or a program (Marketo REST API, tokens).
func (c *call) folderTokens() (*envelope, error) {
	kind, id := c.folderType("folderType", false), c.id("id")
	defer c.View()()
	var tokens []record.Attribute
	var at folderRef
	f, isFolder := c.Folders.Find(id)
	switch o := c.programInPath(); {
	case kind == "Program" && o != nil:
		p := c.Programs.Named(o.Program().Name())
		tokens, at = p.Tokens(), folderRef{"Program", id, p.Name()}
	case kind == "Folder" && isFolder:
		tokens, at = f.Tokens, folderRef{"Folder", id, f.Name}
	default:
		return noAssets()
	}
	list := []shownToken{}
	for _, token := range tokens {
		name := strings.TrimSuffix(strings.TrimPrefix(token.Name, "{{"), "}}")
		list = append(list, shownToken{strings.TrimPrefix(name, "my."), "text", token.Value, "https://simulator.example/#TK" + strconv.FormatInt(id, 10)})
	}
	return assets([]map[string]any{{"folder": at, "tokens": list}})
}

// shownChannel is a channel of programs (Marketo REST API, channels).
type shownChannel struct {
	ID        int           `json:"id"`
	Name      string        `json:"name"`
	Programs  string        `json:"applicableProgramType"`
	CreatedAt string        `json:"createdAt"`
	UpdatedAt string        `json:"updatedAt"`
	Statuses  []shownStatus `json:"progressionStatuses"`
}

type shownStatus struct {
	Name    string `json:"name"`
	Desc    string `json:"description,omitempty"`
	Hidden  bool   `json:"hidden"`
	Type    string `json:"type,omitempty"`
	Step    int    `json:"step"`
	Success bool   `json:"success"`
}

// channelPrograms are the programs that a channel is for, by the detail that its statuses have in the SOAP API.
var channelPrograms = map[string]string{"Webinar Behavior": "webinar", "Check-in Status": "event"}

// shownChannels returns all channels. Each has the status Not in Program, which the SOAP API
// does not show. The lock is held.
func (c *call) shownChannels() []shownChannel {
	var list []shownChannel
	for i, one := range c.Programs.Channels() {
		out := shownChannel{
			ID: i + 1, Name: one.Name, Programs: "program", CreatedAt: stamp(objects.TypesSince, withBoth), UpdatedAt: stamp(objects.TypesSince, withBoth),
			Statuses: []shownStatus{{Name: "Not in Program", Hidden: true}},
		}
		for _, st := range one.Statuses {
			status := shownStatus{Name: st.Name, Step: st.Step, Success: st.Success}
			if len(st.Details) > 0 {
				status.Type, out.Programs = st.Details[0].Value, channelPrograms[st.Details[0].Name]
			}
			out.Statuses = append(out.Statuses, status)
		}
		list = append(list, out)
	}
	return list
}

func same[T any](one T) T { return one }

func (c *call) browseChannels() (*envelope, error) {
	defer c.View()()
	return browsed(c, c.shownChannels(), same[shownChannel])
}

func (c *call) channelByName() (*envelope, error) {
	name := c.must("name")
	defer c.View()()
	return assets(slices.DeleteFunc(c.shownChannels(), func(one shownChannel) bool { return one.Name != name }))
}

// shownTagType is a type of tag; values are shown by the call for one type alone.
type shownTagType struct {
	Type     string `json:"tagType"`
	Programs string `json:"applicableProgramTypes"`
	Required bool   `json:"required"`
	Values   string `json:"allowableValues,omitempty"` // as [a, b]
}

func shownTagTypeOf(tag record.Tag) shownTagType {
	return shownTagType{Type: tag.Type, Programs: "[program, event, webinar, nurture]"}
}

func (c *call) browseTags() (*envelope, error) {
	defer c.View()()
	return browsed(c, c.Programs.Tags(), shownTagTypeOf)
}

func (c *call) tagByName() (*envelope, error) {
	name := c.must("name")
	defer c.View()()
	for _, tag := range c.Programs.Tags() {
		if tag.Type == name {
			out := shownTagTypeOf(tag)
			out.Values = "[" + strings.Join(tag.Values, ", ") + "]"
			return assets([]shownTagType{out})
		}
	}
	return noAssets()
}
