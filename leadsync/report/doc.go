// Package report draws a copy made by leadsync as one HTML page: activity over time, by
// weekday and hour, by type and by lead, the health of the sync, and the timelines of some
// leads.
//
//	copy, err := report.Open(ctx, "leads.db")
//	…
//	defer copy.Close()
//	err = report.Write(ctx, file, copy, nil)
//
// The page holds everything it needs and loads nothing. Without JavaScript all of it can
// be read; with it, timelines can be filtered. The same copy and the same options give
// the same bytes.
//
// The rows are counted as they are read, by the database or on the way: memory grows with
// the number of types, not with that of rows.
package report
