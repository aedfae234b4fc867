// Package quota keeps calls within the limits of the service, for all workers that share a database: 100 calls in 20
// seconds, 10 at the same time, and so many on a day that turns at midnight US Central (Marketo SOAP API, limits).
//
// A [Keeper] has the calls in its database, so that a crash forgets none. A worker says with Keeper.Heartbeat that it
// lives; the calls of one that has died are freed. [Keeper.Limiter] returns what a client waits for before each
// call; [Limited] puts it before a port that makes one attempt for a call.
//
// The package knows neither streams nor windows. It may import fault, gen and limits.
package quota
