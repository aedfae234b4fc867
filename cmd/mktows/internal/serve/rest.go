package serve

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/simulator/rest"
)

// addREST puts the REST API beside the SOAP API, over the same data and with the same rules, clock and
// limits. The REST client has the user id and the key of the SOAP API as its id and secret, so that users keep one
// pair.
func (m *servedMock) addREST(creds auth.Credentials, l limits.Limits, journal bool, log *slog.Logger) error {
	opts := []rest.Option{
		rest.WithClient(creds.UserID, creds.Key), rest.WithRules(m.Rules), rest.WithSleep(m.Clock.Sleep), rest.WithLimits(l),
		rest.WithJournal(func(e endpoint.Exchange) {
			if journal {
				m.Journal.Add(e)
			}
			logREST(log, &e)
		}),
	}
	api, err := rest.New(m.Simulator, opts...)
	if err != nil {
		return err
	}
	m.REST, m.endpoint = api, api.Beside(m.endpoint)
	return nil
}

// logREST logs a call of the REST API as the endpoint logs those of the SOAP API.
func logREST(log *slog.Logger, e *endpoint.Exchange) {
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

// announceREST adds where the REST API is and what sets a client up. The secret is told only if it is the public
// placeholder.
func announceREST(n *listen.Announcement, base string, creds auth.Credentials, fromEnv bool) {
	withheld := ""
	if fromEnv {
		withheld = settings.VarSecretKey + " of this server's environment"
	}
	n.REST(base+"/rest", "REST API: below "+base+"/rest, /bulk and /identity")
	n.Export(settings.VarRESTEndpoint, base+"/rest")
	n.Export(settings.VarClientID, creds.UserID)
	n.Secret(settings.VarClientSecret, demo.Key, withheld)
}
