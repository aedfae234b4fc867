package sqlcore

import (
	"strings"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
)

// UpdateActivity leaves a row that says the same as it is. What only some endpoints and operations tell
// stays where it is known.
const UpdateActivity = `
	ON CONFLICT (key) DO UPDATE SET lead_id = excluded.lead_id, occurred_at = excluded.occurred_at,
		occurred_local = excluded.occurred_local, type = excluded.type, asset = excluded.asset, campaign = excluded.campaign,
		attributes = excluded.attributes, id = coalesce(excluded.id, activities.id), guid = coalesce(excluded.guid, activities.guid),
		person = coalesce(excluded.person, activities.person), run = excluded.run, digest = excluded.digest
	WHERE (activities.digest <> excluded.digest OR activities.person IS NULL AND excluded.person IS NOT NULL
		OR excluded.id IS NOT NULL AND activities.id IS DISTINCT FROM excluded.id
		OR excluded.guid IS NOT NULL AND activities.guid IS NULL)`

// SameActivity leaves a row alone that may be of another activity with the same id, time and type.
const SameActivity = `
	AND (excluded.guid IS NOT NULL OR excluded.id IS NULL OR activities.digest = excluded.digest)`

// UpdateLead leaves a lead that says the same as it is.
const UpdateLead = `
	ON CONFLICT (id) DO UPDATE SET email = excluded.email, foreign_sys_person_id = excluded.foreign_sys_person_id,
		foreign_sys_type = excluded.foreign_sys_type, attributes = excluded.attributes, run = excluded.run, digest = excluded.digest,
		gone_at = NULL
	WHERE leads.digest <> excluded.digest OR leads.gone_at IS NOT NULL`

// ScanKnown reads key, whether there is a GUID, lead and digest, and more columns.
func ScanKnown(scan func(...any) error, k *identity.Known, more ...any) error {
	var digest []byte
	err := scan(append([]any{&k.Key, &k.HasGUID, &k.Lead, &digest}, more...)...)
	copy(k.Digest[:], digest)
	return err
}

// OrNil is an argument that is null where there is nothing.
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
