package serve

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator/rest"
)

// addREST puts the REST API beside the endpoint, over the same data. Its client has the user id and
// the key of the SOAP API, so that there is one pair to keep.
func (m *servedMock) addREST(creds auth.Credentials, limits *server.Limits, journal bool, log *slog.Logger) error {
	opts := []rest.Option{
		rest.WithClient(creds.UserID, creds.Key), rest.WithRules(m.Rules), rest.WithSleep(m.Clock.Sleep),
		rest.WithJournal(func(e server.Exchange) {
			if journal {
				m.Journal.Add(e)
			}
			logREST(log, &e)
		}),
	}
	if limits != nil {
		opts = append(opts, rest.WithLimits(*limits))
	}
	api, err := rest.New(m.Simulator, opts...)
	if err != nil {
		return err
	}
	m.REST, m.endpoint = api, api.Beside(m.endpoint)
	return nil
}

// logREST logs a call of the REST API as the endpoint logs those of the SOAP API.
func logREST(log *slog.Logger, e *server.Exchange) {
	attrs := []slog.Attr{
		slog.String("op", cmp.Or(e.Operation, e.Path)), slog.String("user", e.UserID), slog.Int("status", e.Status), slog.Duration("duration", e.Duration),
	}
	if e.Fault != nil && e.Fault.Code != 0 {
		attrs = append(attrs, slog.Int("code", int(e.Fault.Code)))
	}
	if e.Scripted {
		attrs = append(attrs, slog.Bool("scripted", true), slog.String("drop", e.Drop.String()))
	}
	level := slog.LevelInfo
	if e.Err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.Any("error", e.Err))
	}
	log.LogAttrs(context.Background(), level, "call", attrs...)
}

// announceREST prints where the REST API is, as shell commands too.
func announceREST(a *console.Console, base string, creds auth.Credentials, fromEnv bool) error {
	secret := "export MKTOWS_CLIENT_SECRET=" + demo.Key
	if fromEnv {
		secret = "# MKTOWS_CLIENT_SECRET is " + settings.VarSecretKey + " of this server's environment"
	}
	return output.Printf(a.Stdout, "# REST API: below %s/rest, /bulk and /identity\nexport MKTOWS_REST_ENDPOINT=%s\nexport MKTOWS_CLIENT_ID=%s\n%s\n",
		base, base, output.ShellQuote(creds.UserID), secret)
}
