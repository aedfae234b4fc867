// Package doctor finds out what keeps calls of an instance from working, and which of the 23 operations do, by reads
// only. It looks, in order, at settings, endpoint, the way there, clock, credentials, quota, permissions and names.
//
//	report := doctor.Examine(ctx, &doctor.Subject{API: doctor.REST, Endpoint: endpoint, Bridge: b})
//	for _, c := range report.Checks { … }
//
// Where a check fails, those that depend on it are not made. Each check has a time of its own, so that a host that
// says nothing does not hold up the report.
//
// The package imports bridge, fault, gen, internal/httpcall, internal/safety and limits.
package doctor
