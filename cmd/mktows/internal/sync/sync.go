package sync

import (
	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

const syncLong = `Copy lead activity and leads into a database or into files, again and again, so that the
copy equals the source after any crash.

Each run goes on where the last one ended, reads the last two hours again for what the service
has stored late, and never writes a row twice.

` + targetHelp

const targetHelp = `--to says where the copy is:

  leads.db           a path: one SQLite file; one process at a time works on it
  postgres://…       PostgreSQL; any number of processes, on any machines, work on it together
  copy/              a folder, or any path with --format: files in segments, with a manifest

--schema keeps a copy in a schema of the PostgreSQL database, which is made if it is not there. Copies
in several schemas know nothing of each other. Without it the search path decides, that of the URL
(?search_path=sales) or of the user: mostly the schema public. MKTOWS_SYNC_SCHEMA is for the place
that MKTOWS_SYNC_TO names.

"mktows help time-zones", "mktows help positions" and "mktows help limits" are about the times of a copy,
how it goes on, and the calls that it takes.

MKTOWS_SYNC_TO is the place for it if the URL has a password: others on the machine see the
arguments of its processes. PGPASSWORD and ~/.pgpass are read too, as psql does.`

// Command makes "mktows sync" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("sync", "Copy lead activity and leads into a database or files", syncLong,
		syncRunCommand(a), syncPlanCommand(a), syncWorkerCommand(a),
		syncStatusCommand(a), syncVerifyCommand(a), syncResetCommand(a),
	)
}
