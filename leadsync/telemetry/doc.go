// Package telemetry makes OpenTelemetry traces and metrics of the calls of a client, or of a bridge, and of the copying of
// package leadsync.
//
//	t, err := telemetry.New(tracerProvider, meterProvider)
//	…
//	c, err := client.New(endpoint, creds, client.WithInterceptors(t.Interceptor()))
//	…
//	report, err := leadsync.Run(ctx, &leadsync.Config{Port: c, Observer: t, …})
//
// A bridge to the REST API takes bridge.WithInterceptors(t.BridgeInterceptor()). A program without providers of its own gets them from [FromEnv].
//
// # Spans
//
//	mktows.OPERATION    a call with all of its attempts and waits, of kind client, such as
//	                    mktows.getLeadChanges: rpc.system.name, rpc.method, server.address,
//	                    server.port, http.response.status_code of the last attempt, mktows.attempts
//	METHOD PATH         a call of the REST API with all of its attempts and waits, of kind client, such as
//	                    GET /rest/v1/leads.json, with names in place of ids: rpc.method, the operation
//	                    that it is made for, http.request.method, url.template, server.address,
//	                    server.port, http.response.status_code and mktows.rest.code of the last
//	                    attempt, mktows.attempts
//	mktows.sync.window  a step of copying a window, the parent of its calls: mktows.sync.stream,
//	                    .run.id, .window.id, .window.from, .window.to, .window.leads (how many),
//	                    and at the end .calls, .pages and .rows.KIND
//
// A span of something that failed has error.type: the code of a fault, or a short name. For a fault it also has
// mktows.fault.code and mktows.fault.class.
//
// # Metrics
//
//	mktows.calls          calls, by rpc.method and mktows.outcome: ok, fault, canceled, error
//	mktows.call.duration  seconds with all attempts and waits, by the same
//	mktows.faults         calls that ended with a fault, by rpc.method and mktows.fault.code
//	                      (all three of a bridge by http.request.method and url.template, too)
//	mktows.sync.rows      rows, by mktows.sync.stream and mktows.sync.kind: seen, inserted,
//	                      updated, late, gone, unreadable; the late ones are among the inserted,
//	                      the gone ones are leads that the service no longer has
//	mktows.sync.lag       seconds from the last committed row to the present, by mktows.sync.stream
//	mktows.quota.left     calls that may still be made today
//
// A fault that was followed by a successful attempt does not count as a fault; mktows.attempts shows that it took more than
// one attempt.
//
// # What is not recorded
//
// Spans and metrics contain no data of leads, no lead keys, no user id, no secret key and no signature. The texts of errors
// may name leads, so only codes and classes of errors are recorded.
package telemetry
