package operations

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// KeyType is a kind of value that names a lead (WSDL: LeadKeyRef).
type KeyType string

// The key types. KeyID matches one lead at most; by the others, KeyCookie aside,
// several leads may be meant.
const (
	KeyID                KeyType = "IDNUM"           // Marketo id of the lead
	KeyCookie            KeyType = "COOKIE"          // value of the Munchkin cookie of the lead's browser
	KeyEmail             KeyType = "EMAIL"           // e-mail address of the lead
	KeyLeadOwnerEmail    KeyType = "LEADOWNEREMAIL"  // e-mail address of the lead's owner
	KeySFDCAccountID     KeyType = "SFDCACCOUNTID"   // Salesforce id of the lead's account
	KeySFDCContactID     KeyType = "SFDCCONTACTID"   // Salesforce id of the contact
	KeySFDCLeadID        KeyType = "SFDCLEADID"      // Salesforce id of the lead
	KeySFDCLeadOwnerID   KeyType = "SFDCLEADOWNERID" // Salesforce id of the lead's owner
	KeySFDCOpportunityID KeyType = "SFDCOPPTYID"     // Salesforce id of an opportunity
)

// KeyTypes returns all key types, in the order of the schema.
func KeyTypes() []KeyType {
	return []KeyType{KeyID, KeyCookie, KeyEmail, KeyLeadOwnerEmail, KeySFDCAccountID,
		KeySFDCContactID, KeySFDCLeadID, KeySFDCLeadOwnerID, KeySFDCOpportunityID}
}

// Valid reports whether the schema lists the type. Letter case counts.
func (t KeyType) Valid() bool { return gen.LeadKeyRef(t).Valid() }

// LeadKey names a lead, or several that share the value. It is a plain value: equal
// keys are ==. The zero LeadKey names nothing and is refused.
type LeadKey struct {
	Type  KeyType
	Value string
}

// LeadID is the key of the lead with a Marketo id, a positive number.
func LeadID(id int64) LeadKey { return LeadKey{KeyID, strconv.FormatInt(id, 10)} }

// Cookie is the key of the lead whose browser has a Munchkin cookie (_mkto_trk) of
// this value: "id:…&token:…".
func Cookie(value string) LeadKey { return LeadKey{KeyCookie, value} }

// Email is the key of the leads with an e-mail address. Leads may share one.
func Email(address string) LeadKey { return LeadKey{KeyEmail, address} }

// LeadOwnerEmail is the key of the leads whose owner has an e-mail address.
func LeadOwnerEmail(address string) LeadKey { return LeadKey{KeyLeadOwnerEmail, address} }

// SFDCAccountID is the key of the leads of an account in Salesforce.
func SFDCAccountID(id string) LeadKey { return LeadKey{KeySFDCAccountID, id} }

// SFDCContactID is the key of the lead that is a contact in Salesforce.
func SFDCContactID(id string) LeadKey { return LeadKey{KeySFDCContactID, id} }

// SFDCLeadID is the key of the lead that is a lead in Salesforce.
func SFDCLeadID(id string) LeadKey { return LeadKey{KeySFDCLeadID, id} }

// SFDCLeadOwnerID is the key of the leads whose owner has an id in Salesforce.
func SFDCLeadOwnerID(id string) LeadKey { return LeadKey{KeySFDCLeadOwnerID, id} }

// SFDCOpportunityID is the key of the leads of an opportunity in Salesforce.
func SFDCOpportunityID(id string) LeadKey { return LeadKey{KeySFDCOpportunityID, id} }

// String returns the key as ParseLeadKey reads it: the type, a colon, the value.
func (k LeadKey) String() string { return string(k.Type) + ":" + k.Value }

// Validate refuses what the service would: an empty value (20101), an unknown type
// (20102), and a KeyID that is not a number from 1 to 2147483647, since the schema has ids as xs:int.
// The error is an *ArgumentError.
// Every call that takes a key validates it.
func (k LeadKey) Validate() error {
	switch {
	case k == LeadKey{}:
		return &ArgumentError{"LeadKey", fmt.Errorf("is empty; name a lead, with LeadID or Email for instance")}
	case !k.Type.Valid():
		return &ArgumentError{"LeadKey.Type", fmt.Errorf("%q is not a key type; the key types are %s", k.Type, keyTypeList())}
	case strings.TrimSpace(k.Value) == "":
		return &ArgumentError{"LeadKey.Value", fmt.Errorf("is empty; the type %s needs a value", k.Type)}
	case k.Type == KeyID && !isLeadID(k.Value):
		return &ArgumentError{"LeadKey.Value", fmt.Errorf("%q is not a lead id, which is a number from 1 to %d", k.Value, math.MaxInt32)}
	}
	return nil
}

func keyTypeList() string {
	var b strings.Builder
	for i, t := range KeyTypes() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(t))
	}
	return b.String()
}

// isLeadID takes digits alone: no sign, no separators.
func isLeadID(s string) bool {
	n, err := strconv.ParseUint(s, 10, 31)
	return err == nil && n > 0
}

func (k LeadKey) wire() *gen.LeadKey {
	return &gen.LeadKey{KeyType: gen.LeadKeyRef(k.Type), KeyValue: k.Value}
}

// ParseLeadKey reads a key as people type it: a number is a lead id, an address is
// an e-mail address, and anything can be spelled out as TYPE:value with one of the
// key types in any letter case:
//
//	318815
//	a@b.example
//	COOKIE:id:100-AAA-000&token:_mch-b.example-1372890712966-47583
//
// White space around the key and around its value is dropped. The key returned is
// valid; an error is an *ArgumentError.
func ParseLeadKey(s string) (LeadKey, error) {
	k, err := splitLeadKey(strings.TrimSpace(s))
	if err != nil {
		return LeadKey{}, err
	}
	if err := k.Validate(); err != nil {
		return LeadKey{}, err
	}
	return k, nil
}

// splitLeadKey reads the short forms in which people write a key: a number is an id, a text with @ is an address, and
// every other key has its type in front of a colon.
func splitLeadKey(s string) (LeadKey, error) {
	name, value, typed := strings.Cut(s, ":")
	switch {
	case typed:
		return typedLeadKey(strings.TrimSpace(name), strings.TrimSpace(value))
	case strings.Contains(s, "@"):
		return Email(s), nil
	case s == "":
		return LeadKey{}, nil
	case strings.Trim(s, "+-0123456789") == "":
		return LeadKey{KeyID, s}, nil
	}
	return LeadKey{}, &ArgumentError{"lead key", fmt.Errorf(
		"%q is neither a number nor an address; write TYPE:value, where TYPE is one of %s", s, keyTypeList())}
}

// typedLeadKey reads a key whose type is named, in any letter case.
func typedLeadKey(name, value string) (LeadKey, error) {
	for _, t := range KeyTypes() {
		if strings.EqualFold(name, string(t)) {
			return LeadKey{t, value}, nil
		}
	}
	hint := ""
	// The value of a Munchkin cookie looks as if it had a type of its own.
	if strings.EqualFold(name, "id") && strings.Contains(value, "token:") {
		hint = "; write a cookie as COOKIE:id:…"
	}
	return LeadKey{}, &ArgumentError{"lead key", fmt.Errorf(
		"%q is not a key type; the key types are %s%s", name, keyTypeList(), hint)}
}
