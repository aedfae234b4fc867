package bridge

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
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
	fields, err := w.catalog.leadFields(w)
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
func (w *work) readFields(fields *leadFields, include []string) []string {
	names := []string{"id", "email"}
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, field := range w.foreign {
		if fields.all[field] { // one that is not there would make every read fail
			add(field)
		}
	}
	for i := range fields.list {
		if f := &fields.list[i]; include == nil || slices.Contains(include, f.soap) {
			add(f.rest)
		}
	}
	return names
}

// leadRecords returns leads as the SOAP API shows them: their attributes sorted by name, those without
// a value left out.
func (w *work) leadRecords(fields *leadFields, records []rest.Record, include []string) ([]gen.LeadRecord, error) {
	list := make([]gen.LeadRecord, len(records))
	for i, r := range records {
		var err error
		if list[i], err = w.leadRecord(fields, r, include); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (w *work) leadRecord(fields *leadFields, r rest.Record, include []string) (gen.LeadRecord, error) {
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
	var list []gen.Attribute
	for _, v := range r {
		f := fields.byREST(v.Name)
		if f == nil || v.Text == "" || isOwnElement(f.soap) || include != nil && !slices.Contains(include, f.soap) {
			continue
		}
		list = append(list, gen.Attribute{AttrName: f.soap, AttrType: gen.Some(soapType(f.kind)), AttrValue: w.soapText(v.Value, f.kind)})
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

	fields  *leadFields
	include []string // nil: all
	size    int
	at      position
	text    string // of the position; empty: the start
}

func (w *work) getMultipleLeads(in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	include := in.IncludeAttributes.Or(gen.ArrayOfString{}).StringItem
	fields, err := w.catalog.leadFields(w, include...)
	if err != nil {
		return nil, err
	}
	for _, name := range include {
		if !isOwnElement(name) && fields.bySOAP(name) == nil {
			return nil, bad("includeAttributes: leads have no field %.100q", name)
		}
	}
	if len(include) == 0 {
		include = nil
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

// pageSize returns how many records a page has at most. What is asked for is no promise.
func pageSize(batchSize int32) int {
	if batchSize <= 0 || batchSize > rest.MaxPage {
		return rest.MaxPage
	}
	return int(batchSize)
}

// open reads the position of the request, for a kind and what was asked for.
func (p *leadPage) open(kind string, query ...any) (err error) {
	p.at = position{Kind: kind, Query: digest(append(query, p.include))}
	if strings.TrimSpace(p.text) == "" {
		return nil
	}
	p.at, err = p.positions.open(p.text, kind, p.at.Query)
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
	if err := p.open("leads by keys", sel.KeyType, values); err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return p.answer(nil, true)
	}
	return p.read(func(page rest.Page) (*rest.Answer[rest.Record], error) {
		return p.rest.LeadsByFilter(p, rest.LeadFilter{Field: field, Values: values, Fields: p.readFields(p.fields, p.include), Page: page})
	})
}

func (p *leadPage) byList(sel *gen.StaticListSelector) (*gen.SuccessGetMultipleLeads, error) {
	if err := p.open("leads of a list", sel.StaticListName.Or(""), sel.StaticListId.Or(0)); err != nil {
		return nil, err
	}
	if p.at.List == 0 {
		list, err := p.selectedList(sel)
		if err != nil {
			return nil, err
		}
		p.at.List = list
	}
	return p.read(func(page rest.Page) (*rest.Answer[rest.Record], error) {
		return p.rest.LeadsOfList(p, p.at.List, p.readFields(p.fields, p.include), page)
	})
}

// read reads a page, and goes on while it is empty and others follow: some programs take an empty page
// for the end.
func (p *leadPage) read(fetch func(rest.Page) (*rest.Answer[rest.Record], error)) (*gen.SuccessGetMultipleLeads, error) {
	until := p.timeForPage()
	for {
		a, err := fetch(rest.Page{Size: p.size, Token: p.at.Token})
		if err != nil {
			return nil, err
		}
		p.at.Token = a.Next
		if len(a.Records) > 0 || !a.More || !time.Now().Before(until) {
			return p.answer(a.Records, !a.More)
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

// answer makes the answer with a page.
func (p *leadPage) answer(records []rest.Record, end bool) (*gen.SuccessGetMultipleLeads, error) {
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
	p.at.Turn++
	switch {
	case !end:
		out.RemainingCount = 1
		out.NewStreamPosition, err = p.positions.seal(p.at)
	case p.at.Kind != "leads by keys": // these end with an empty position (Marketo SOAP API, samples)
		out.NewStreamPosition, err = p.positions.seal(position{Kind: p.at.Kind, Query: p.at.Query, Turn: p.at.Turn, End: true})
	}
	if err != nil {
		return nil, err
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
