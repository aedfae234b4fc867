package profile

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/profiles"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// Command makes "mktows profile" and what it groups.
func Command(a *console.Console) *cobra.Command {
	cmd := settings.Group("profile", "List and show profiles, the settings of several instances",
		`List and show profiles, the settings of several instances. They are written with an editor, into a file
that "mktows profile path" names; "mktows help profiles" shows one. --profile or MKTOWS_PROFILE chooses one.`,
		listCommand(a), showCommand(a), pathCommand(a))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := settings.ShowHelp(cmd, args)
		if err == nil || len(cmd.SuggestionsFor(args[0])) > 0 {
			return err
		}
		return exit.AsUsage(fmt.Errorf("%q is not a command of %s: %s", args[0], cmd.CommandPath(), elsewhere(a, args[0])))
	}
	return cmd
}

// elsewhere says how that is done which a command is missed for.
func elsewhere(a *console.Console, name string) string {
	if name == "use" || name == "switch" || name == "default" {
		return "--profile NAME or " + settings.VarProfile + " chooses a profile, and [" + profiles.Default + "] is the one that is taken without them"
	}
	return "profiles are written with an editor, into " + place(a) + `; "mktows help profiles" shows one`
}

// place returns where the file of profiles is, in words where that is not known.
func place(a *console.Console) string {
	if path, _ := profiles.Path(a.Getenv); path != "" {
		return output.Visible(path)
	}
	return "the file that " + profiles.VarConfig + " names"
}

func pathCommand(a *console.Console) *cobra.Command {
	return &cobra.Command{
		Use:     "path",
		Short:   "Print where the file of profiles is",
		Long:    "Print where the file of profiles is, or would be.",
		Example: "  mktows profile path\n  \"${EDITOR:-vi}\" \"$(mktows profile path)\"",
		Args:    settings.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path, _ := profiles.Path(a.Getenv)
			if path == "" {
				return exit.Settingsf("neither XDG_CONFIG_HOME nor HOME is set, so there is no usual place: set %s to a file", profiles.VarConfig)
			}
			return output.Printf(a.Stdout, "%s\n", path)
		},
	}
}

// listed is a profile as list shows it.
type listed struct {
	Name     string `json:"name"`
	Chosen   bool   `json:"chosen"`
	API      string `json:"api"`
	Endpoint string `json:"endpoint"`
	Line     int    `json:"line"`
}

func listCommand(a *console.Console) *cobra.Command {
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the profiles",
		Long:    "List the profiles, in the order of the file. An asterisk marks the one that commands take without\n--profile.",
		Example: "  mktows profile list\n  mktows profile list -o json",
		Args:    settings.FlagsOnly(out.Check),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := profiles.Read(cmd.Context(), a.Getenv)
			if err != nil {
				return err
			}
			chosen, _ := settings.ChosenProfile(a, f, "") // one that is not there is not in the list
			var all []listed
			for i := range f.Profiles {
				p := &f.Profiles[i]
				l := listed{Name: p.Name, Chosen: p == chosen, Line: p.Line}
				l.API, l.Endpoint = calls(p)
				all = append(all, l)
			}
			return output.All(all, output.NewListing(a.Stdout, &out, listShape(f)))
		},
	}
	out.Bind(cmd.Flags())
	return cmd
}

// calls returns which API commands call with a profile, and where. The REST API goes first, as in package settings.
func calls(p *profiles.Profile) (api, endpoint string) {
	for _, v := range p.Values {
		switch {
		case v.Variable == settings.VarRESTEndpoint:
			return "REST", v.Text
		case v.Variable == settings.VarEndpoint:
			api, endpoint = "SOAP", v.Text
		}
	}
	return api, endpoint
}

func listShape(f *profiles.File) output.Shape[listed] {
	return output.Shape[listed]{
		Columns: []output.Column{{Title: "PROFILE", Weight: 1}, {Title: ""}, {Title: "API"}, {Title: "ENDPOINT", Weight: 3}},
		Cells: func(l *listed) []string {
			return []string{l.Name, map[bool]string{true: "*"}[l.Chosen], l.API, l.Endpoint}
		},
		Header: []string{"name", "chosen", "api", "endpoint", "line"},
		Row: func(l *listed) []string {
			return []string{l.Name, strconv.FormatBool(l.Chosen), l.API, l.Endpoint, strconv.Itoa(l.Line)}
		},
		Json: func(l *listed) any { return l },
		Total: func(n int) string {
			switch {
			case f.Path == "":
				return "no profiles: neither XDG_CONFIG_HOME nor HOME is set"
			case f.Info == nil:
				return "no profiles: there is no file " + output.Visible(f.Path)
			}
			return output.Plural(n, "profile") + " in " + output.Visible(f.Path)
		},
	}
}

// shown is a setting as show tells it.
type shown struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	From    string `json:"from"`
}

func showCommand(a *console.Console) *cobra.Command {
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:   "show [NAME]",
		Short: "Tell which settings hold, and where each comes from",
		Long: `Tell which settings hold with the profile NAME or, without NAME, with the one that commands take, and
where each comes from: an environment variable, which goes first, or a line of the file of profiles.
Of secrets it tells the file that holds them, and reads none.`,
		Example:           "  mktows profile show\n  mktows profile show staging -o json",
		ValidArgsFunction: settings.ProfileArgument(a),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exit.Usagef("name one profile at most, got %d", len(args))
			}
			return out.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), a, &out, append(args, "")[0])
		},
	}
	out.Bind(cmd.Flags())
	return cmd
}

func show(ctx context.Context, a *console.Console, out *output.FormFlags, name string) error {
	f, err := profiles.Read(ctx, a.Getenv)
	if err != nil {
		return err
	}
	p, err := settings.ChosenProfile(a, f, name)
	if err != nil {
		return err
	}
	total := "no profile is chosen in " + output.Visible(f.Path)
	switch {
	case p == nil && f.Path == "":
		p, total = &profiles.Profile{}, "no profiles: neither XDG_CONFIG_HOME nor HOME is set"
	case p == nil && f.Info == nil:
		p, total = &profiles.Profile{}, "no profiles: there is no file "+output.Visible(f.Path)
	case p == nil:
		p = &profiles.Profile{}
	default:
		total = fmt.Sprintf("profile %s in %s", p.Name, output.Visible(f.Path))
	}
	var all []shown
	for _, m := range profiles.Members() {
		if s := held(a, f, p, m); s != nil {
			all = append(all, *s)
		}
	}
	return output.All(all, output.NewListing(a.Stdout, out, showShape(total)))
}

// held returns the setting of a member as it holds; nil: it is not set.
func held(a *console.Console, f *profiles.File, p *profiles.Profile, m profiles.Member) *shown {
	if m.Secret && a.Getenv(m.Of()) != "" {
		return &shown{strings.TrimSuffix(m.Name, "-file"), "(not shown)", m.Of()}
	}
	if value := a.Getenv(m.Variable); value != "" {
		return &shown{m.Name, settings.WithoutPassword(value), m.Variable}
	}
	for _, v := range p.Values {
		if v.Name == m.Name {
			return &shown{m.Name, v.Text, fmt.Sprintf("%s:%d", f.Path, v.Line)}
		}
	}
	return nil
}

func showShape(total string) output.Shape[shown] {
	return output.Shape[shown]{
		Columns: []output.Column{{Title: "SETTING"}, {Title: "VALUE", Weight: 2}, {Title: "FROM", Weight: 1}},
		Cells:   func(s *shown) []string { return []string{s.Setting, s.Value, s.From} },
		Header:  []string{"setting", "value", "from"},
		Row:     func(s *shown) []string { return []string{s.Setting, s.Value, s.From} },
		Json:    func(s *shown) any { return s },
		Total: func(n int) string {
			return cmp.Or(map[bool]string{true: "no settings"}[n == 0], output.Plural(n, "setting")) + "; " + total
		},
	}
}
