// Package telemetry makes OpenTelemetry traces and metrics of a client's calls and of the
// copying of package leadsync.
//
//	t, err := telemetry.New(tracerProvider, meterProvider)
//	…
//	c, err := client.New(endpoint, creds, client.WithInterceptors(t.Interceptor()))
//	…
//	report, err := leadsync.Run(ctx, &leadsync.Config{Port: c, Observer: t, …})
//
// A program that has no providers of its own gets them by [FromEnv].
//
// # Spans
//
//	mktows.OPERATION    a call with all of its attempts and waits, of kind client, such as
//	                    mktows.getLeadChanges: rpc.system.name, rpc.method, server.address,
//	                    server.port, http.response.status_code of the last attempt, mktows.attempts
//	mktows.sync.window  a step of copying a window, the parent of its calls: mktows.sync.stream,
//	                    .run.id, .window.id, .window.from, .window.to, .window.leads (how many),
//	                    and at the end .calls, .pages and .rows.KIND
//
// Spans of what failed have error.type: the number of a fault or a short name; a fault has
// mktows.fault.code and mktows.fault.class too.
//
// # Metrics
//
//	mktows.calls          calls, by rpc.method and mktows.outcome: ok, fault, canceled, error
//	mktows.call.duration  seconds with all attempts and waits, by the same
//	mktows.faults         calls that ended with a fault, by rpc.method and mktows.fault.code
//	mktows.sync.rows      rows, by mktows.sync.stream and mktows.sync.kind: seen, inserted,
//	                      updated, late, gone, unreadable; the late ones are among the inserted,
//	                      the gone ones are leads that the service no longer has
//	mktows.sync.lag       seconds from the last committed row to the present, by mktows.sync.stream
//	mktows.quota.left     calls that may still be made today
//
// A fault that was followed by a successful attempt is no fault here; mktows.attempts shows it.
//
// # What is not in them
//
// No data of leads, no keys of leads, no user id, no key and no signature. Texts of errors may name
// leads: only codes and classes are recorded.
package telemetry
