package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// leadsJSON is what GET /leads answers.
type leadsJSON struct {
	Leads []simulator.Lead `json:"leads"`
	Next  string           `json:"next,omitempty" doc:"where there may be more; missing: there are no more"`
}

func (h *handler) getLeads(w http.ResponseWriter, r *request) error {
	from, limit, text := int(r.whole("from", 0)), int(r.whole("limit", defaultLimit)), r.query["text"]
	page, next := h.Simulator.FindLeads(text, from, limit)
	if fit := fitting(page); fit < len(page) {
		page, next = h.Simulator.FindLeads(text, from, fit)
	}
	out := leadsJSON{Leads: notNil(page)}
	if next > 0 {
		out.Next = r.from(next)
	}
	return writeJSON(w, http.StatusOK, out)
}

// fitting returns how many records go into a page, at least one.
func fitting[T any](list []T) int {
	size := 0
	for i := range list {
		text, _ := json.Marshal(list[i]) // they are texts and numbers
		if size += len(text); size > maxRecordBytes && i > 0 {
			return i
		}
	}
	return len(list)
}

// from is the address of the page that begins at a place.
func (r *request) from(at int) string {
	return r.nextURL(map[string]string{"from": strconv.Itoa(at)})
}

// pageOf returns the page of a list that a request is for, and where the next one is.
func pageOf[T any](r *request, list []T) (page []T, next string) {
	from := min(int(r.whole("from", 0)), len(list))
	page = list[from:min(from+int(r.whole("limit", defaultLimit)), len(list))]
	page = page[:fitting(page)]
	if end := from + len(page); end < len(list) {
		next = r.from(end)
	}
	return notNil(page), next
}

// notNil makes an empty list be [] in JSON.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// leadPageJSON is what GET /leads/{id} answers.
type leadPageJSON struct {
	Lead       simulator.Lead       `json:"lead"`
	Lists      []listJSON           `json:"lists" doc:"static lists that it is in"`
	Total      int                  `json:"total" doc:"activities that it has"`
	Activities []simulator.Activity `json:"activities" doc:"newest first"`
	Next       string               `json:"next,omitempty" doc:"where there are older ones"`
}

func (h *handler) getLead(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	from := int(r.whole("from", 0))
	lead, ok := h.Simulator.BriefLead(id)
	page, total, there := h.Simulator.Timeline(id, from, int(r.whole("limit", defaultLimit)))
	if !ok || !there {
		return gone(fmt.Sprintf("there is no lead %d", id), "GET /leads?text= finds leads")
	}
	page = page[:fitting(page)]
	out := leadPageJSON{Lead: lead, Lists: []listJSON{}, Total: total, Activities: notNil(page)}
	for _, l := range h.Simulator.SnapshotOf(simulator.PartLists).Lists {
		if slices.Contains(l.Members, id) && len(out.Lists) < mostRecords {
			out.Lists = append(out.Lists, newListJSON(&l))
		}
	}
	if end := from + len(page); len(page) > 0 && end < total {
		out.Next = r.from(end)
	}
	return writeJSON(w, http.StatusOK, out)
}

// listJSON is a static list without its members.
type listJSON struct {
	ID          int64        `json:"id"`
	Name        string       `json:"name"`
	Program     string       `json:"program,omitempty" doc:"that holds it"`
	Description string       `json:"description,omitempty"`
	Members     int          `json:"members" doc:"how many there are"`
	Created     gen.DateTime `json:"created,omitempty"`
	Updated     gen.DateTime `json:"updated,omitempty"`
}

func newListJSON(l *simulator.List) listJSON {
	return listJSON{l.ID, l.Name, l.Program, l.Description, len(l.Members), l.Created, l.Updated}
}

// listsJSON is what GET /lists answers.
type listsJSON struct {
	Total int        `json:"total"`
	Lists []listJSON `json:"lists"`
	Next  string     `json:"next,omitempty"`
}

func (h *handler) getLists(w http.ResponseWriter, r *request) error {
	all := []listJSON{}
	for _, l := range h.Simulator.SnapshotOf(simulator.PartLists).Lists {
		all = append(all, newListJSON(&l))
	}
	page, next := pageOf(r, all)
	return writeJSON(w, http.StatusOK, listsJSON{len(all), page, next})
}

// membersJSON is what GET /lists/{id} answers.
type membersJSON struct {
	List    listJSON `json:"list"`
	Members []int64  `json:"members" doc:"ids of leads"`
	Next    string   `json:"next,omitempty"`
}

func (h *handler) getList(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	lists := h.Simulator.SnapshotOf(simulator.PartLists).Lists
	i := slices.IndexFunc(lists, func(l simulator.List) bool { return l.ID == id })
	if i < 0 {
		return gone(fmt.Sprintf("there is no list %d", id), "GET /lists lists those that there are")
	}
	page, next := pageOf(r, lists[i].Members)
	return writeJSON(w, http.StatusOK, membersJSON{newListJSON(&lists[i]), page, next})
}

// campaignsJSON is what GET /campaigns answers.
type campaignsJSON struct {
	Total     int                  `json:"total"`
	Campaigns []simulator.Campaign `json:"campaigns"`
	Next      string               `json:"next,omitempty"`
}

func (h *handler) getCampaigns(w http.ResponseWriter, r *request) error {
	all := h.Simulator.SnapshotOf(simulator.PartCampaigns).Campaigns
	page, next := pageOf(r, all)
	return writeJSON(w, http.StatusOK, campaignsJSON{len(all), page, next})
}

// campaignPageJSON is what GET /campaigns/{id} answers.
type campaignPageJSON struct {
	Campaign simulator.Campaign `json:"campaign"`
	Total    int                `json:"total" doc:"runs that were asked for"`
	Runs     []runJSON          `json:"runs"`
	Next     string             `json:"next,omitempty"`
}

// runJSON is a run of a campaign without the ids of its leads.
type runJSON struct {
	Source string                `json:"source,omitempty" doc:"of a request; missing: it was scheduled"`
	Time   gen.DateTime          `json:"time,omitempty"`
	Cloned bool                  `json:"cloned,omitempty" doc:"the program was copied for it"`
	Leads  int                   `json:"leads" doc:"how many it is for"`
	Tokens []simulator.Attribute `json:"tokens,omitempty"`
}

func (h *handler) getCampaign(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	st := h.Simulator.SnapshotOf(simulator.PartCampaigns)
	i := slices.IndexFunc(st.Campaigns, func(c simulator.Campaign) bool { return c.ID == id })
	if i < 0 {
		return gone(fmt.Sprintf("there is no campaign %d", id), "GET /campaigns lists those that there are")
	}
	var runs []runJSON
	for _, run := range st.CampaignRuns {
		if run.CampaignID == id {
			runs = append(runs, runJSON{string(run.Source), run.Time, run.Cloned, len(run.Leads), run.Tokens})
		}
	}
	page, next := pageOf(r, runs)
	return writeJSON(w, http.StatusOK, campaignPageJSON{st.Campaigns[i], len(runs), page, next})
}

// programsJSON is what GET /programs answers.
type programsJSON struct {
	Total    int                 `json:"total"`
	Programs []simulator.Program `json:"programs"`
	Next     string              `json:"next,omitempty"`
}

func (h *handler) getPrograms(w http.ResponseWriter, r *request) error {
	all := h.Simulator.SnapshotOf(simulator.PartPrograms).Programs
	page, next := pageOf(r, all)
	return writeJSON(w, http.StatusOK, programsJSON{len(all), page, next})
}

// typeJSON is a type of objects.
type typeJSON struct {
	Name    string `json:"name"`
	Custom  bool   `json:"custom,omitempty"`
	Records int    `json:"records"`
}

// typesJSON is what GET /objects answers.
type typesJSON struct {
	Total int        `json:"total"`
	Types []typeJSON `json:"types"`
	Next  string     `json:"next,omitempty"`
}

// objectJSON is a record of any type.
type objectJSON struct {
	ID            int64                 `json:"id,omitempty" doc:"its number, where it has one"`
	Keys          []simulator.Attribute `json:"keys,omitempty" doc:"by which it is told from others"`
	OpportunityID int64                 `json:"opportunityId,omitempty"`
	LeadID        int64                 `json:"leadId,omitempty"`
	Company       *simulator.Company    `json:"company,omitempty"`
	Attributes    []simulator.Attribute `json:"attributes"`
	Created       gen.DateTime          `json:"created,omitempty"`
	Updated       gen.DateTime          `json:"updated,omitempty"`
}

// objectsJSON is what GET /objects/{type} answers.
type objectsJSON struct {
	Total   int          `json:"total"`
	Records []objectJSON `json:"records"`
	Next    string       `json:"next,omitempty"`
}

// objectsOf are the records of one type.
type objectsOf struct {
	typeJSON

	at func(i int) objectJSON
}

// objectTypes are all types with their records.
func (h *handler) objectTypes() []objectsOf {
	st := h.Simulator.SnapshotOf(simulator.PartObjects)
	custom := func(name string, isCustom bool, list []simulator.CustomObject) objectsOf {
		return objectsOf{typeJSON{name, isCustom, len(list)}, func(i int) objectJSON { return newCustomJSON(&list[i]) }}
	}
	types := []objectsOf{
		{typeJSON{"Opportunity", false, len(st.Opportunities)}, func(i int) objectJSON { return newOpportunityJSON(&st.Opportunities[i]) }},
		{typeJSON{"OpportunityPersonRole", false, len(st.OpportunityRoles)}, func(i int) objectJSON { return newRoleJSON(&st.OpportunityRoles[i]) }},
		custom("Company", false, st.Companies), custom("SalesPerson", false, st.SalesPersons),
	}
	for i := range st.CustomObjects {
		types = append(types, custom(st.CustomObjects[i].Name, true, st.CustomObjects[i].Records))
	}
	return types
}

func newOpportunityJSON(o *simulator.Opportunity) objectJSON {
	out := objectJSON{ID: o.ID, Company: o.Company, Attributes: notNil(o.Attributes), Created: o.Created, Updated: o.Updated}
	if o.ExternalKey != nil {
		out.Keys = []simulator.Attribute{*o.ExternalKey}
	}
	return out
}

func newRoleJSON(r *simulator.OpportunityRole) objectJSON {
	return objectJSON{ID: r.ID, OpportunityID: r.OpportunityID, LeadID: r.LeadID, Attributes: notNil(r.Attributes), Created: r.Created, Updated: r.Updated}
}

func newCustomJSON(o *simulator.CustomObject) objectJSON {
	return objectJSON{ID: o.Number, Keys: sorted(o.Keys), Attributes: sorted(o.Attributes), Created: o.Created, Updated: o.Updated}
}

// sorted are the names and values of a map, by name.
func sorted(values map[string]string) []simulator.Attribute {
	list := []simulator.Attribute{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, simulator.Attribute{Name: name, Value: values[name]})
	}
	return list
}

func (h *handler) getTypes(w http.ResponseWriter, r *request) error {
	var all []typeJSON
	for _, t := range h.objectTypes() {
		all = append(all, t.typeJSON)
	}
	page, next := pageOf(r, all)
	return writeJSON(w, http.StatusOK, typesJSON{len(all), page, next})
}

func (h *handler) getObjects(w http.ResponseWriter, r *request) error {
	types := h.objectTypes()
	i := slices.IndexFunc(types, func(t objectsOf) bool { return t.Name == r.part })
	if i < 0 {
		return gone(fmt.Sprintf("there is no type of objects %.100q", r.part), "GET /objects lists those that there are")
	}
	places := make([]int, types[i].Records)
	for at := range places {
		places[at] = at
	}
	page, _ := pageOf(r, places)
	out := objectsJSON{Total: len(places), Records: []objectJSON{}}
	for _, at := range page {
		out.Records = append(out.Records, types[i].at(at))
	}
	out.Records = out.Records[:fitting(out.Records)]
	if n := len(out.Records); n > 0 && page[n-1]+1 < len(places) {
		out.Next = r.from(page[n-1] + 1)
	}
	return writeJSON(w, http.StatusOK, out)
}

// jobJSON is an import or a bulk extract. Times are by the clock of the mock.
type jobJSON struct {
	Kind     string       `json:"kind" enum:"import,export"`
	ID       string       `json:"id,omitempty" doc:"of an export, or of an import by the REST API"`
	Object   string       `json:"object" doc:"what is written: leads, activities, or a custom object"`
	Status   string       `json:"status" doc:"of an import Importing or Complete"`
	ListID   int64        `json:"listId,omitempty" doc:"that an import is into"`
	Campaign string       `json:"campaign,omitempty"`
	User     string       `json:"user,omitempty" doc:"who may see it"`
	Format   string       `json:"format,omitempty"`
	Fields   []string     `json:"fields,omitempty" doc:"columns"`
	Created  gen.DateTime `json:"created,omitempty"`
	Started  gen.DateTime `json:"started,omitempty"`
	Finished gen.DateTime `json:"finished,omitempty" doc:"or when it will be"`
	Records  int          `json:"records" doc:"that are written"`
	Failed   int          `json:"failed,omitempty"`
	Ignored  int          `json:"ignored,omitempty"`
	Bytes    int64        `json:"bytes,omitempty" doc:"of a file that is not kept any more"`
}

// jobsJSON is what GET /jobs answers.
type jobsJSON struct {
	Total int       `json:"total"`
	Jobs  []jobJSON `json:"jobs"`
	Next  string    `json:"next,omitempty"`
}

func (h *handler) getJobs(w http.ResponseWriter, r *request) error {
	st := h.Simulator.SnapshotOf(simulator.PartJobs)
	var all []jobJSON
	for i := range st.Imports {
		all = append(all, newImportJSON(&st.Imports[i]))
	}
	for i := range st.Exports {
		all = append(all, newExportJSON(&st.Exports[i]))
	}
	page, next := pageOf(r, all)
	return writeJSON(w, http.StatusOK, jobsJSON{len(all), page, next})
}

func newImportJSON(in *simulator.Import) jobJSON {
	out := jobJSON{
		Kind: "import", Object: "leads", Status: "Importing", ListID: in.ListID, Campaign: in.Campaign, Fields: in.Columns, Created: in.Started,
		Started: in.Started, Finished: in.Ended, Records: int(in.Imported), Failed: int(in.Failed), Ignored: int(in.Ignored),
	}
	if in.Done {
		out.Status = "Complete"
	}
	if in.Batch != 0 {
		out.ID = strconv.Itoa(int(in.Batch))
	}
	return out
}

func newExportJSON(e *simulator.Export) jobJSON {
	out := jobJSON{
		Kind: "export", ID: e.ID, Object: e.Kind, Status: e.Status, User: e.User, Format: e.Format, Fields: e.Fields, Created: gen.DateTime(e.Created),
		Started: gen.DateTime(e.Started), Finished: gen.DateTime(e.Finished), Records: e.Records, Bytes: e.Size,
	}
	if e.Object != "" {
		out.Object = e.Object
	}
	return out
}
