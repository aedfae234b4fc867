package rest

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/simulator/internal/leads"
)

// byREST is the cause of what comes through the REST API, as its activities tell it.
var byREST = leads.Cause{
	SourceType: "Web service API", SourceInfo: "Web service API", Reason: "Web service API", Source: "Web service API",
}

// The actions of a write (Marketo REST API, lead database).
const (
	createOnly      = "createOnly"
	updateOnly      = "updateOnly"
	createOrUpdate  = "createOrUpdate"
	createDuplicate = "createDuplicate"
)

// syncRequest is the body of a write of leads.
type syncRequest struct {
	Action          string           `json:"action"`
	LookupField     string           `json:"lookupField"`
	PartitionName   string           `json:"partitionName"`
	AsyncProcessing bool             `json:"asyncProcessing"`
	Input           []map[string]any `json:"input"`
}

// outcome is what became of a record of a write.
type outcome struct {
	ID      any     `json:"id,omitempty"`
	Status  string  `json:"status,omitempty"`
	Reasons []shown `json:"reasons,omitempty"`
}

// skipped is the outcome of a record that was refused.
func skipped(p *problem) outcome { return outcome{Status: "skipped", Reasons: []shown{p.shown()}} }

// syncLeads creates or updates up to 300 leads, each by itself (Marketo REST API, leads).
func (c *call) syncLeads() (*envelope, error) {
	var in syncRequest
	if err := c.json(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	defer c.Change()()
	workspace, known := c.Leads.Workspace(in.PartitionName)
	if !known {
		return nil, refuse(codeNoObject, "Partition '%.100s' not found", in.PartitionName)
	}
	s := leadSync{call: c, syncRequest: in, workspace: workspace}
	if err := s.checkLookup(); err != nil {
		return nil, err
	}
	list := make([]outcome, len(in.Input))
	for i, given := range in.Input {
		var no leads.No
		var created bool
		err := c.skips(i)
		if err == nil {
			no, created, err = s.write(given)
		}
		switch {
		case err != nil:
			list[i] = skipped(err)
		case created:
			list[i] = outcome{ID: c.Leads.ID(no), Status: "created"}
		default:
			list[i] = outcome{ID: c.Leads.ID(no), Status: "updated"}
		}
	}
	return ok(list)
}

// check checks what holds for all records, and sets what is not given.
func (in *syncRequest) check() *problem {
	if in.Action == "" {
		in.Action = createOrUpdate
	}
	if in.LookupField == "" {
		in.LookupField = "email"
	}
	switch {
	case !slices.Contains([]string{createOnly, updateOnly, createOrUpdate, createDuplicate}, in.Action):
		return wrongType(in.Action, "LeadSyncAction")
	case len(in.Input) == 0:
		return refuse(codeInvalid, "Leads not specified")
	case len(in.Input) > maxBatch:
		return refuse(codeInvalid, "%d leads are more than %d", len(in.Input), maxBatch)
	case in.PartitionName != "" && in.Action == updateOnly:
		return refuse(codeInvalid, "partitionName is not allowed with updateOnly")
	}
	return nil
}

// leadSync is a write of leads. The lock is held.
type leadSync struct {
	*call
	syncRequest

	workspace string
}

// checkLookup refuses a field that leads cannot be found by.
func (s *leadSync) checkLookup() error {
	if s.LookupField == "id" && s.Action != updateOnly {
		return refuse(codeInvalid, "lookupField id needs the action updateOnly")
	}
	_, err := s.having(s.LookupField, "", 1)
	return err
}

// write writes one record: all of it or nothing.
func (s *leadSync) write(given map[string]any) (no leads.No, created bool, err *problem) {
	in, err := s.read(given)
	if err != nil {
		return 0, false, err
	}
	no, found, err := s.find(given)
	if err == nil && found {
		err = s.checkFound(no)
	}
	if err == nil {
		err = s.checkCompany(no, found, in)
	}
	switch {
	case err != nil:
		return 0, false, err
	case found:
		if in.SetsEmail {
			in.Values = append([]leads.Value{{Name: leads.FieldEmail, Value: in.NewEmail}}, in.Values...)
		}
		s.Leads.Write(no, in.Values, byREST)
		return no, false, nil
	}
	no, failed := s.Leads.Create(in, s.workspace, byREST)
	if failed != nil {
		return 0, false, refuse(codeInvalid, "%s", failed.Message)
	}
	return no, true, nil
}

// read reads the fields of a record.
func (s *leadSync) read(given map[string]any) (*leads.Input, *problem) {
	in := new(leads.Input)
	for _, name := range sortedNames(given) {
		if name == "id" {
			if s.Action != updateOnly {
				return nil, refuse(codeInvalid, "id can be given with updateOnly alone")
			}
			continue
		}
		f, known := s.field(name)
		if !known {
			return nil, refuse(codeNoField, "Field '%.100s' not found", name)
		}
		text, isText := plain(given[name])
		if !isText || f.system || leads.AcceptsREST(f.LeadField, text) != nil {
			return nil, refuse(codeInvalid, "Invalid value for field '%.100s' and value '%.100s'", name, text)
		}
		if f.Name == leads.FieldEmail {
			in.NewEmail, in.SetsEmail = text, true
			continue
		}
		in.Values = append(in.Values, leads.Value{Name: f.Name, Value: text})
	}
	return in, nil
}

// find finds the lead of a record by the lookup field. One that no lead matches is new.
func (s *leadSync) find(given map[string]any) (no leads.No, found bool, err *problem) {
	if s.Action == createDuplicate {
		return 0, false, nil
	}
	value, isText := plain(given[s.LookupField])
	if !isText || value == "" {
		return 0, false, refuse(codeInvalid, "Missing value for lookup field '%.100s'", s.LookupField)
	}
	all, _ := s.having(s.LookupField, value, 2) // checkLookup has passed the field
	switch {
	case len(all) > 1:
		return 0, false, refusal(codeSeveralLeads)
	case len(all) == 1 && s.Action == createOnly:
		return 0, false, refusal(codeLeadExists)
	case len(all) == 1:
		return all[0], true, nil
	case s.Action == updateOnly:
		return 0, false, refusal(codeNoLead)
	}
	return 0, false, nil
}

// checkFound wants a lead that is in the partition that the call names.
func (s *leadSync) checkFound(no leads.No) *problem {
	if s.PartitionName != "" && s.Leads.Lead(no).Workspace() != s.workspace {
		return refusal(codeOtherPartition)
	}
	return nil
}

// checkCompany refuses fields of the company of a lead that has one: they are written with the
// company (Marketo REST API, error codes: 1021). A lead without a company keeps them itself.
func (s *leadSync) checkCompany(no leads.No, found bool, in *leads.Input) *problem {
	linked := s.settings.Quirks.CompanyFields || found && s.Leads.Lead(no).Value(leads.FieldCompanyID) != ""
	writes := false
	for _, v := range in.Values {
		linked = linked || v.Name == leads.FieldCompanyID && v.Value != ""
		writes = writes || leads.IsCompanyField(v.Name)
	}
	if linked && writes {
		return refusal(codeCompanyField)
	}
	return nil
}

// plain returns a JSON value as the text that tables keep: null is empty. An array and an object
// are no such value.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// deleteRequest is the body of a call that names leads by id.
type deleteRequest struct {
	Input []leadRef `json:"input"`
}

type leadRef struct {
	ID any `json:"id"`
}

// text returns the id as a text, which need not be that of a number.
func (r leadRef) text() string {
	text, _ := plain(r.ID)
	return text
}

// leadRefs returns the ids that a call gives, in a JSON body or by the parameter id.
func (c *call) leadRefs() ([]int64, *problem) {
	var in deleteRequest
	if c.readsBody() {
		if err := c.json(&in); err != nil {
			return nil, err
		}
	}
	ids := c.ids("id", maxBatch)
	for _, ref := range in.Input {
		ids = append(ids, c.number64(ref.text()))
	}
	switch {
	case c.bad != nil:
		return nil, c.bad
	case len(ids) == 0:
		return nil, missing("id")
	case len(ids) > maxBatch:
		return nil, refuse(codeInvalid, "%d leads are more than %d", len(ids), maxBatch)
	}
	return ids, nil
}

// deleteLeads deletes leads (Marketo REST API, leads). The description of the API has it not:
// connectors use it, also as a POST with _method=DELETE.
func (c *call) deleteLeads() (*envelope, error) {
	ids, err := c.leadRefs()
	if err != nil {
		return nil, err
	}
	defer c.Change()()
	return c.eachLead(ids, func(no leads.No) outcome {
		c.Leads.Delete(no)
		return outcome{Status: "deleted"}
	})
}

// sortedNames returns the members of an object, so that answers do not depend on chance.
func sortedNames(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
