// Package client calls the Marketo SOAP API over HTTP: it is the [gen.Port] that talks
// to a server.
//
//	c, err := client.New("https://ACCOUNT.mktoapi.com/soap/mktows/2_7", auth.Credentials{
//		UserID: "example_user",
//		Key:    auth.NewSecret("example-key"),
//	})
//	…
//	answer, err := c.GetLead(ctx, &gen.ParamsGetLead{
//		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"},
//	})
//
// Package operations has friendlier calls over any Port, this one included. A client
// reads no environment. Where limits are kept, each attempt has a goroutine, which outlives the
// call only if that was given up; see Limits below.
//
// # What happens to a call
//
// From the outside in: the interceptors; the loop of attempts; the limits of the
// service, where an attempt waits for its turn; the signature, made anew for each attempt
// after all waiting; the exchange over HTTP. Every wait ends with the context.
//
// An envelope that is ready but for its signature goes the same way: see [Client.Do].
//
// # Errors
//
// Every error is a [fault.OpError] and holds what package fault describes. Faults have the
// types of their classes; an answer that is no SOAP envelope is a [fault.StatusError], one
// that cannot be read a [fault.DecodeError]. When the context has ended, the error
// matches its error and its cause, whatever else happened.
//
// # Repeating a call
//
// A call is repeated where [fault.Retryable] says that it helps and may be done, within the
// bounds of the [RetryPolicy] and the context's deadline: if the next wait would pass
// the deadline, the last error is returned at once. An expired request (20016) is signed
// again once, by the server's clock if the header Date of the answer shows another time than the
// client's. The client keeps to that clock if the service takes the signature. If it is refused
// too, the date was wrong, as a proxy's may be, and is forgotten: the next call is signed by
// the client's own clock.
//
// What may be done depends on the operation and, for some writes, on the request. A write is
// idempotent if the second time leaves everything as the first one did, finds what that made by
// a key which one record has at most, and reports as done what that did:
//
//   - read-only: all get, list and describe operations, and listOperation that asks for
//     members;
//   - idempotent: other listOperation; syncLead where the record has an Id
//     or a ForeignSysPersonId, and syncMultipleLeads where all have and dedupEnabled is not
//     false; UPDATE of objects, UPSERT of objects that all have an Id, both without a
//     cost that has no Id; UPDATE and UPSERT of custom objects;
//   - not idempotent: all other writes. A sync by Email alone is one of them, and an UPSERT of
//     objects by external key: several may share it, and what a first attempt is just making
//     may not be found by a second one. So are the deletions: what is gone already may be
//     reported as failed.
//
// When a write was sent and its answer is lost, and it is not repeated or no repetition gets
// an answer, the error is a [fault.UnknownOutcomeError]: the service may have
// carried it out. A write that surely did not arrive, for example because the connection
// was refused, is repeated like a read.
//
// # Limits
//
// All clients of a process that call the same host as the same user share one count of
// calls; see [WithLimits]. It is process-wide because the service counts that way. Other
// programs are not seen: on 20023 and 20024 the client waits and repeats the call.
//
// A call that was cancelled or timed out returns at once, but the service may go on with it.
// So its connection stays open and its place taken until the answer has come to its end, the server
// closes the connection, or a minute and a half have passed, the longest that an answer has been
// reported to take. A call that found no connection frees its place at once. With [WithoutLimits] there is no place to keep: the connection is closed.
//
// [WithLimiter] puts a limiter of one's own in the place of that count, such as one that
// workers on many machines share. Every attempt goes through it, repetitions included.
//
// The daily quota is not counted here, since the count of one process says little about the
// instance's: the service answers 20015, a [fault.QuotaError].
//
// # Clock
//
// [Client.ServerTime] tells the time by the server's clock, as its answers bear it: what a
// program reads up to "now" has to end there and not at the clock of its own machine.
//
// # Imports
//
// The package imports gen, auth, fault, limits, internal/envelope, internal/httpcall, internal/soapxml,
// internal/safety, internal/limit, cenkalti/backoff and the standard library.
package client
