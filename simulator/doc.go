// Package simulator is an implementation of [gen.Port] in memory: a small Marketo
// for tests and demonstrations. Hand it to package server to get a SOAP endpoint, or
// to anything else that takes a gen.Port.
//
//	sim := simulator.New()
//	_, err := sim.AddLead(simulator.Lead{
//		Email: "lead@example.com",
//		Activities: []simulator.Activity{
//			{Type: "VisitWebpage", AssetName: "Pricing"},
//		},
//	})
//
// It answers all 23 operations, and what one writes the others see: a syncLead makes
// activities that getLeadActivity and getLeadChanges show, an importToList goes on by the
// simulator's clock. What a test begins with is put in by calls such as
// [Simulator.AddLead], [Simulator.AddList] and [Simulator.AddField]; what a program has
// written is looked up by [Simulator.Lead] and [Simulator.Lists]. [Simulator.Snapshot] gives
// all of it as plain data with a readable JSON form, and [Simulator.Load] takes it. Times in
// records are texts, xs:dateTime with an offset: [At] makes one.
//
// Answers have the form of the service's published samples and do not change between
// runs: what is random is off unless an option asks for it, and then comes from a seed
// that can be given.
//
// A Simulator holds a million activities in a few hundred megabytes, and a page costs
// the same wherever it lies. It is safe for concurrent use.
//
// Where the documentation is silent the simulator decides, and says so at the
// declaration that is concerned: [Lead] (which lead an ambiguous key means) and the
// method of each operation.
//
// Package rest puts the REST API over the same tables: see [Simulator.Instance].
//
// Below the package, internal/soap reads requests and writes answers, internal/instance owns
// the lock and the clock, and each table is a package of its own: leads, activity, lists,
// programs, campaigns, objects, customobjects and imports. They share the types of package
// record.
//
// The package imports gen.
package simulator
