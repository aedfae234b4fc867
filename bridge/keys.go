package bridge

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// keyFields are the fields that leads are found by, by type of key (Marketo REST API, leads).
var keyFields = map[gen.LeadKeyRef]string{
	gen.LeadKeyRefIDNUM:           "id",
	gen.LeadKeyRefEMAIL:           "email",
	gen.LeadKeyRefCOOKIE:          "cookies",
	gen.LeadKeyRefSFDCLEADID:      "sfdcLeadId",
	gen.LeadKeyRefSFDCCONTACTID:   "sfdcContactId",
	gen.LeadKeyRefSFDCACCOUNTID:   "sfdcAccountId",
	gen.LeadKeyRefSFDCLEADOWNERID: "sfdcLeadOwnerId",
	gen.LeadKeyRefSFDCOPPTYID:     "sfdcOpptyId",
}

// keyField returns the field that leads are found by for a type of key. The address of the owner is
// none that the REST API has.
func (c *config) keyField(kind gen.LeadKeyRef) (string, error) {
	if kind == gen.LeadKeyRefLEADOWNEREMAIL {
		if c.ownerEmail == "" {
			return "", fault.New(fault.CodeLeadKeyBad, "leadKey/keyType LEADOWNEREMAIL: the REST API finds no leads by the address of their owner; name a searchable field that holds it (WithOwnerEmailField)")
		}
		return c.ownerEmail, nil
	}
	field, known := keyFields[kind]
	if !known {
		return "", fault.Newf(fault.CodeLeadKeyBad, "leadKey/keyType %q is not a type of lead key", kind)
	}
	return field, nil
}

// checkKey finds what is wrong with a key, whatever leads there are.
func (c *config) checkKey(key *gen.LeadKey) error {
	switch {
	case key == nil:
		return fault.New(fault.CodeLeadKeyRequired, "leadKey is missing")
	case key.KeyValue == "":
		return fault.New(fault.CodeLeadKeyRequired, "leadKey/keyValue is empty")
	}
	_, err := c.keyField(key.KeyType)
	return err
}

// noLead is the fault for a key that no lead has.
func noLead(key *gen.LeadKey) error {
	code := fault.CodeLeadNotFound
	if key.KeyType == gen.LeadKeyRefLEADOWNEREMAIL || key.KeyType == gen.LeadKeyRefSFDCLEADOWNERID {
		code = fault.CodeLeadOwnerNotFound
	}
	return fault.Newf(code, "No lead found with %s = %.200s", key.KeyType, key.KeyValue)
}

// findable returns values without the blanks around them, and drops those that no lead can have: those that are empty in a list of values, and ids that are no
// numbers, which the service would refuse together with all others.
func findable(field string, values []string) []string {
	var some []string
	for _, value := range values {
		value = strings.TrimSpace(value)
		if strings.Trim(value, ", ") != "" && (field != "id" || isInteger(value)) {
			some = append(some, value)
		}
	}
	return some
}

func isInteger(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// askedFor drops the records that a value with a comma has found as if it were several: they have none of the
// values that were asked for.
func askedFor(records []rest.Record, field string, values []string) []rest.Record {
	if !hasComma(values) {
		return records
	}
	return slices.DeleteFunc(records, func(r rest.Record) bool {
		return !slices.ContainsFunc(values, func(value string) bool { return sameForm(field, value) == sameForm(field, r.Get(field).Text) })
	})
}

// withField adds a field to those that are read, if [askedFor] is going to look at it.
func withField(fields []string, field string, values []string) []string {
	if !hasComma(values) || slices.Contains(fields, field) {
		return fields
	}
	return append(slices.Clone(fields), field)
}

func hasComma(values []string) bool {
	return slices.ContainsFunc(values, func(value string) bool { return strings.Contains(value, ",") })
}

// leadsWith returns all leads that have one of some values in a field, by id, a page after the other.
func (w *work) leadsWith(field string, values, fields []string) ([]rest.Record, error) {
	values = findable(field, values)
	var all []rest.Record
	for part := range slices.Chunk(values, rest.MaxPage) {
		f := rest.LeadFilter{Field: field, Values: part, Fields: withField(fields, field, part)}
		for more := true; more; {
			a, err := w.rest.LeadsByFilter(w, f)
			if err != nil {
				return nil, err
			}
			all = append(all, askedFor(a.Records, field, part)...)
			f.Token, more = a.Next, a.More
		}
	}
	return all, nil
}

// keyedLeads returns the ids of the leads that each of some keys means, in ascending order. It makes a
// call for each type of key and 300 values.
func (w *work) keyedLeads(keys []gen.LeadKey) ([][]int64, error) {
	found := make([][]int64, len(keys))
	byType := make(map[gen.LeadKeyRef][]int)
	var types []gen.LeadKeyRef
	for i := range keys {
		kind := keys[i].KeyType
		if byType[kind] == nil {
			types = append(types, kind)
		}
		byType[kind] = append(byType[kind], i)
	}
	for _, kind := range types {
		if err := w.findKeys(keys, byType[kind], found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// findKeys fills in which leads keys of one type mean.
func (w *work) findKeys(keys []gen.LeadKey, places []int, found [][]int64) error {
	field, err := w.keyField(keys[places[0]].KeyType)
	if err != nil {
		return err
	}
	var values []string
	for _, i := range places {
		values = append(values, keys[i].KeyValue)
	}
	slices.Sort(values)
	records, err := w.leadsWith(field, slices.Compact(values), []string{"id", field})
	if err != nil {
		return err
	}
	byValue := make(map[string][]int64)
	for _, r := range records {
		id, err := r.ID("id")
		if err != nil {
			return fault.NewContentError(err)
		}
		value := sameForm(field, r.Get(field).Text)
		byValue[value] = append(byValue[value], id)
	}
	one := len(slices.Compact(values)) == 1 // then all that were found have it, whatever they show
	for _, i := range places {
		if one {
			for _, ids := range byValue {
				found[i] = append(found[i], ids...)
			}
		} else {
			found[i] = slices.Clone(byValue[sameForm(field, keys[i].KeyValue)])
		}
		slices.Sort(found[i])
	}
	return nil
}

// sameForm returns a value so that the one asked for and the one answered are equal: addresses go by
// any letter case, and of a cookie the answer has only the part behind "token:".
func sameForm(field, value string) string {
	if field == "cookies" {
		if _, token, ok := strings.Cut(value, "token:"); ok {
			value = token
		}
	}
	return strings.ToLower(strings.TrimSpace(value))
}

// last returns the greatest of some ids, which is that of the lead added last, or 0.
func last(ids []int64) int64 {
	if len(ids) == 0 {
		return 0
	}
	return slices.Max(ids)
}

// idOf returns the id that a key is, if it is one.
func idOf(key *gen.LeadKey) (int64, bool) {
	if key.KeyType != gen.LeadKeyRefIDNUM {
		return 0, false
	}
	id, err := strconv.ParseInt(strings.TrimSpace(key.KeyValue), 10, 64)
	return id, err == nil
}

// keyLocks lets one write of a key go at a time: two that create a lead with the same new address at
// the same time may both do so (Marketo REST API, leads). The zero value is ready for use.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

// keyLock is the lock of a key that somebody holds or waits for.
type keyLock struct {
	busy  chan struct{} // holds one while somebody writes
	users int
}

// lock waits until nobody else writes the key, or the context ends.
func (k *keyLocks) lock(ctx context.Context, key string) (unlock func(), err error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = make(map[string]*keyLock)
	}
	l := k.held[key]
	if l == nil {
		l = &keyLock{busy: make(chan struct{}, 1)}
		k.held[key] = l
	}
	l.users++
	k.mu.Unlock()
	select {
	case l.busy <- struct{}{}:
		return func() { <-l.busy; k.leave(key, l) }, nil
	case <-ctx.Done():
		k.leave(key, l)
		return nil, fmt.Errorf("%w, while waiting for another write of the same lead", httpcall.Ended(ctx))
	}
}

func (k *keyLocks) leave(key string, l *keyLock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(k.held, key)
	}
}
