package root

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// helpTopics are commands that do nothing: cobra lists them as topics for help.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "settings", Short: "Where settings come from", Long: settings.Help},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exit.Help},
		{Use: "activity-types", Short: "The values of --type and --exclude", Long: activityTypesHelp()},
	}
}

const otherTypesHelp = `The service has more types, and customers define their own. With --type, "mktows changes" and
"mktows sync" take the name of any type, "mktows activity" the types above only; so does --exclude.`

// activityTypesHelp lists the types that the service's filter knows, from the same table that flags are checked
// against, so that the help cannot fall behind it.
func activityTypesHelp() string {
	var b strings.Builder
	b.WriteString("The types that the service's filter by type knows. Either spelling will do, in any letter case.\n\n")
	values := output.Column{Title: "VALUE"}
	names := output.Column{Title: "NAME"}
	for _, t := range operations.ActivityTypes() {
		values.Cells = append(values.Cells, "  "+string(t))
		names.Cells = append(names.Cells, t.Name())
	}
	values.Title = "  " + values.Title
	_ = output.WriteTable(&b, 100, []output.Column{values, names}) // a Builder takes everything
	b.WriteString("\n" + otherTypesHelp)
	return b.String()
}
