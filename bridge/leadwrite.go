package bridge

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// leadInput is a lead record as a request gives it.
type leadInput struct {
	id       int64
	hasID    bool
	email    string // the key
	foreign  string // the foreign id
	system   gen.ForeignSysType
	cookie   string
	newEmail *string     // the attribute Email
	values   rest.Object // the other attributes
}

// readLead reads a record, whatever leads there are. Programs give keys as attributes too.
func (w *work) readLead(fields *names.Fields, r *gen.LeadRecord, cookie string) (*leadInput, error) {
	in := &leadInput{
		email: strings.TrimSpace(r.Email.Or("")), foreign: r.ForeignSysPersonId.Or(""), system: r.ForeignSysType.Or(""), cookie: cookie,
	}
	if id, ok := r.Id.Get(); ok {
		in.id, in.hasID = int64(id), true
	}
	for _, a := range r.LeadAttributeList.Value.Attribute {
		if err := w.readAttribute(in, fields, a); err != nil {
			return nil, err
		}
	}
	return in, w.checkLead(in)
}

// readAttribute reads an attribute, whose name is known.
func (w *work) readAttribute(in *leadInput, fields *names.Fields, a gen.Attribute) error {
	value := strings.TrimSpace(a.AttrValue)
	switch a.AttrName {
	case elementID:
		if in.hasID || value == "" {
			return nil
		}
		id, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return bad("leadRecord: value %.40q of the attribute Id is not the id of a lead", a.AttrValue)
		}
		in.id, in.hasID = id, true
	case elementEmail:
		in.email, in.newEmail = cmp.Or(in.email, value), &value
	case elementForeignID:
		in.foreign = cmp.Or(in.foreign, value)
	case elementForeignType:
		in.system = cmp.Or(in.system, gen.ForeignSysType(value))
	default:
		f, _ := fields.BySOAP(a.AttrName)
		in.values = append(in.values.Without(func(name string) bool { return name == f.REST }), rest.Member{Name: f.REST, Value: w.restValue(a.AttrValue, f.DataType)})
	}
	return nil
}

// checkLead finds what is wrong with the keys of a record.
func (w *work) checkLead(in *leadInput) error {
	if in.foreign != "" && in.system == "" && in.hasID {
		in.system = gen.ForeignSysTypeCUSTOM // the SOAP API took it so
	}
	switch {
	case in.foreign == "":
	case in.system == "":
		return bad("leadRecord: ForeignSysPersonId needs ForeignSysType beside it")
	case !in.system.Valid():
		return bad("leadRecord/ForeignSysType: %.40q is not one of %v", in.system, in.system.Values())
	case w.foreign[in.system] == "":
		return bad("leadRecord: the REST API keeps no ForeignSysPersonId of the system %s: name a field of leads that holds it (WithForeignIDField)", in.system)
	}
	if in.newEmail != nil && !in.hasID && in.foreign == "" && !strings.EqualFold(*in.newEmail, in.email) {
		return bad("leadRecord: the attribute Email is another address than the one that the lead is found by, and the REST API has one field for both: name the lead by its Id")
	}
	if !in.hasID && in.email == "" && in.foreign == "" && in.cookie == "" {
		return fault.Newf(fault.CodeLeadKeyRequired, "%s operation failed: the record has none of Id, Email, ForeignSysPersonId", w.operation)
	}
	return nil
}

// checkNames wants attributes whose names are known, and names those that are not.
func (w *work) checkNames(records []gen.LeadRecord) (*names.Fields, error) {
	var used []string
	for i := range records {
		for _, a := range records[i].LeadAttributeList.Value.Attribute {
			used = append(used, a.AttrName)
		}
	}
	slices.Sort(used)
	used = slices.Compact(used)
	fields, err := w.leadFields(used)
	if err != nil {
		return nil, err
	}
	unknown := slices.DeleteFunc(used, func(name string) bool {
		f, known := fields.BySOAP(name)
		return isOwnElement(name) || known && f.REST != ""
	})
	if len(unknown) > 0 {
		return nil, fault.Newf(fault.CodeLeadAttributeBad, "%s operation failed: unknown fields for import: %.300s", w.operation, strings.Join(unknown, ", "))
	}
	return fields, nil
}

// leadWrite is a record on its way to the service.
type leadWrite struct {
	place          int
	action, lookup string
	key            string // its value in the lookup field
	object         rest.Object
	stripped       bool // of the fields of its company
	byID           bool // it was looked up by its address, and goes to the lead that was found

	id      int64
	created bool
	err     *fault.Fault
	lost    error // of the look-up that err has led to; nil: there was none
}

// leadWriteOf returns how a record is written: found by its id, else by its foreign id, else by its
// address. withEmail says that an address beside another key is written, as syncLead does it.
func (w *work) leadWriteOf(place int, in *leadInput, withEmail, matchEmail bool) *leadWrite {
	foreign := w.foreign[in.system]
	out := &leadWrite{place: place, action: rest.CreateOrUpdate}
	switch {
	case in.hasID:
		out.action, out.lookup, out.key = rest.UpdateOnly, "id", strconv.FormatInt(in.id, 10)
		out.object = rest.Object{{Name: "id", Value: in.id}}
		if in.foreign != "" {
			out.object = append(out.object, rest.Member{Name: foreign, Value: in.foreign})
		}
	case in.foreign != "":
		out.lookup, out.key = foreign, in.foreign
		out.object = rest.Object{{Name: foreign, Value: in.foreign}}
	default:
		out.lookup, out.key, withEmail = "email", in.email, true
		if !matchEmail {
			out.action = rest.CreateDuplicate
		}
	}
	switch {
	case in.newEmail != nil && (in.hasID || in.foreign != ""):
		out.object = append(out.object, rest.Member{Name: "email", Value: w.restValue(*in.newEmail, "email")})
	case withEmail && in.email != "":
		out.object = append(out.object, rest.Member{Name: "email", Value: in.email})
	}
	out.object = append(out.object, in.values...)
	return out
}

// leadSync writes leads.
type leadSync struct {
	*work

	partition string
	safety    fault.Safety
}

// run writes records, and writes those again that the service did not take for a reason that can be
// helped. It returns the error of a call that failed as a whole, and which records were done with
// before.
func (s *leadSync) run(writes []*leadWrite) (done int, err error) {
	for queue := writes; len(queue) > 0; {
		batch := nextBatch(queue)
		queue = queue[len(batch):]
		again, err := s.send(batch)
		if err != nil {
			return done, err
		}
		done += len(batch) - len(again)
		queue = append(again, queue...)
	}
	return done, nil
}

// maxBatchSize keeps a batch of records below what the service takes, in bytes.
const maxBatchSize = rest.MaxBody - 10_000

// nextBatch returns the records from the first one on that go into one call: of one action and lookup
// field, no key twice, not too many and not too large.
func nextBatch(queue []*leadWrite) []*leadWrite {
	seen, size := make(map[string]bool), 0
	for i, one := range queue {
		size += one.object.Size() + 1
		key := strings.ToLower(one.key)
		full := i == rest.MaxPage || i > 0 && size > maxBatchSize
		if full || one.action != queue[0].action || one.lookup != queue[0].lookup || seen[key] && one.action != rest.CreateDuplicate {
			return queue[:i]
		}
		seen[key] = true
	}
	return queue
}

// send writes a batch, and returns the records that are to be sent again in another way.
func (s *leadSync) send(batch []*leadWrite) (again []*leadWrite, err error) {
	request := rest.LeadSync{Action: batch[0].action, LookupField: batch[0].lookup}
	if request.Action != rest.UpdateOnly {
		request.Partition = s.partition
	}
	for _, one := range batch {
		request.Input = append(request.Input, one.object)
	}
	a, err := s.rest.SyncLeads(s, request, s.safety)
	if err != nil {
		return nil, err
	}
	if _, err := s.outcomes(a, len(batch), wordsOfSync); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(a.Records, func(o rest.Outcome) bool { return !o.Skipped() && o.ID <= 0 }) {
		return nil, s.untold()
	}
	var lookups []*leadWrite
	for i, one := range batch {
		o := &a.Records[i]
		one.id, one.created, one.err = o.ID, strings.EqualFold(o.Status, "created"), nil
		problem := o.Err(a.RequestID)
		if problem == nil {
			continue
		}
		one.err = faultOf(s.recordFault(a, i))
		switch {
		case problem.Code == 1021 && s.company == StripCompanyFields && !one.stripped && s.strip(one):
			again = append(again, one)
		case (problem.Code == 1007 && s.duplicates == NewestDuplicate || problem.Code == 1010) && one.lookup == "email" && !one.byID:
			lookups = append(lookups, one)
		}
	}
	return append(again, s.resolve(lookups)...), nil
}

// faultOf returns the fault in an error.
func faultOf(err error) *fault.Fault {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// strip takes the fields of the company out of a record, and reports whether it had any.
func (s *leadSync) strip(one *leadWrite) bool {
	before := len(one.object)
	one.object = one.object.Without(isCompanyField)
	one.stripped = true
	if len(one.object) == before {
		return false
	}
	s.config.rest.Logger.LogAttrs(s, slog.LevelWarn, "mktows: the fields of a lead's company were left out, as the REST API does not write them with the lead (1021)",
		slog.String("operation", s.operation), slog.Int("record", one.place))
	return true
}

// companyFields are the fields of a lead that belong to its company (Marketo REST API, lead fields).
var companyFields = []string{"company", "site", "website", "mainPhone", "annualRevenue", "numberOfEmployees", "industry", "sicCode"}

func isCompanyField(name string) bool {
	return slices.Contains(companyFields, name) || strings.HasPrefix(name, "billing")
}

// resolve sends records to the leads that have their addresses, of several the one added last: the
// SOAP API did so, the REST API does not choose (1007), and looks into one partition alone (1010).
func (s *leadSync) resolve(writes []*leadWrite) (again []*leadWrite) {
	if len(writes) == 0 {
		return nil
	}
	keys := make([]gen.LeadKey, len(writes))
	for i, one := range writes {
		keys[i] = gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: one.key}
	}
	found, err := s.keyedLeads(keys)
	if err != nil {
		for _, one := range writes { // beside the reason that the service gave
			one.lost = err
		}
		return nil
	}
	for i, one := range writes {
		id := last(found[i])
		if id == 0 {
			continue
		}
		one.action, one.lookup, one.key, one.byID = rest.UpdateOnly, "id", strconv.FormatInt(id, 10), true
		one.object = append(rest.Object{{Name: "id", Value: id}}, one.object.Without(func(name string) bool { return name == "email" })...)
		again = append(again, one)
	}
	return again
}
