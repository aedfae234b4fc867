package bridge

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
)

// The elements that a lead record has of its own. They are not repeated among the attributes.
const (
	elementID          = "Id"
	elementEmail       = "Email"
	elementForeignID   = "ForeignSysPersonId"
	elementForeignType = "ForeignSysType"
)

// isOwnElement reports whether a name is that of an element of a lead record.
func isOwnElement(name string) bool {
	return name == elementID || name == elementEmail || name == elementForeignID || name == elementForeignType
}

// GetLead returns all leads that a key means.
//
// Lost: the foreign ids that the SOAP API kept, unless a field of leads has them
// ([WithForeignIDField]); keys of the type LEADOWNEREMAIL, unless a field has the owner's address
// ([WithOwnerEmailField]). A boolean that nobody has set reads false, and more than 1,000 leads with
// one key are 20110. It costs a call for each 300 leads.
func (b *Bridge) GetLead(ctx context.Context, in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	return perform(ctx, b, "getLead", in, (*work).getLead)
}

func (w *work) getLead(in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	if err := w.checkKey(in.LeadKey); err != nil {
		return nil, err
	}
	fields, err := w.leadFields(nil)
	if err != nil {
		return nil, err
	}
	field, _ := w.keyField(in.LeadKey.KeyType) // just checked
	records, err := w.leadsWith(field, []string{in.LeadKey.KeyValue}, w.readFields(fields, nil))
	switch {
	case said(err, 1004):
	case err != nil:
		return nil, err
	}
	if len(records) == 0 {
		return nil, noLead(in.LeadKey)
	}
	list, err := w.leadRecords(fields, records, nil)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLead{Result: &gen.ResultGetLead{
		Count: int32(len(records)), LeadRecordList: gen.Some(gen.ArrayOfLeadRecord{LeadRecord: list}), //nolint:gosec // at most 1,000
	}}, nil
}

// readFields returns the names in the REST API of the fields that an answer is made of: of those that
// are included, all for nil.
func (w *work) readFields(fields *names.Fields, include included) []string {
	all := fields.All()
	ask := append(make([]string, 0, 2+len(w.foreign)+len(all)), "id", "email")
	for _, field := range w.foreign {
		if _, known := fields.ByREST(field); known && !slices.Contains(ask, field) { // one that is not there would make every read fail
			ask = append(ask, field)
		}
	}
	always := ask
	for i := range all { // which have different names
		if f := &all[i]; f.SOAP != "" && f.REST != "" && (include == nil || include[f.REST]) && !slices.Contains(always, f.REST) {
			ask = append(ask, f.REST)
		}
	}
	return ask
}

// leadRecords returns leads as the SOAP API shows them: their attributes sorted by name, those without
// a value left out.
func (w *work) leadRecords(fields *names.Fields, records []rest.Record, include included) ([]gen.LeadRecord, error) {
	list := make([]gen.LeadRecord, len(records))
	for i, r := range records {
		var err error
		if list[i], err = w.leadRecord(fields, r, include); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (w *work) leadRecord(fields *names.Fields, r rest.Record, include included) (gen.LeadRecord, error) {
	out := gen.LeadRecord{
		ForeignSysPersonId: gen.NilOf[string](), ForeignSysType: gen.NilOf[gen.ForeignSysType](),
		LeadAttributeList: gen.NilOf[gen.ArrayOfAttribute](),
	}
	id, err := r.ID("id")
	if err != nil {
		return out, fault.NewContentError(err)
	}
	short, err := int32Of("the id of lead", id)
	if err != nil {
		return out, err
	}
	out.Id, out.Email = gen.Some(short), someText(clean(r.Get("email").Text))
	w.showForeign(&out, r)
	filled := 0
	for _, v := range r {
		if v.Text != "" {
			filled++
		}
	}
	list := make([]gen.Attribute, 0, filled)
	for _, v := range r {
		if v.Text == "" { // most are
			continue
		}
		f, known := fields.ByREST(v.Name)
		if !known || f.SOAP == "" || isOwnElement(f.SOAP) || include != nil && !include[f.REST] {
			continue
		}
		list = append(list, gen.Attribute{AttrName: f.SOAP, AttrType: gen.Some(f.SOAPType()), AttrValue: w.soapText(v.Value, f.DataType)})
	}
	if len(list) > 0 {
		slices.SortFunc(list, func(a, b gen.Attribute) int { return strings.Compare(a.AttrName, b.AttrName) })
		out.LeadAttributeList = gen.Some(gen.ArrayOfAttribute{Attribute: list})
	}
	return out, nil
}

// showForeign shows the foreign id of a lead, the first by the name of its system.
func (w *work) showForeign(out *gen.LeadRecord, r rest.Record) {
	for _, system := range gen.ForeignSysType("").Values() {
		if field, set := w.foreign[system]; set && r.Get(field).Text != "" {
			out.ForeignSysPersonId, out.ForeignSysType = gen.Some(clean(r.Get(field).Text)), gen.Some(system)
			return
		}
	}
}

// Sizes of getMultipleLeads and of selectors (Marketo SOAP API, getMultipleLeads).
const (
	maxSelectorKeys = 100
	maxRange        = 30 * 24 * time.Hour
)

// GetMultipleLeads returns a page of the leads that a selector chooses, 300 at most.
//
// Lost: remainingCount is 1 while more leads follow, whatever their number is. Leads updated in a time
// come in the order of their changes, from the log of activities, and once for each page on which
// they have one; new leads and changed fields count as updates, unless [WithUpdatesByAnyActivity] is
// given. It costs a call for each page; by a time two for each 300 changes, and one for the start.
func (b *Bridge) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	return perform(ctx, b, "getMultipleLeads", in, (*work).getMultipleLeads)
}

// leadPage is a page of leads on its way.
type leadPage struct {
	*work

	fields  *names.Fields
	include included
	size    int
	at      position.Position
	text    string // of the position; empty: the start
}

func (w *work) getMultipleLeads(in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	fields, include, err := w.readInclude(in.IncludeAttributes.Or(gen.ArrayOfString{}).StringItem)
	if err != nil {
		return nil, err
	}
	p := &leadPage{work: w, fields: fields, include: include, size: pageSize(in.BatchSize.Or(0)), text: in.StreamPosition.Or("")}
	switch sel := in.LeadSelector.(type) {
	case *gen.LeadKeySelector:
		return p.byKeys(sel)
	case *gen.StaticListSelector:
		return p.byList(sel)
	case *gen.LastUpdateAtSelector:
		return p.byUpdate(sel)
	}
	if in.LastUpdatedAt.Or("") == "" {
		return nil, missing("leadSelector is missing")
	}
	return p.byUpdate(&gen.LastUpdateAtSelector{OldestUpdatedAt: in.LastUpdatedAt.Value})
}

// included are the fields that a request wants, by their names in the REST API; nil: all.
type included map[string]bool

// readInclude reads the names of fields; none means all.
func (w *work) readInclude(list []string) (*names.Fields, included, error) {
	fields, err := w.leadFields(list)
	if err != nil || len(list) == 0 {
		return fields, nil, err
	}
	include := make(included)
	for _, name := range list {
		f, known := fields.BySOAP(name)
		switch {
		case known && f.REST != "":
			include[f.REST] = true
		case !isOwnElement(name):
			return nil, nil, bad("includeAttributes: leads have no field %.100q", name)
		}
	}
	return fields, include, nil
}

// leadFields returns the fields of leads. If one of some names is not known, the instance is asked
// once more.
func (w *work) leadFields(needed []string) (*names.Fields, error) {
	return w.names.Fields(w, slices.DeleteFunc(slices.Clone(needed), isOwnElement)...)
}

// pageSize returns how many records a page has at most. What is asked for is no promise.
func pageSize(batchSize int32) int {
	if batchSize <= 0 || batchSize > rest.MaxPage {
		return rest.MaxPage
	}
	return int(batchSize)
}

// begin reads the position of the request, for a kind of selector and what it selects.
func (p *leadPage) begin(kind string, query ...any) (err error) {
	p.at, err = p.open(p.text, question(kind, query, p.include))
	return err
}

// selectorKeys checks the keys of a selector, the first hundred of them: those after them are not even
// looked at (Marketo SOAP API, getMultipleLeads).
func (w *work) selectorKeys(sel *gen.LeadKeySelector) (field string, values []string, err error) {
	if sel.KeyValues == nil || len(sel.KeyValues.StringItem) == 0 {
		return "", nil, fault.New(fault.CodeLeadKeyRequired, "leadSelector/keyValues has no key")
	}
	values = sel.KeyValues.StringItem[:min(len(sel.KeyValues.StringItem), maxSelectorKeys)]
	for _, value := range values {
		if err := w.checkKey(&gen.LeadKey{KeyType: sel.KeyType, KeyValue: value}); err != nil {
			return "", nil, err
		}
	}
	field, err = w.keyField(sel.KeyType)
	return field, findable(field, values), err
}

func (p *leadPage) byKeys(sel *gen.LeadKeySelector) (*gen.SuccessGetMultipleLeads, error) {
	field, values, err := p.selectorKeys(sel)
	if err != nil {
		return nil, err
	}
	if err := p.begin("keys", sel.KeyType, values); err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return p.answer(nil, true, false)
	}
	return p.read(false, func(page rest.Page) (*rest.Answer[rest.Record], error) {
		a, err := p.rest.LeadsByFilter(p, rest.LeadFilter{
			Field: field, Values: values, Fields: withField(p.readFields(p.fields, p.include), field, values), Page: page,
		})
		if err == nil {
			a.Records = askedFor(a.Records, field, values)
		}
		return a, err
	})
}

func (p *leadPage) byList(sel *gen.StaticListSelector) (*gen.SuccessGetMultipleLeads, error) {
	if err := p.begin("list", sel.StaticListName.Or(""), sel.StaticListId.Or(0)); err != nil {
		return nil, err
	}
	if p.at.Subject == 0 {
		list, err := p.selectedList(sel)
		if err != nil {
			return nil, err
		}
		p.at.Subject = list
	}
	return p.read(true, func(page rest.Page) (*rest.Answer[rest.Record], error) {
		return p.rest.LeadsOfList(p, p.at.Subject, p.readFields(p.fields, p.include), page)
	})
}

// read reads a page, and goes on while it is empty and others follow: some programs take an empty page
// for the end.
func (p *leadPage) read(hasEnd bool, fetch func(rest.Page) (*rest.Answer[rest.Record], error)) (*gen.SuccessGetMultipleLeads, error) {
	until := p.timeForPage()
	for {
		a, err := fetch(rest.Page{Size: p.size, Token: p.at.Token})
		if err != nil {
			return nil, err
		}
		p.at.Token = a.Next
		if len(a.Records) > 0 || !a.More || p.over(until) {
			return p.answer(a.Records, !a.More, hasEnd)
		}
	}
}

// timeForPage returns until when a page is looked for.
func (w *work) timeForPage() time.Time {
	now := time.Now()
	until := now.Add(w.pageTime)
	if deadline, bounded := w.Deadline(); bounded {
		if share := now.Add(deadline.Sub(now) * 3 / 4); share.Before(until) {
			until = share
		}
	}
	return until
}

// answer makes the answer with a page. The end of most selections has a position, so that a careless
// program does not start over; that of keys has an empty one (Marketo SOAP API, samples).
func (p *leadPage) answer(records []rest.Record, end, hasEnd bool) (*gen.SuccessGetMultipleLeads, error) {
	list, err := p.leadRecords(p.fields, records, p.include)
	if err != nil {
		return nil, err
	}
	out := &gen.ResultGetMultipleLeads{
		ReturnCount: int32(len(list)), LeadRecordList: gen.NilOf[gen.ArrayOfLeadRecord](), //nolint:gosec // at most a page
	}
	if len(list) > 0 {
		out.LeadRecordList = gen.Some(gen.ArrayOfLeadRecord{LeadRecord: list})
	}
	if !end {
		out.RemainingCount = 1
	}
	if !end || hasEnd {
		if out.NewStreamPosition, err = p.seal(p.at, !end); err != nil {
			return nil, err
		}
	}
	return &gen.SuccessGetMultipleLeads{Result: out}, nil
}

// readRange reads the range of a selector; without an end it ends at a moment, 0 standing for none.
func readRange(sel *gen.LastUpdateAtSelector, now time.Time) (low, high time.Time, err error) {
	if sel.OldestUpdatedAt == "" {
		return low, high, missing("leadSelector/oldestUpdatedAt is missing")
	}
	if low, err = requestTime("leadSelector/oldestUpdatedAt", sel.OldestUpdatedAt); err != nil {
		return low, high, err
	}
	high = now
	if text := sel.LatestUpdatedAt.Or(""); text != "" {
		if high, err = requestTime("leadSelector/latestUpdatedAt", text); err != nil {
			return low, high, err
		}
	}
	if high.Sub(low) > maxRange {
		return low, high, fault.Newf(fault.CodeTimeRangeExceeded, "leadSelector: more than 30 days lie between oldestUpdatedAt %s and %s", sel.OldestUpdatedAt, gen.NewDateTime(high))
	}
	return low, high, nil
}

// over reports whether the time for a page is over.
func (w *work) over(until time.Time) bool { return !time.Now().Before(until) }

// updateTypes are the activities that make a lead updated.
var updateTypes = []gen.ActivityType{gen.ActivityTypeNewLead, gen.ActivityTypeChangeDataValue}

// byUpdate reads a page of the leads that were updated in a time. The REST API cannot be asked for
// them: the log of activities tells who they are.
func (p *leadPage) byUpdate(sel *gen.LastUpdateAtSelector) (*gen.SuccessGetMultipleLeads, error) {
	low, high, err := readRange(sel, p.config.rest.Now())
	if err != nil {
		return nil, err
	}
	if err := p.begin("update", sel.OldestUpdatedAt, sel.LatestUpdatedAt.Or("")); err != nil {
		return nil, err
	}
	if p.at.Until == 0 {
		p.at.Until = high.Unix()
	}
	s := &stream{work: p.work, low: up(low), high: unix(p.at.Until), until: p.timeForPage()}
	var f activityFilter
	if !p.anyUpdate {
		f.Include = updateTypes
	}
	if err := s.openChains(f, chosenLeads{all: true}); err != nil {
		return nil, err
	}
	if p.at.Streams == nil {
		err = s.start(s.low)
	} else {
		err = s.resume(p.at.Streams)
	}
	if err != nil {
		return nil, err
	}
	return p.updated(s)
}

// updated collects leads until there are enough for a page, and reads these.
func (p *leadPage) updated(s *stream) (*gen.SuccessGetMultipleLeads, error) {
	var ids []string
	done := false
	for len(ids) < p.size && !done {
		list, end, err := s.take(1)
		if err != nil {
			return nil, err
		}
		done = end
		if len(list) == 0 && !end { // the time is over
			break
		}
		for _, e := range list {
			if id := strconv.FormatInt(e.LeadID, 10); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	records, err := p.leadsWith("id", ids, p.readFields(p.fields, p.include))
	if err != nil {
		return nil, err
	}
	p.at.Streams = s.places()
	return p.answer(records, done, true)
}
