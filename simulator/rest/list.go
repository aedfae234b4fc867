package rest

import (
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
)

// listOperations are those on static lists.
var listOperations = []operation{
	{method: get, path: "/rest/v1/lists.json", do: (*call).findLists},
	{method: get, path: "/rest/v1/lists/{listId}.json", do: (*call).listByID},
	{method: get, path: "/rest/v1/lists/{listId}/leads.json", do: (*call).leadsOfList},
	{method: get, path: "/rest/v1/list/{listId}/leads.json", do: (*call).leadsOfList},
	{method: post, path: "/rest/v1/lists/{listId}/leads.json", takes: takesJSON, do: (*call).addToList},
	{method: del, path: "/rest/v1/lists/{listId}/leads.json", takes: takesJSON, do: (*call).removeFromList},
	{method: get, path: "/rest/v1/lists/{listId}/leads/ismember.json", takes: takesJSON, do: (*call).membersOfList},
	{method: get, path: "/rest/asset/v1/staticLists.json", do: (*call).browseLists},
	{method: get, path: "/rest/asset/v1/staticList/byName.json", do: (*call).assetListByName},
	{method: get, path: "/rest/asset/v1/staticList/{id}.json", do: (*call).assetListByID},
}

// shownList is a static list in the lead database.
type shownList struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"` // bare: the program stands beside it
	Description   string `json:"description,omitempty"`
	ProgramName   string `json:"programName,omitempty"`
	WorkspaceID   int    `json:"workspaceId"`
	WorkspaceName string `json:"workspaceName"`
	CreatedAt     string `json:"createdAt"`
	UpdatedAt     string `json:"updatedAt"`
}

func (h *handler) shownList(l *lists.List) shownList {
	created, updated := l.Times()
	return shownList{
		ID: l.ID(), Name: l.Name(), Description: l.Description(), ProgramName: l.Program(),
		WorkspaceID: 1, WorkspaceName: h.Workspaces[0], CreatedAt: stamp(created, withZ), UpdatedAt: stamp(updated, withZ),
	}
}

// matches reports whether a text is one of those that a parameter names; an empty list names all.
func matches(wanted []string, text string) bool { return len(wanted) == 0 || contains(wanted, text) }

// findLists returns a page of the static lists that have one of the ids, names, programs and
// workspaces that a call gives (Marketo REST API, static lists). Names repeat across programs.
func (c *call) findLists() (*envelope, error) {
	ids, names := c.list("id", maxBatch), c.list("name", maxBatch)
	programs, workspaces := c.list("programName", maxBatch), c.list("workspaceName", maxBatch)
	at, size := c.place("lists", ids, names, programs, workspaces), c.batch()
	defer c.View()()
	found := []shownList{}
	for _, l := range c.Lists.All() {
		if matches(ids, strconv.FormatInt(l.ID(), 10)) && matches(names, l.Name()) && matches(programs, l.Program()) && matches(workspaces, c.Workspaces[0]) {
			found = append(found, c.shownList(l))
		}
	}
	return listPage(c, found, at, size)
}

// listInPath returns the list that the path names. The lock is held.
func (c *call) listInPath() (*lists.List, *problem) {
	l := c.Lists.Find(c.id("listId"))
	switch {
	case c.bad != nil:
		return nil, c.bad
	case l == nil:
		return nil, refuse(codeNoObject, "List not found")
	}
	return l, nil
}

func (c *call) listByID() (*envelope, error) {
	defer c.View()()
	l, err := c.listInPath()
	if err != nil {
		return nil, err
	}
	return one(c.shownList(l))
}

// leadsOfList returns a page of the leads on a list, by id (Marketo REST API, static lists).
func (c *call) leadsOfList() (*envelope, error) {
	at, size := c.place("leadsOfList", c.path["listId"]), c.batch()
	defer c.View()()
	l, err := c.listInPath()
	if err != nil {
		return nil, err
	}
	fields := c.leadFields()
	if c.bad != nil {
		return nil, c.bad
	}
	page, left := l.After(at.at, size)
	return c.leadPage(page, left, at, fields)
}

// eachOfList does something with each lead that a call names, and answers what it returns.
func (c *call) eachOfList(lock func() func(), do func(l *lists.List, no leads.No) outcome) (*envelope, error) {
	ids, err := c.leadRefs()
	if err != nil {
		return nil, err
	}
	defer lock()()
	l, err := c.listInPath()
	if err != nil {
		return nil, err
	}
	return c.eachLead(ids, func(no leads.No) outcome { return do(l, no) })
}

// eachLead does something with each of the leads, and answers what it returns. A lead that is not there is
// skipped, and so is one that a rule refuses.
func (c *call) eachLead(ids []int64, do func(leads.No) outcome) (*envelope, error) {
	list := make([]outcome, len(ids))
	for i, id := range ids {
		no, found := c.Leads.No(id)
		switch err := c.skips(i); {
		case err != nil:
			list[i] = skipped(err)
		case !found:
			list[i] = skipped(refusal(codeNoLead))
		default:
			list[i] = do(no)
		}
		list[i].ID = id
	}
	return ok(list)
}

// addToList puts leads on a list. One that is on it already counts as added (Marketo REST API,
// static lists; the word for it is not documented).
func (c *call) addToList() (*envelope, error) {
	return c.eachOfList(c.Change, func(l *lists.List, no leads.No) outcome {
		c.Lists.Put(l, no, true, lists.ByService, time.Time{})
		return outcome{Status: "added"}
	})
}

// removeFromList takes leads off a list.
func (c *call) removeFromList() (*envelope, error) {
	return c.eachOfList(c.Change, func(l *lists.List, no leads.No) outcome {
		if !c.Lists.HasMember(l, no) {
			return skipped(refusal(codeNotMember))
		}
		c.Lists.Put(l, no, false, lists.ByService, time.Time{})
		return outcome{Status: "removed"}
	})
}

// membersOfList tells which leads are on a list.
func (c *call) membersOfList() (*envelope, error) {
	return c.eachOfList(c.View, func(l *lists.List, no leads.No) outcome {
		if c.Lists.HasMember(l, no) {
			return outcome{Status: "memberof"}
		}
		return outcome{Status: "notmemberof"}
	})
}

// assetList is a static list as an asset.
type assetList struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	CreatedAt   string     `json:"createdAt"`
	UpdatedAt   string     `json:"updatedAt"`
	Folder      *folderRef `json:"folder,omitempty"`
	Workspace   string     `json:"workspace"`
	ComputedURL string     `json:"computedUrl"`
}

func (h *handler) assetList(l *lists.List) assetList {
	created, updated := l.Times()
	return assetList{
		ID: l.ID(), Name: l.Name(), Description: l.Description(), CreatedAt: stamp(created, withBoth), UpdatedAt: stamp(updated, withBoth),
		Folder: h.programRef(l.Program()), Workspace: h.Workspaces[0], ComputedURL: "https://simulator.example/#ST" + strconv.FormatInt(l.ID(), 10),
	}
}

// browseLists returns static lists as assets (Marketo REST API, static lists).
func (c *call) browseLists() (*envelope, error) {
	from, to := c.moment("earliestUpdatedAt", c.text("earliestUpdatedAt")), c.moment("latestUpdatedAt", c.text("latestUpdatedAt"))
	folder := c.folderParam("folder")
	defer c.View()()
	all := slices.DeleteFunc(c.Lists.All(), func(l *lists.List) bool {
		_, updated := l.Times()
		return !between(updated, from, to) || !folder.holds(c.programRef(l.Program()))
	})
	return browsed(c, all, c.assetList)
}

func (c *call) assetListByName() (*envelope, error) {
	name := c.must("name")
	defer c.View()()
	var found []assetList
	for _, l := range c.Lists.All() {
		if l.Name() == name {
			found = append(found, c.assetList(l))
		}
	}
	return assets(found)
}

func (c *call) assetListByID() (*envelope, error) {
	id := c.id("id")
	defer c.View()()
	if l := c.Lists.Find(id); l != nil {
		return assets([]assetList{c.assetList(l)})
	}
	return noAssets()
}
