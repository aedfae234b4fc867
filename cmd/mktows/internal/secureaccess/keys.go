package secureaccess

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/auth/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

func secretsFlag(fs *pflag.FlagSet, path *string) {
	fs.StringVar(path, "secrets", "", "`FILE` of access keys and secrets, in place of the variables")
	settings.FileValue(fs, "secrets")
}

// accessKeys returns the access key and secret of the app, or the two between which it changes: from the file at path,
// or from the environment like the credentials of the SOAP API if path is empty.
func accessKeys(ctx context.Context, a *console.Console, path string) (*secureaccess.Keyring, error) {
	if path == "" {
		return keysFromEnvironment(ctx, a)
	}
	for _, name := range []string{VarAccessSecret, VarAccessSecret + "_FILE"} {
		if a.Getenv(name) != "" { // one of them is probably outdated, and nobody can tell which
			return nil, exit.Settingsf("both --secrets and %s are given: leave one out", name)
		}
	}
	text, err := readPrivate(ctx, a, "secrets", path)
	if err != nil {
		return nil, err
	}
	keys, err := secureaccess.ReadKeyring(path, bytes.NewReader(text))
	if err != nil {
		return nil, exit.Inputf("--secrets: %w", fileProblem(err))
	}
	return keys, nil
}

func keysFromEnvironment(ctx context.Context, a *console.Console) (*secureaccess.Keyring, error) {
	secret, err := settings.ReadSecret(ctx, a, VarAccessSecret)
	if err != nil {
		return nil, err
	}
	key := a.Getenv(VarAccessKey)
	var missing []string
	if key == "" {
		missing = append(missing, VarAccessKey)
	}
	if secret.IsZero() {
		missing = append(missing, VarAccessSecret+" (or "+VarAccessSecret+"_FILE)")
	}
	if len(missing) > 0 {
		return nil, exit.Settingsf("not set: %s\ntake them from Marketo's Admin > Mobile Apps & Devices", strings.Join(missing, ", "))
	}
	keys, err := secureaccess.NewKeyring(secureaccess.Pair{AccessKey: key, Secret: secret})
	if err != nil {
		sources := map[string]string{"access key": VarAccessKey, "access secret": settings.SourceOf(a, VarAccessSecret)}
		return nil, exit.AsSettings(settings.InWords(err, func(err error) error {
			var field *secureaccess.FieldError
			if !errors.As(err, &field) {
				return nil
			}
			return settings.FieldProblem(sources[field.Field], field.Field, field.Problem)
		}))
	}
	return keys, nil
}

// follow keeps the keys at what their file says, in the background. The function that it returns ends that.
func follow(ctx context.Context, a *console.Console, f *accessServeFlags, keys *secureaccess.Keyring, log *slog.Logger) (end func()) {
	if !f.verbose { // a change of the secret is told in any case
		log = slog.New(slog.NewTextHandler(a.Stderr, nil))
	}
	ctx, cancel := context.WithCancel(ctx)
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		keys.Follow(ctx, f.secrets, hangUps, log)
	}()
	return func() {
		signal.Stop(hangUps)
		cancel()
		<-ended
	}
}
