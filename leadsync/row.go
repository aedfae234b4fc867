package leadsync

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mktows/mktows-go/operations"
)

// Digest is a hash of what a row says: the first half of a SHA-256.
type Digest [16]byte

// String is the digest in lower-case hex.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ActivityRow is an activity as the copy has it.
type ActivityRow struct {
	operations.Activity
	// Key tells activities apart. It is the GUID where there is one. Without, it is made of
	// what the activity says: "id:" with the id and the Digest, or, where there is no id
	// either, "row:" with the Digest and the number of equal ones before it in the same
	// second, from 0. An id alone is no key: it may be missing, and since 2017 it may be
	// shared (Marketo SOAP API, getLeadActivity).
	Key string
	// Digest is of lead, time, type, asset, campaign, id, GUID and attributes; neither
	// the offset of the time nor the person's names count, nor the order of attributes of
	// different names.
	Digest Digest
}

// LeadRow is a lead as the copy has it. Its key is the id.
type LeadRow struct {
	operations.Lead
	// Digest is of all fields; the order of attributes of different names does not count.
	Digest Digest
	// GoneAt is when it was found that the service no longer has the lead, for example since it
	// was merged into another one; the zero time: it was there. Only rows of a copy have it.
	GoneAt time.Time
}

// NewLeadRow returns the row of a lead.
func NewLeadRow(l operations.Lead) LeadRow {
	l.Email, l.ForeignSysPersonID = storable(l.Email), storable(l.ForeignSysPersonID)
	l.ForeignSysType, l.Attributes = operations.ForeignSysType(storable(string(l.ForeignSysType))), storableAttributes(l.Attributes)
	return LeadRow{Lead: l, Digest: leadDigest(&l)}
}

// NewActivityRow returns the row of an activity that has equal ones before it in the same
// second: the number counts only where there is neither GUID nor id.
func NewActivityRow(a operations.Activity, equal int) ActivityRow {
	for _, text := range []*string{&a.GUID, &a.Type, &a.AssetName, &a.Campaign, &a.PersonName, &a.ForeignSysID, &a.OrgName, &a.ForeignSysOrgID} {
		*text = storable(*text)
	}
	a.Attributes = storableAttributes(a.Attributes)
	d := activityDigest(&a)
	return ActivityRow{Activity: a, Key: activityKey(&a, d, equal), Digest: d}
}

func activityKey(a *operations.Activity, d Digest, equal int) string {
	switch {
	case a.GUID != "":
		return a.GUID
	case a.HasID:
		return "id:" + strconv.FormatInt(a.ID, 10) + ":" + d.String()
	}
	return "row:" + d.String() + ":" + strconv.Itoa(equal)
}

// hasOwnKey reports whether equal activities need no counting.
func hasOwnKey(a *operations.Activity) bool { return a.GUID != "" || a.HasID }

func activityDigest(a *operations.Activity) Digest {
	b := make([]byte, 0, 512)
	b = binary.BigEndian.AppendUint64(b, uint64(a.LeadID))
	b = binary.BigEndian.AppendUint64(b, uint64(a.Time.Unix()))
	id := ""
	if a.HasID {
		id = strconv.FormatInt(a.ID, 10)
	}
	for _, text := range []string{a.Type, a.AssetName, a.Campaign, a.GUID, id} {
		b = appendText(b, text)
	}
	return sum(appendAttributes(b, a.Attributes))
}

func leadDigest(l *operations.Lead) Digest {
	b := make([]byte, 0, 1024)
	b = binary.BigEndian.AppendUint64(b, uint64(l.ID))
	for _, text := range []string{l.Email, l.ForeignSysPersonID, string(l.ForeignSysType)} {
		b = appendText(b, text)
	}
	return sum(appendAttributes(b, l.Attributes))
}

// appendAttributes appends them by name: databases do not keep the order of the names in
// a JSON object.
func appendAttributes(b []byte, attributes operations.Attributes) []byte {
	byName := func(x, y operations.Attribute) int { return cmp.Compare(x.Name, y.Name) }
	if !slices.IsSortedFunc(attributes, byName) {
		attributes = slices.Clone(attributes)
		slices.SortStableFunc(attributes, byName)
	}
	for i := range attributes {
		b = appendText(appendText(b, attributes[i].Name), attributes[i].Value)
	}
	return b
}

// appendText writes the length first, so that moving a boundary makes another digest.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func sum(b []byte) Digest {
	all := sha256.Sum256(b)
	return Digest(all[:16])
}

// storable is text that every destination takes and gives back: what is not UTF-8, and NUL, becomes
// U+FFFD. A port other than that of XML may have such.
func storable(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func storableAttributes(attributes operations.Attributes) operations.Attributes {
	for i, a := range attributes {
		name, value := storable(a.Name), storable(a.Value)
		if name != a.Name || value != a.Value {
			attributes = slices.Clone(attributes)
			attributes[i].Name, attributes[i].Value = name, value
		}
	}
	return attributes
}
