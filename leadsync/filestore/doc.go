// Package filestore keeps copies in files: JSON lines, CSV or Parquet, in a directory.
//
//	store, err := filestore.Open(ctx, "leads", filestore.WithFormat(filestore.Parquet))
//	…
//	defer store.Close()
//
// # What is in the directory
//
//	manifest.json               which files are the copy
//	activities-000001.jsonl.gz  segments: rows, in files that never change
//	leads-000001.jsonl.gz
//	state.db                    the state of the copy, and which rows there are
//
// A segment is written under another name and then renamed, so whoever sees one sees all of it. Read the segments that the
// [Manifest] names, in its order, and ignore all other files. The manifest has their sizes and their SHA-256 in lower-case
// hex.
//
// An activity or a lead whose content has changed appears again in a later segment, and the later version counts. Two
// versions belong to one row if they have the same key, or for leads the same id. So the present content of the copy is,
// for each key, the version in the last segment that has the key; [Store.Activities] and [Store.Leads] yield only these.
//
// The column key of a row never changes, and no two rows have the same. An activity that was copied without a GUID keeps its
// key when a later version has a GUID, which is then in the column guid; the same holds for the rows of a copy of version 1.
// Activities then yields another Key than the segments have: the one by which the activity is found now. state.db has both
// (file_keys.published is that of the segments).
//
// # Columns
//
// They are those of the SQL tables, in all formats, in this order. Attributes are a JSON object,
// sorted by name; a name that repeats has an array of its values.
//
//	activities  key, lead_id, occurred_at, occurred_local, type, asset, campaign,
//	            attributes, id, guid, person, late, run, gone_at
//	leads       id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, gone_at
//
// gone_at is the time at which it was noticed that the service no longer has a record. A lead with gone_at remains a row of
// the copy. An activity does not: if its newest version has gone_at, skip it. Segments that version 1 of the manifest names
// do not have this column, and stay as they are.
//
// Records that could not be read are in the table sync_problems of state.db only.
//
// JSON lines have one object per line. A missing value is null.
//
// CSV is that of RFC 4180, with a header. Lines end in CRLF, while line breaks inside of values are kept as they are.
// attributes and person are JSON text. A missing value is empty.
//
// In Parquet occurred_at is a timestamp in microseconds, UTC; attributes and person have the logical type JSON; columns that
// may be missing are optional.
//
// # How a copy stays right
//
// What counts are the transactions of state.db. A commit writes the rows that are new or have changed into a temporary file,
// flushes it to the disk and renames it; then its transaction ends; then the manifest is replaced, also by renaming. If the
// process dies between the first two, the next [Open] removes the segment, as it does temporary files; if it dies between
// the last two, Open writes the manifest again. Open removes only files that have exactly the name of a segment or of a
// temporary file.
package filestore
