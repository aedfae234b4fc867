package settings

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/profiles"
)

// VarProfile is the environment variable for the name of a profile.
const VarProfile = "MKTOWS_PROFILE"

// ProfilesHelp is the help topic "profiles".
const ProfilesHelp = `Whoever works with several instances keeps their settings in a file, each under a name:

  # ~/.config/mktows/config
  [default]
  rest-endpoint      = https://ACCOUNT.mktorest.com/rest
  client-id          = CLIENT_ID
  client-secret-file = ~/.config/mktows/client-secret

  [old]
  endpoint        = https://soap.example.com/soap/mktows/2_7
  user-id         = USER_ID
  secret-key-file = ~/.config/mktows/secret-key
  sync-to         = postgres://sync@db.example.com/crm
  sync-schema     = old

  mktows activity 318815 --profile old
  MKTOWS_PROFILE=old mktows sync status

--profile names one, or MKTOWS_PROFILE; without them it is [default], if there is one. A profile may
also have rest-names and partner-id. Each setting stands for the variable of that name: endpoint for
MKTOWS_ENDPOINT, secret-key-file for MKTOWS_SECRET_KEY_FILE.

A flag goes before a variable, and a variable before the profile, each setting by itself. Where a
variable goes before a setting of a profile that you have named, a line says so. --demo takes
nothing from a profile.

A secret has a file of its own, that only you can read (chmod 600), and its name stands here. A secret
or a password in this file is an error. Paths begin with / or ~/. A line is "setting = value", [NAME]
or a comment that begins with # or ;.

The file is $XDG_CONFIG_HOME/mktows/config or, if that is not set, ~/.config/mktows/config, and
%AppData%\mktows\config on Windows; MKTOWS_CONFIG names another one. "mktows profile path" prints where
it is, "mktows profile list" lists what is in it, "mktows profile show" tells which settings hold and
where each comes from.`

// BindProfile adds the flag --profile, unless another group of flags has added it.
func BindProfile(fs *pflag.FlagSet) {
	if fs.Lookup("profile") == nil {
		fs.String("profile", "", "take settings from the profile of this `NAME` (default: $"+VarProfile+`; see "mktows help profiles")`)
	}
}

// useProfile lets the settings of a profile stand for variables that are not set, for commands with the flag --profile.
func useProfile(a *console.Console, cmd *cobra.Command) error {
	flag := cmd.Flags().Lookup("profile")
	if flag == nil {
		return nil
	}
	if demo := cmd.Flags().Lookup("demo"); demo != nil && demo.Value.String() == "true" {
		if flag.Changed {
			return exit.Usagef("--demo has settings of its own: leave out --profile")
		}
		return nil
	}
	f, err := profiles.Read(cmd.Context(), a.Getenv)
	if err != nil {
		return err
	}
	warnWritable(a, f)
	p, err := ChosenProfile(a, f, flag.Value.String())
	if err != nil {
		return exit.AsSettings(fmt.Errorf("%s: %w", SourceOfFlag(a, flag.Value.String(), "--profile", VarProfile), err))
	}
	if p != nil {
		named := flag.Changed || a.Getenv(VarProfile) != ""
		overlay(a, f, p, named)
	}
	return nil
}

// ChosenProfile returns the profile of a name or, if that is empty, that of the environment, or the default one; nil: there is none of these.
func ChosenProfile(a *console.Console, f *profiles.File, name string) (*profiles.Profile, error) {
	if name = cmp.Or(name, a.Getenv(VarProfile)); name != "" {
		return f.Find(name)
	}
	for i := range f.Profiles {
		if f.Profiles[i].Name == profiles.Default {
			return &f.Profiles[i], nil
		}
	}
	return nil, nil //nolint:nilnil // see above
}

// overlay lets Getenv return the values of a profile for what the environment leaves out, and Origin where they are from. A secret is one
// setting, whether a variable holds it or names its file.
func overlay(a *console.Console, f *profiles.File, p *profiles.Profile, named bool) {
	getenv, values := a.Getenv, map[string]string{}
	a.Origins = map[string]string{}
	for _, v := range p.Values {
		before := v.Variable
		if getenv(before) == "" && v.Secret {
			before = v.Of()
		}
		if getenv(before) == "" {
			values[v.Variable], a.Origins[v.Variable] = v.Text, fmt.Sprintf("%s:%d (%s)", f.Path, v.Line, v.Name)
		} else if named {
			a.Complain(fmt.Sprintf("%s is set and goes before %s of the profile %s", before, v.Name, p.Name))
		}
	}
	a.Getenv = func(name string) string { return cmp.Or(getenv(name), values[name]) }
}

// NamesSetting returns where the file of names is named, or is to be named beside the endpoint of the REST API.
func NamesSetting(a *console.Console) string {
	if a.Getenv(VarRESTNames) == "" && a.Origins[VarRESTEndpoint] != "" {
		return VarRESTNames + ", or as rest-names in the profile"
	}
	return a.Origin(VarRESTNames)
}

// warnWritable warns of a file of profiles that others can write: they could have secrets sent to an endpoint of theirs.
func warnWritable(a *console.Console, f *profiles.File) {
	if f.Info != nil && f.Info.Mode().IsRegular() && f.Info.Mode().Perm()&0o002 != 0 && runtime.GOOS != "windows" {
		a.Warnf("%s, which says where secrets are sent, can be written by other users: chmod go-w %s", f.Path, output.ShellQuote(f.Path))
	}
}

// profileCompletion completes the names of profiles. A file that cannot be read has none.
func profileCompletion(a *console.Console) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var names []cobra.Completion
		if f, err := profiles.Read(cmd.Context(), a.Getenv); err == nil {
			for i := range f.Profiles {
				names = append(names, f.Profiles[i].Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// ProfileArgument completes an argument to the name of a profile.
func ProfileArgument(a *console.Console) cobra.CompletionFunc {
	complete := profileCompletion(a)
	return func(cmd *cobra.Command, args []string, text string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, text)
	}
}
