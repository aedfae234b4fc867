// Package batch sends many records to the service in batches and reports what became of each one.
//
// It is shared by all commands that write: "lead sync", "list add", "campaign request", "object sync" and others.
// They differ in what a record is and in the operation that sends it; what they have in common is the part that
// matters to someone who has 10,000 rows and a bad connection. All input is checked before the first call. Each
// record ends with a status. When a batch fails, the records of that batch are told apart from those sent before it
// and those never sent, because only then can the user repeat exactly what is missing.
package batch
