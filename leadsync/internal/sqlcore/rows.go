package sqlcore

import (
	"strings"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
)

// UpdateActivity continues an INSERT for a key that exists. A row with the same content is not written, so that
// reading again costs no writing and counts as no change. What only some endpoints or operations tell, such as the
// person, is never overwritten by nothing.
const UpdateActivity = `
	ON CONFLICT (key) DO UPDATE SET lead_id = excluded.lead_id, occurred_at = excluded.occurred_at,
		occurred_local = excluded.occurred_local, type = excluded.type, asset = excluded.asset, campaign = excluded.campaign,
		attributes = excluded.attributes, id = coalesce(excluded.id, activities.id), guid = coalesce(excluded.guid, activities.guid),
		person = coalesce(excluded.person, activities.person), run = excluded.run, digest = excluded.digest
	WHERE (activities.digest <> excluded.digest OR activities.person IS NULL AND excluded.person IS NOT NULL
		OR excluded.id IS NOT NULL AND activities.id IS DISTINCT FROM excluded.id
		OR excluded.guid IS NOT NULL AND activities.guid IS NULL)`

// SameActivity is added to UpdateActivity if the row may be another activity with the same id, time and type; then it
// is left alone and compared later.
const SameActivity = `
	AND (excluded.guid IS NOT NULL OR excluded.id IS NULL OR activities.digest = excluded.digest)`

// UpdateLead leaves a lead that says the same as it is.
const UpdateLead = `
	ON CONFLICT (id) DO UPDATE SET email = excluded.email, foreign_sys_person_id = excluded.foreign_sys_person_id,
		foreign_sys_type = excluded.foreign_sys_type, attributes = excluded.attributes, run = excluded.run, digest = excluded.digest,
		gone_at = NULL
	WHERE leads.digest <> excluded.digest OR leads.gone_at IS NOT NULL`

// ScanKnown scans key, whether there is a GUID, lead and digest, and then more columns.
func ScanKnown(scan func(...any) error, k *identity.Known, more ...any) error {
	var digest []byte
	err := scan(append([]any{&k.Key, &k.HasGUID, &k.Lead, &digest}, more...)...)
	copy(k.Digest[:], digest)
	return err
}

// OrNil returns value as an argument of a statement, or NULL unless it is there.
func OrNil[T any](value T, there bool) any {
	if !there {
		return nil
	}
	return value
}

// PersonText is the column person, null if nothing is known.
func PersonText(a *operations.Activity) any {
	text := columns.Person(a)
	return OrNil(string(text), text != nil)
}

// ArgsAtOnce keeps a statement below SQLite's limit of 32,766 arguments.
const ArgsAtOnce = 1000

// Lists repeats a text of an argument list n times.
func Lists(n int, one string) string { return strings.Repeat(one+`, `, n-1) + one }
