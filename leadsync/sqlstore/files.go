package sqlstore

import "database/sql"

// Durable makes each commit to a SQLite file wait until it is on the disk, so that a power
// failure undoes none. It is for those who keep rows elsewhere, with CommitWith. Without it, a
// power failure may undo the last commits, rows and state together.
func Durable() Option { return func(o *options) { o.durable = true } }

// Reader returns the connections that read beside the one of Queue.
func (s *SQLite) Reader() *sql.DB { return s.files.read }
