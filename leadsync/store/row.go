package store

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
	// Key identifies the row. It is made of what does not change: the GUID; without a GUID, id, time and type (see
	// [RecordKey]); without an id either, "row:" with the Digest and the number of equal activities before this one in
	// the same second, from 0. The lead, the asset and the
	// campaign are not part of it where that can be helped: merging leads or renaming an asset changes them.
	//
	// An id alone is not a key: since 2017 it may be missing or shared (Marketo SOAP API, getLeadActivity).
	// Activities that share even id, time and type have the same key when they are read, and
	// the Store tells them apart; see [Store.Commit].
	Key string
	// Digest is of lead, time, type, asset, campaign and attributes. It says whether two
	// records say the same, whatever they are known by: neither id nor GUID count, which an endpoint
	// may leave out, nor the offset of the time, the person's names and the order of
	// attributes of different names.
	Digest Digest
	// Merged are the leads that were merged into the lead of this activity, as far as that lead's history, which the
	// stream LeadActivity reads, tells so. A row of one of them may be an earlier version of this one. Merged is a hint
	// for Commit only and is not stored.
	Merged []int64
}

// LeadRow is a lead as the copy has it. Its key is the id.
type LeadRow struct {
	operations.Lead
	// Digest is of all fields; the order of attributes of different names does not count.
	Digest Digest
	// GoneAt is when it was noticed that the service no longer has the lead, for example because it was merged into
	// another one. The zero time means that the service had it when it was last asked. Only rows read from a copy
	// have it.
	GoneAt time.Time
}

// NewLeadRow returns the row of a lead.
func NewLeadRow(l operations.Lead) LeadRow {
	l.Email, l.ForeignSysPersonID = Storable(l.Email), Storable(l.ForeignSysPersonID)
	l.ForeignSysType, l.Attributes = operations.ForeignSysType(Storable(string(l.ForeignSysType))), storableAttributes(l.Attributes)
	return LeadRow{Lead: l, Digest: leadDigest(&l)}
}

// NewActivityRow returns the row of an activity. equal is how many equal activities came before it in the same second;
// it matters only for an activity that has neither GUID nor id.
func NewActivityRow(a operations.Activity, equal int) ActivityRow {
	for _, text := range []*string{&a.GUID, &a.Type, &a.AssetName, &a.Campaign, &a.PersonName, &a.ForeignSysID, &a.OrgName, &a.ForeignSysOrgID} {
		*text = Storable(*text)
	}
	a.Attributes = storableAttributes(a.Attributes)
	d := activityDigest(&a)
	return ActivityRow{Activity: a, Key: activityKey(&a, d, equal), Digest: d}
}

// Beginnings of keys that are no GUIDs.
const (
	recordPrefix = "id:"
	rowPrefix    = "row:"
	guidPrefix   = "guid:"
)

// maxKeyPart is how long a GUID or a type in a key may be: databases bound what they index.
const maxKeyPart = 255

// NumberAmongEqual sets the key of a row that has neither GUID nor id: equal is how many equal rows come before it in
// the same second. Equal rows are counted by their Digest, which is known only once the row has been made; hence two
// steps.
func (r *ActivityRow) NumberAmongEqual(equal int) { r.Key = activityKey(&r.Activity, r.Digest, equal) }

func activityKey(a *operations.Activity, d Digest, equal int) string {
	switch {
	case a.GUID != "":
		return guidKey(a.GUID)
	case a.HasID:
		return RecordKey(a, 1)
	}
	return rowPrefix + d.String() + ":" + strconv.Itoa(equal)
}

// guidKey is the GUID itself, unless it is too long or could be taken for another kind of key.
func guidKey(guid string) string {
	for _, prefix := range []string{recordPrefix, rowPrefix, guidPrefix} {
		if strings.HasPrefix(guid, prefix) {
			return guidPrefix + sum([]byte(guid)).String()
		}
	}
	return bounded(guidPrefix, guid)
}

// RecordKey is the key of an activity with an id and without a GUID: "id:", the id, the Unix time and the type. Records
// that say different things may share all three; then the second one has "#2" after the time, the third "#3", and so on.
func RecordKey(a *operations.Activity, n int) string {
	key := recordPrefix + strconv.FormatInt(a.ID, 10) + ":" + strconv.FormatInt(a.Time.Unix(), 10)
	if n > 1 {
		key += "#" + strconv.Itoa(n)
	}
	return key + ":" + bounded("", a.Type)
}

// bounded returns text, or its digest after a prefix if it is too long for a key.
func bounded(prefix, text string) string {
	if len(text) <= maxKeyPart {
		return text
	}
	return prefix + sum([]byte(text)).String()
}

// HasOwnKey reports whether an activity has a GUID or an id. Equal activities that have neither can only be told apart by
// counting them.
func HasOwnKey(a *operations.Activity) bool { return a.GUID != "" || a.HasID }

// activityDigest hashes what an activity says. Each text is preceded by its length (appendText), as otherwise two
// activities whose texts are divided differently would have one digest.
func activityDigest(a *operations.Activity) Digest {
	b := make([]byte, 0, 512)
	b = binary.BigEndian.AppendUint64(b, uint64(a.LeadID))
	b = binary.BigEndian.AppendUint64(b, uint64(a.Time.Unix()))
	// The last two once were GUID and id. Their places are kept, empty: the digests in the keys of rows
	// that have neither are in the databases of users.
	for _, text := range []string{a.Type, a.AssetName, a.Campaign, "", ""} {
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

// Storable is text that every destination takes and gives back: what is not UTF-8, and NUL, becomes
// U+FFFD. A port other than that of XML may have such.
func Storable(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// storableAttributes makes all names and values storable. The slice is cloned only if something has to change, which
// is rare: it belongs to the caller.
func storableAttributes(attributes operations.Attributes) operations.Attributes {
	for i, a := range attributes {
		name, value := Storable(a.Name), Storable(a.Value)
		if name != a.Name || value != a.Value {
			attributes = slices.Clone(attributes)
			attributes[i].Name, attributes[i].Value = name, value
		}
	}
	return attributes
}
