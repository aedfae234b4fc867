// Package record holds what a simulator is filled with and what a snapshot of it gives:
// leads, activities, lists, programs, campaigns and objects, as plain data with a readable
// JSON form. What is empty is left out of it.
//
// Package simulator has a name for each type, so that a program rarely imports this one. It
// stands by itself because the simulator's tables use the same types.
//
// Times are xs:dateTime with an offset. One in UTC, with Z, is shown in US Central time,
// the service's own; any other offset is kept. Where a record is added, a missing id means
// the next free one, and a missing time now, by the simulator's clock.
//
// The package imports gen.
package record
