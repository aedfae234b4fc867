package operations

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// matchEach wants an answer to in to have one status for each record that was sent, at its place. Where a status names its
// record, differs tells whether that is another one than the one that was sent; of statuses that name none, only their number
// can be checked.
func matchEach(op string, in gen.Message, statuses, sent int, differs func(i int) error) error {
	if statuses != sent {
		return unclear(op, in, fmt.Errorf("it has %d statuses for %d records, so that the outcome of none is sure", statuses, sent))
	}
	for i := range sent {
		if err := differs(i); err != nil {
			return unclear(op, in, fmt.Errorf("its status for records[%d] %w, so that the outcome of none is sure", i, err))
		}
	}
	return nil
}

// differentID compares two ids of a kind of record. One that is not positive is none: what stands in place of the id of
// a record that failed is not documented.
func differentID(what string, told, asked int64) error {
	if told <= 0 || asked <= 0 || told == asked {
		return nil
	}
	return fmt.Errorf("is about %s %d, and %s %d was sent", what, told, what, asked)
}

// differentText compares two values of a key, where both are given.
func differentText(key, told, asked string) error {
	if told == "" || asked == "" || strings.EqualFold(keyText(told), keyText(asked)) {
		return nil
	}
	return fmt.Errorf("is about %s %.80q, and %s %.80q was sent", key, told, key, asked)
}

// keyText takes away what a service may change in the value of a key that it repeats: white space around it, and how a
// number is written. Letter case is another such thing, as in addresses.
func keyText(value string) string {
	value = strings.TrimSpace(value)
	if strings.Trim(value, ".0123456789") != "" {
		return value
	}
	value = strings.TrimLeft(value, "0")
	if strings.Contains(value, ".") {
		value = strings.TrimSuffix(strings.TrimRight(value, "0"), ".")
	}
	return value
}

// sfdcIDSize is the length of a Salesforce id without the suffix that its longer form has.
const sfdcIDSize = 15

// differs tells that a status names another key of the same type. Keys of other types cannot be compared, nor cookies,
// of which the service may repeat a part.
func (k LeadKey) differs(told *gen.LeadKey) error {
	if told == nil || string(told.KeyType) != string(k.Type) {
		return nil
	}
	shown, asked := told.KeyValue, k.Value
	switch k.Type {
	case KeyCookie:
		return nil
	case KeySFDCAccountID, KeySFDCContactID, KeySFDCLeadID, KeySFDCLeadOwnerID, KeySFDCOpportunityID:
		shown, asked = shown[:min(len(shown), sfdcIDSize)], asked[:min(len(asked), sfdcIDSize)]
	}
	return differentText(string(k.Type), shown, asked)
}

// knownID is the Marketo id by which the service finds the lead, or 0.
func (l *Lead) knownID() int64 {
	if l.ID != 0 {
		return l.ID
	}
	value, _ := l.Attributes.Get(fieldID)
	id, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	return id
}

// differs tells that a status names another object. An insert does not find an object by its id.
func (o *Object) differs(operation SyncOperation, told *gen.MObjStatus) error {
	if operation != SyncInsert {
		if err := differentID("object", int64(told.Id.Or(0)), o.ID); err != nil {
			return err
		}
	}
	if key := told.ExternalKey.Value; strings.EqualFold(key.Name, o.ExternalKey.Name) {
		return differentText(key.Name, key.Value, o.ExternalKey.Value)
	}
	return nil
}

// differs tells that a status of a custom object names another record, by those of its keys that both have, or a record of
// another type. Names are compared without regard to letter case, since answers spell them as they are defined.
func (keys Attributes) differs(objectType string, told *gen.SyncCustomObjStatus) error {
	if err := differentText("the type", told.ObjTypeName, objectType); err != nil {
		return err
	}
	for _, key := range keys {
		for _, shown := range told.CustomObjKeyList.Value.Attribute {
			if !strings.EqualFold(shown.AttrName, key.Name) {
				continue
			}
			if err := differentText(key.Name, shown.AttrValue, key.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// differs tells that an answer names other leads than those to be merged, or as merged not all of them.
func (m MergedLeads) differs(winner LeadKey, losers []LeadKey) error {
	if err := differentID("lead", m.WinnerID, winner.id()); err != nil {
		return fmt.Errorf("the winner: it %w", err)
	}
	merged := map[int64]bool{}
	for _, id := range m.LoserIDs {
		if id <= 0 { // is none, as in differentID
			continue
		}
		if merged[id] = true; !slices.ContainsFunc(losers, func(k LeadKey) bool { return k.id() == id }) {
			return fmt.Errorf("the losers: it has lead %d, which was not to be merged", id)
		}
	}
	if m.Outcome == OutcomeMerged && len(merged) > 0 && len(merged) < len(losers) {
		return errors.New("the losers: it does not have all that were to be merged")
	}
	return nil
}
