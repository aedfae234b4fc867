package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
	"github.com/mktows/mktows-go/leadsync/store"
)

// varStateDirectory is where a service may keep what it has to remember (systemd.exec, StateDirectory); of several the first one counts.
const varStateDirectory = "STATE_DIRECTORY"

// openTimeout is how long the state may take to be opened.
const openTimeout = 30 * time.Second

// statePlace returns where the state is kept: a path or a URL; empty: in memory. Chosen says that the configuration names it. Without
// that a gateway with a file has it in the folder that systemd gives, or beside its file.
func statePlace(a *console.Console, c *gateway.Config, args []string) (place string, chosen bool, err error) {
	target, err := c.StateTarget(a.Getenv)
	switch {
	case err != nil:
		return "", true, exit.AsSettings(err)
	case !target.IsZero():
		return target.Reveal(), true, nil
	case c.State.Memory, len(args) == 0:
		return "", true, nil
	}
	folder, _, _ := strings.Cut(a.Getenv(varStateDirectory), ":")
	if folder != "" {
		return filepath.Join(folder, "gateway.db"), false, nil
	}
	return strings.TrimSuffix(args[0], filepath.Ext(args[0])) + ".db", false, nil
}

// checkState finds out whether the state can be what it is to be, without asking a database or making a file.
func checkState(ctx context.Context, a *console.Console, c *gateway.Config, args []string) error {
	place, _, err := statePlace(a, c, args)
	if err == nil && place != "" {
		err = stateProblem(c, sqlstate.Check(ctx, place))
	}
	return err
}

// openState opens the state; nil: it is in memory. Where it cannot be written it is, unless the configuration has chosen the place.
func openState(ctx context.Context, a *console.Console, c *gateway.Config, args []string, log *slog.Logger) (*sqlstate.State, error) {
	place, chosen, err := statePlace(a, c, args)
	if err != nil || place == "" {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s, err := sqlstate.Open(ctx, place)
	switch {
	case err == nil:
		log.Info("budgets and imports are kept", "state", s.String())
		return s, nil
	case !chosen && errors.Is(err, store.ErrReadOnly):
		log.Warn("there is no place for the state: name one under state, file or postgres", "error", err)
		return nil, nil //nolint:nilnil // none
	}
	return nil, stateProblem(c, err)
}

// stateProblem says what an error is about.
func stateProblem(c *gateway.Config, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", c.Where("state"), err)
	}
	return err
}

func closeState(ctx context.Context, s *sqlstate.State, log *slog.Logger) {
	if err := s.Close(); err != nil {
		log.WarnContext(ctx, "the state could not be closed; nothing in it is lost", "error", err)
	}
}
