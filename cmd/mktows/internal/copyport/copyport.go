// Package copyport puts a copy that "mktows sync" has made beside the port of a command. It is a package of its own, so that
// the light command behind "make run" does not link databases.
package copyport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/copied"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Open implements console.Console.Copy.
func Open(ctx context.Context, a *console.Console, s *console.CopySettings) (port gen.Port, done func(), err error) {
	if err := check(s.Place); err != nil {
		return nil, nil, exit.Usagef("--copy: %w", err)
	}
	place, err := inSchema(s)
	if err != nil {
		return nil, nil, err
	}
	there, err := sqlstore.Exists(ctx, place)
	if err == nil && !there {
		err = exit.NoCopy(settings.WithoutPassword(place))
	}
	if err != nil {
		return nil, nil, err
	}
	opened, err := sqlstore.OpenReadOnly(ctx, place)
	if err != nil {
		return nil, nil, err
	}
	said := false // a command reads one history
	made, err := copied.New(ctx, s.Port, opened, copied.WithMaxAge(s.MaxAge), copied.WithInstance(s.Instance), copied.WithObserver(func(_ context.Context, answer copied.Answer) {
		if !said {
			said = true
			a.Complain(told(&answer))
		}
	}))
	if errors.Is(err, store.ErrOtherInstance) {
		err = fmt.Errorf("%w\nif it is the same instance at another address, give --instance with the first of the two names", err)
	}
	if err != nil {
		return nil, nil, errors.Join(err, opened.Close())
	}
	return made, func() { _ = opened.Close() }, nil // nothing was written
}

// inSchema returns the place with the schema in it.
func inSchema(s *console.CopySettings) (string, error) {
	switch {
	case s.Schema == "":
		return s.Place, nil
	case !sqlstore.IsPostgres(s.Place):
		return "", exit.Usagef("--schema is for a copy in PostgreSQL: leave it out, or give --copy the URL of a database")
	}
	place, err := sqlstore.InSchema(s.Place, s.Schema)
	if err != nil {
		return "", exit.Usagef("--schema: %w", err)
	}
	return place, nil
}

// check returns what is wrong with a place, so far as that can be seen without opening a database.
func check(place string) error {
	if err := sqlstore.CheckTarget(place); err != nil {
		return err
	}
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder: a copy in files has no index by which the history of a lead is found; give one in SQLite or PostgreSQL", place)
	}
	return nil
}

// Copies opens the copies of a gateway.
type Copies struct{}

var _ gateway.Copies = Copies{}

// Check implements gateway.Copies.
func (Copies) Check(target string) error { return check(target) }

// InSchema implements gateway.Copies.
func (Copies) InSchema(target, schema string) (string, error) {
	return sqlstore.InSchema(target, schema)
}

// Open implements gateway.Copies.
func (Copies) Open(ctx context.Context, target string, fill bool) (gateway.OpenedCopy, error) {
	open := sqlstore.OpenReadOnly
	if fill {
		open = sqlstore.Open
	}
	c, err := open(ctx, target)
	if err != nil {
		return nil, err // c may hold a nil pointer
	}
	return c, nil
}

func told(answer *copied.Answer) string {
	if answer.Reason != "" {
		return "from the service, not from the copy: " + answer.Reason
	}
	return fmt.Sprintf("from the copy, up to %s", answer.Until.UTC().Format(time.RFC3339))
}
