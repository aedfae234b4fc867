package leads

import (
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Rules are what tells the operations apart that write leads.
type Rules struct {
	Operation  string
	MatchEmail bool   // Email finds leads
	WriteEmail bool   // Email is written beside other keys
	Workspace  string // of new leads
	Confined   bool   // leads found by other keys than Email have to be in the workspace
}

// Input is what is to be written to a lead. What is empty was not given.
type Input struct {
	ID        int64
	HasID     bool
	Email     string
	Foreign   record.ForeignID
	Cookie    string
	NewEmail  string // a value of the field Email
	SetsEmail bool
	Values    []Value
}

// address is the one that an input ends with.
func (in *Input) address() string {
	if in.SetsEmail {
		return in.NewEmail
	}
	return in.Email
}

// Cause is who changes leads, as activities tell it.
type Cause struct {
	SourceType, SourceInfo string    // of New Lead
	Reason, Source         string    // of Change Data Value
	At                     time.Time // zero: now
	// TellsEmptied adds an activity for an empty value of a number field even if nothing changes.
	TellsEmptied bool
}

// ByService is the cause of what comes through the API. The reason is that of the published
// samples.
var ByService = Cause{
	SourceType: "Web service API", SourceInfo: "Web service API", Reason: "SOAP API", Source: "Web service API",
}

// Sync writes an input to the lead that it finds, or to a new one. It writes all or nothing.
func (t *Table) Sync(in *Input, rules Rules) (no No, created bool, err *fault.Fault) {
	no, how, err := t.match(in, rules)
	if err != nil {
		return 0, false, err
	}
	if how == matchNone {
		no, err = t.Create(in, rules.Workspace, ByService)
	} else {
		t.update(no, in, how, rules)
	}
	if err == nil && in.Cookie != "" {
		t.giveCookie(no, in.Cookie)
	}
	return no, how == matchNone, err
}

// matched is the key that has found a lead.
type matched int

const (
	matchNone matched = iota
	matchID
	matchForeign
	matchEmail
	matchCookie
)

// match finds the lead that an input means, and by which key. If a header confines the call to a workspace, a lead in
// another one is refused, unless it was found by its address.
func (t *Table) match(in *Input, rules Rules) (no No, how matched, err *fault.Fault) {
	no, how, err = t.lookUp(in, rules)
	if err != nil || how == matchNone || how == matchEmail || !rules.Confined {
		return no, how, err
	}
	if l := t.Lead(no); l.workspace != rules.Workspace {
		return 0, how, fault.Newf(fault.CodeLeadSyncFailed, "%s operation failed: lead %d is not in the workspace %q of the header",
			rules.Operation, l.id, rules.Workspace)
	}
	return no, how, nil
}

// lookUp tries the keys of an input in the order in which the service prefers them: id, foreign id, address, cookie.
func (t *Table) lookUp(in *Input, rules Rules) (No, matched, *fault.Fault) {
	if in.HasID {
		if no, ok := t.byID[in.ID]; ok {
			return no, matchID, nil
		}
		return 0, matchNone, fault.Newf(fault.CodeLeadNotFound, "No lead found with %s = %d", gen.LeadKeyRefIDNUM, in.ID)
	}
	if no, ok := t.byForeign[in.Foreign]; ok && in.Foreign.ID != "" {
		return no, matchForeign, nil
	}
	if in.Foreign.ID == "" && in.Email != "" && rules.MatchEmail {
		if no, ok := lastOf(t.Matching(gen.LeadKeyRefEMAIL, in.Email)); ok {
			return no, matchEmail, nil
		}
	}
	if no, ok := lastOf(t.Matching(gen.LeadKeyRefCOOKIE, in.Cookie)); ok {
		return no, matchCookie, nil
	}
	return 0, matchNone, nil
}

// GiveCookie gives a lead a cookie, as a write of it does.
func (t *Table) GiveCookie(no No, cookie string) { t.giveCookie(no, cookie) }

// giveCookie makes a cookie that of one lead. Known leads that had it lose it. An anonymous one, which is a visitor
// of the web site that nobody has identified so far, becomes part of the lead.
func (t *Table) giveCookie(no No, cookie string) {
	for _, had := range slices.Clone(t.Matching(gen.LeadKeyRefCOOKIE, cookie)) {
		switch {
		case had == no:
		case t.Lead(had).isKnown():
			t.unlink(had, record.LeadKey{Type: gen.LeadKeyRefCOOKIE, Value: cookie})
		default:
			t.absorb(no, had)
		}
	}
	t.link(no, gen.LeadKeyRefCOOKIE, cookie)
}

// Create makes a new lead of an input. Its fields begin with their values, so they do not
// change: the only activity is New Lead.
func (t *Table) Create(in *Input, workspace string, by Cause) (No, *fault.Fault) {
	if err := t.checkID(0); err != nil {
		return 0, fault.New(fault.CodeLeadSyncFailed, err.Error())
	}
	no := t.insert(0, workspace)
	t.setEmail(no, in.address())
	if in.Foreign.ID != "" {
		t.setForeign(no, in.Foreign)
	}
	for _, v := range in.Values {
		t.setValue(no, v.Name, v.Value)
	}
	t.AddActivities(no, []record.Activity{t.newLead(by)})
	return no, nil
}

// update writes an input to the lead that was found. A lead that was anonymous and is known now gets an activity New
// Lead.
func (t *Table) update(no No, in *Input, how matched, rules Rules) {
	wasKnown := t.Lead(no).isKnown()
	if in.Foreign.ID != "" && how != matchForeign {
		t.setForeign(no, in.Foreign)
	}
	values := in.Values
	switch {
	case in.SetsEmail:
		values = append([]Value{{FieldEmail, in.NewEmail}}, values...)
	case in.Email != "" && how != matchEmail && rules.WriteEmail:
		values = append([]Value{{FieldEmail, in.Email}}, values...)
	}
	changes := t.write(no, values, ByService)
	if !wasKnown && t.Lead(no).isKnown() {
		changes = append([]record.Activity{t.newLead(ByService)}, changes...)
	}
	t.AddActivities(no, changes)
}

// Write sets fields of a lead and adds the activities that report it.
func (t *Table) Write(no No, values []Value, by Cause) { t.AddActivities(no, t.write(no, values, by)) }

// write sets fields of a lead and returns the activities that report it.
func (t *Table) write(no No, values []Value, by Cause) []record.Activity {
	var changes []record.Activity
	for _, v := range values {
		before := t.setField(no, v)
		if before != v.Value || by.TellsEmptied && v.Value == "" && isNumber(t.byName[v.Name]) {
			changes = append(changes, t.changed(v, before, by))
		}
	}
	return changes
}

// setField writes one field and returns the value before.
func (t *Table) setField(no No, v Value) (before string) {
	if v.Name != FieldEmail {
		return t.setValue(no, v.Name, v.Value)
	}
	if before = t.Lead(no).email; before != v.Value {
		t.setEmail(no, v.Value)
	}
	return before
}

// newLead returns the activity that a lead begins with.
func (t *Table) newLead(by Cause) record.Activity {
	at := by.At
	if at.IsZero() {
		at = t.now()
	}
	return record.Activity{Time: servicetime.Text(by.At), Type: gen.ActivityTypeNewLead, Attributes: []record.Attribute{
		{Name: "Source Type", Value: by.SourceType},
		{Name: "Source Info", Value: by.SourceInfo},
		{Name: "Created Date", Value: servicetime.Shown(at).Format(time.DateOnly)},
	}}
}

// changed names the field by its label, also as the asset (Marketo SOAP API, samples of
// getLeadChanges).
func (t *Table) changed(v Value, before string, by Cause) record.Activity {
	label := t.byName[v.Name].Label
	return record.Activity{
		Time: servicetime.Text(by.At), Type: gen.ActivityTypeChangeDataValue, AssetName: label,
		Attributes: []record.Attribute{
			{Name: "Attribute Name", Value: label},
			{Name: "Old Value", Value: before},
			{Name: "New Value", Value: v.Value},
			{Name: "Reason", Value: by.Reason},
			{Name: "Source", Value: by.Source},
		},
	}
}

// Merge merges leads into another one, which gets an activity Merge Leads.
func (t *Table) Merge(winner No, losers []No, inSales bool) {
	texts := make([]string, len(losers))
	for i, no := range losers {
		texts[i] = t.Lead(no).text
		t.absorb(winner, no)
	}
	sales := "false"
	if inSales {
		sales = "true"
	}
	t.AddActivities(winner, []record.Activity{{Type: gen.ActivityTypeMergeLeads, Attributes: []record.Attribute{
		{Name: "Merge IDs", Value: strings.Join(texts, ",")},
		{Name: "Merged in Sales", Value: sales},
		{Name: "Merge Source", Value: ByService.Source},
	}}})
}

// absorb makes a lead part of another one: its activities, memberships and roles move, and its keys and values fill
// in what the winner does not have.
func (t *Table) absorb(winner, loser No) {
	to, from := t.Lead(winner), *t.Lead(loser)
	keys := slices.Clone(from.keys)
	for _, b := range t.belongings {
		b.MoveLead(loser, winner)
	}
	t.activities.Move(loser, winner)
	if from.touched {
		t.touch(winner, from.updated)
	}
	t.forget(loser)
	if to.email == "" && from.email != "" {
		t.setEmail(winner, from.email)
	}
	for _, v := range from.values {
		if to.values.get(v.Name) == "" {
			t.setValue(winner, v.Name, v.Value)
		}
	}
	for _, key := range keys {
		t.inherit(winner, key)
	}
	// The winner's own foreign id stays the one that answers show.
	for _, f := range slices.Concat(from.foreign, to.foreign) {
		t.setForeign(winner, f)
	}
}
