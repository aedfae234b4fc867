package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/server/inspector"
	"github.com/mktows/mktows-go/simulator"
)

// servedMock is the mock that the command serves: what its administration can change, and the endpoint in front of
// it.
type servedMock struct {
	admin.Mock

	endpoint http.Handler
}

// newServedMock builds the mock that the flags ask for. Everything shares one clock, which a scenario or the
// administration can move: data, limits and the check of signatures. The journal of calls is kept only if there is an
// administration to read it by.
func newServedMock(ctx context.Context, creds auth.Credentials, f *serveFlags, log *slog.Logger) (*servedMock, error) {
	scenario, err := readScenario(ctx, f.scenario)
	if err != nil {
		return nil, err
	}
	if f.demo && scenario.State != nil {
		return nil, exit.Usagef("--demo and the state of --scenario cannot be used together: each would replace the data of the other")
	}
	clock := new(admin.Clock)
	sim := simulator.New(simulator.WithClock(clock.Now), simulator.WithWorkspaces(scenario.Workspaces()...))
	m := &servedMock{Mock: admin.Mock{Simulator: sim, Rules: new(server.Rules), Clock: clock, Journal: new(admin.Journal)}}
	if err := scenario.Apply(sim, m.Rules, clock); err != nil {
		return nil, exit.Inputf("%s: %w", f.scenario, err)
	}
	if f.demo {
		if err := sim.LoadDemo(); err != nil {
			return nil, err
		}
	}
	opts := []server.Option{
		server.WithUsers(map[string]auth.Secret{creds.UserID: creds.Key}), server.WithLogger(log),
		server.WithRules(m.Rules), server.WithClock(clock.Now), server.WithSleep(clock.Sleep), server.WithLimits(scenario.Limits),
	}
	if scenario.LimitsPerUser {
		opts = append(opts, server.WithLimitsPerUser())
	}
	if f.admin != "" {
		opts = append(opts, server.WithJournal(m.Journal.Add))
	}
	m.endpoint, err = server.New(sim, opts...)
	if err == nil && f.rest {
		err = m.addREST(creds, scenario.Limits, f.admin != "", log)
	}
	if err != nil {
		return nil, err
	}
	if err := scenario.ApplySettings(sim, m.REST); err != nil {
		return nil, exit.Inputf("%s: %w", f.scenario, err)
	}
	return m, nil
}

// readScenario reads the file of --scenario. Without one the scenario is empty.
func readScenario(ctx context.Context, file string) (*admin.Scenario, error) {
	if file == "" {
		return new(admin.Scenario), nil
	}
	c, err := records.ReadAll(ctx, nil, file, records.MaxInput)
	if err != nil {
		return nil, err
	}
	if err := c.Problem(file, records.MaxInput); err != nil {
		return nil, exit.Inputf("--scenario: %w", err)
	}
	scenario, err := admin.ReadScenario(c.Text)
	if err != nil {
		return nil, exit.Inputf("%s: %w", file, err)
	}
	return scenario, nil
}

// listenAdmin opens the address of the administration; nil if there is none. The administration has no password, so
// it is refused on an address that other machines can reach, without a flag to allow it.
func listenAdmin(ctx context.Context, addr string) (net.Listener, error) {
	if addr == "" {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	return listen.Listen(ctx, "admin", addr, exit.Usagef("--admin: %s is open to other machines, and the administration has no password: give a loopback address such as 127.0.0.1:8081", addr))
}

// Serve serves the endpoint and, if there is one, the administration, until ctx ends or one of them fails. The
// failure of one ends the other: a mock that has lost one of its ports would make tests hang.
func (m *servedMock) Serve(ctx context.Context, ln, adminLn net.Listener, log *slog.Logger) error {
	if adminLn == nil {
		return listen.Serve(ctx, ln, m.endpoint, log)
	}
	handler, err := m.inspector(ln)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- listen.Serve(ctx, ln, m.endpoint, log) }()
	go func() { ended <- listen.Serve(ctx, adminLn, listen.EndingWith(ctx, handler), log) }()
	err = <-ended
	cancel()
	return errors.Join(err, <-ended)
}

// inspector returns the administration with its pages.
func (m *servedMock) inspector(ln net.Listener) (http.Handler, error) {
	api, err := admin.New(m.Mock)
	if err != nil {
		return nil, err
	}
	return inspector.New(api, inspector.Options{Title: "Mock of Marketo", Endpoint: listen.BaseURL(ln)})
}
