package settings

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"sync"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// LongWait is how long a person waits without asking what is going on.
const LongWait = 3 * time.Second

// clientLogger returns the logger for package client: everything with -v, else only what
// makes the command stand still.
func clientLogger(a *console.Console, verbose bool) *slog.Logger {
	if verbose {
		return a.Logger(true)
	}
	return slog.New(&notices{console: a, now: time.Now, told: map[string]*notice{}})
}

// notices is a slog.Handler that tells of long waits before a call is repeated, as after
// 20023, in plain words, for each cause now and then.
type notices struct {
	console *console.Console
	now     func() time.Time

	mu   sync.Mutex
	told map[string]*notice // by cause
}

// notice is when a cause was told last, and how often it was left out since.
type notice struct {
	at   time.Time
	left int
}

// noticeEvery is how long a cause that was told is left out.
const noticeEvery = 30 * time.Second

// forgetAfter is how long a cause is kept that does not come again: runs of --every last for months, and
// reasons may hold what differs each time.
const forgetAfter = time.Hour

// Enabled implements slog.Handler. Repetitions are the client's only warnings.
func (n *notices) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler.
func (n *notices) Handle(_ context.Context, r slog.Record) error {
	var wait time.Duration
	text := map[string]string{}
	r.Attrs(func(at slog.Attr) bool {
		if at.Key == "wait" && at.Value.Kind() == slog.KindDuration {
			wait = at.Value.Duration()
		}
		text[at.Key] = at.Value.String()
		return true
	})
	if wait >= LongWait {
		n.tell(fmt.Sprintf("%s: trying again in %s: %s", text["operation"], wait.Round(time.Second), text["reason"]), causeOf(text["reason"]))
	}
	return nil
}

// localPort is that of a connection, another one each time.
var localPort = regexp.MustCompile(`:\d+->`)

func causeOf(reason string) string { return localPort.ReplaceAllString(reason, "->") }

func (n *notices) tell(text, cause string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now, last := n.now(), n.told[cause]
	switch {
	case last == nil:
	case now.Sub(last.at) < noticeEvery:
		last.left++
		return
	case last.left > 0:
		text += fmt.Sprintf(" (and %s since %s)", output.Plural(last.left, "more wait"), output.UtcText(last.at))
	}
	maps.DeleteFunc(n.told, func(_ string, old *notice) bool { return now.Sub(old.at) > forgetAfter })
	n.told[cause] = &notice{at: now}
	n.console.Complain(text)
}

// WithAttrs implements slog.Handler.
func (n *notices) WithAttrs([]slog.Attr) slog.Handler { return n }

// WithGroup implements slog.Handler.
func (n *notices) WithGroup(string) slog.Handler { return n }
