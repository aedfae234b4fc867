// Package report draws a copy made by leadsync as one HTML page: activity over time, by
// weekday and hour, by type and by lead, the health of the sync, and the timelines of some
// leads.
//
//	copy, err := report.Open(ctx, "leads.db")
//	…
//	defer copy.Close()
//	err = report.Write(ctx, file, copy, nil)
//
// The rows of a copy in files are read into a temporary database first, by the method Tables of package filestore; [FromDB] takes that.
//
// The page contains everything it needs and loads nothing, so it can be sent by mail and opened offline. All of it can be
// read without JavaScript; with JavaScript, timelines can be filtered. The same copy and the same options give the same
// bytes.
//
// Rows are counted by the database, or while they are read, and are never all in memory: memory grows with the number of
// activity types, not with that of rows.
package report
