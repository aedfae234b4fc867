package simulator

import (
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// cause is who changes leads, as activities tell it.
type cause struct {
	sourceType, sourceInfo string // of New Lead
	reason, source         string // of Change Data Value
	at                     time.Time
}

// byService is the cause of what comes through the API. The reason is that of the
// published samples.
var byService = cause{
	sourceType: "Web service API", sourceInfo: "Web service API", reason: "SOAP API", source: "Web service API",
}

// create makes a new lead of a record. Its fields begin with their values, so they do
// not change: the only activity is New Lead.
func (s *Simulator) create(in *syncInput, workspace string, by cause) (leadNo, *fault.Fault) {
	if err := s.leads.check(0); err != nil {
		return 0, fault.New(fault.CodeLeadSyncFailed, reason(err).Error())
	}
	no := s.leads.add(&Lead{Email: in.address()})
	l := s.leads.at(no)
	l.workspace = workspace
	if in.foreign.ID != "" {
		s.leads.setForeign(no, in.foreign)
	}
	for _, v := range in.values {
		s.leads.setValue(no, v.name, v.value)
	}
	s.addActivities(no, []Activity{s.newLeadActivity(by)})
	return no, nil
}

// address is the one that a record ends with.
func (in *syncInput) address() string {
	if in.setsEmail {
		return in.newEmail
	}
	return in.email
}

// update writes a record to the lead that it has found.
func (s *Simulator) update(no leadNo, in *syncInput, how matched, rules syncRules) {
	wasKnown := s.leads.at(no).isKnown()
	if in.foreign.ID != "" && how != matchForeign {
		s.leads.setForeign(no, in.foreign)
	}
	values := in.values
	switch {
	case in.setsEmail:
		values = append([]fieldValue{{fieldEmail, in.newEmail}}, values...)
	case in.email != "" && how != matchEmail && rules.writeEmail:
		values = append([]fieldValue{{fieldEmail, in.email}}, values...)
	}
	changes := s.write(no, values, byService)
	if !wasKnown && s.leads.at(no).isKnown() {
		changes = append([]Activity{s.newLeadActivity(byService)}, changes...)
	}
	s.addActivities(no, changes)
}

// write sets fields of a lead and returns the activities that tell of it.
func (s *Simulator) write(no leadNo, values []fieldValue, by cause) []Activity {
	var changes []Activity
	for _, v := range values {
		if before := s.setField(no, v); before != v.value {
			changes = append(changes, s.changeActivity(v, before, by))
		}
	}
	return changes
}

// setField writes one field and returns the value before.
func (s *Simulator) setField(no leadNo, v fieldValue) (before string) {
	if v.name != fieldEmail {
		return s.leads.setValue(no, v.name, v.value)
	}
	if before = s.leads.at(no).email; before != v.value {
		s.leads.setEmail(no, v.value)
	}
	return before
}

func (s *Simulator) newLeadActivity(by cause) Activity {
	at := by.at
	if at.IsZero() {
		at = s.now()
	}
	return Activity{Time: by.at, Type: gen.ActivityTypeNewLead, Attributes: []Attribute{
		{"Source Type", by.sourceType},
		{"Source Info", by.sourceInfo},
		{"Created Date", servicetime.Shown(at).Format(time.DateOnly)},
	}}
}

// changeActivity names the field by its label, also as the asset (Marketo SOAP API,
// samples of getLeadChanges).
func (s *Simulator) changeActivity(v fieldValue, before string, by cause) Activity {
	label := s.fields.byName[v.name].Label
	return Activity{Time: by.at, Type: gen.ActivityTypeChangeDataValue, AssetName: label, Attributes: []Attribute{
		{"Attribute Name", label},
		{"Old Value", before},
		{"New Value", v.value},
		{"Reason", by.reason},
		{"Source", by.source},
	}}
}
