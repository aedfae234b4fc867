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
// Segments appear complete, by rename. Read those that the [Manifest] names, in its order;
// files that it does not name do not count. It has their sizes and their SHA-256, in lower-case
// hex.
//
// An activity or a lead whose content has changed appears again in a later segment, and
// the later one counts. Rows are the same if their column key is, for leads their id. So the
// newest versions are those with the greatest segment for each key; [Store.Activities] and
// [Store.Leads] yield only these.
//
// The column key of a row never changes, and no two rows have the same. An activity that was copied without a GUID keeps
// its key when a later version has one, in the column guid; so do those that a copy of
// version 1 has. What Activities gives as Key is then another: what the activity is known by now, which
// state.db has with the key of the segments (file_keys.published).
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
// gone_at is when it was found that the service no longer has a row. A lead stays in the copy
// with it. An activity does not: where its newest version has gone_at, pass over it. Segments that
// version 1 of the manifest names do not have the column, and stay as they are.
//
// Records that could not be read are in table sync_problems of state.db only.
//
// JSON lines have an object a line. What is missing is null.
//
// CSV is that of RFC 4180, with a header; lines end in CRLF, while values keep the ends of
// lines that they have. attributes and person are JSON text. What is missing is empty.
//
// In Parquet occurred_at is a timestamp in microseconds, UTC; attributes and person have the
// logical type JSON; what may be missing is optional.
//
// # How a copy stays right
//
// The transactions of state.db decide. A commit writes the rows that are new or have
// changed into a temporary file, brings it to the disk and renames it; then its
// transaction ends, and then the manifest is replaced, by rename too. A segment that was renamed
// without a commit is removed by the next [Open], as temporary files are; the manifest is
// made anew if it is behind. Open removes nothing that does not have exactly the name of
// such a file.
package filestore
