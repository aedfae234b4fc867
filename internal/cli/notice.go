package cli

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// longWait is how long a person waits without asking what is going on.
const longWait = 3 * time.Second

// clientLogger returns the logger for package client: everything with -v, else only what
// makes the command stand still.
func (a *app) clientLogger(verbose bool) *slog.Logger {
	if verbose {
		return a.logger(true)
	}
	return slog.New(notices{a})
}

// notices is a slog.Handler that tells of long waits before a call is repeated, as after
// 20023, in plain words.
type notices struct{ app *app }

// Enabled implements slog.Handler. Repetitions are the client's only warnings.
func (n notices) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler.
func (n notices) Handle(_ context.Context, r slog.Record) error {
	var wait time.Duration
	text := map[string]string{}
	r.Attrs(func(at slog.Attr) bool {
		if at.Key == "wait" && at.Value.Kind() == slog.KindDuration {
			wait = at.Value.Duration()
		}
		text[at.Key] = at.Value.String()
		return true
	})
	if wait >= longWait {
		n.app.complain(fmt.Sprintf("%s: trying again in %s: %s", text["operation"], wait.Round(time.Second), text["reason"]))
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (n notices) WithAttrs([]slog.Attr) slog.Handler { return n }

// WithGroup implements slog.Handler.
func (n notices) WithGroup(string) slog.Handler { return n }
