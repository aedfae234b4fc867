package settings

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// LongWait is how long a command may stand still before it says why. Shorter waits are not worth a line.
const LongWait = 3 * time.Second

// clientLogger returns the logger for package client. With -v it logs everything; without it, only waits that the
// user would notice are told, in plain words.
func clientLogger(a *console.Console, verbose bool) *slog.Logger {
	if verbose {
		return a.Logger(true)
	}
	return slog.New(&notices{console: a, now: time.Now, told: map[string]*notice{}})
}

// notices is a slog.Handler that turns the warnings of a client about long waits into messages for people, such as
// "getLead: trying again in 20s: …", and passes on those of the bridge about what was not done as asked. The same cause is told at most every 30 seconds, with a count of what was left
// out: a batch of thousands of calls at the rate limit would otherwise fill the screen with one line.
type notices struct {
	console *console.Console
	now     func() time.Time

	mu   sync.Mutex
	told map[string]*notice // by cause
}

// notice records when a cause was told last, and how many waits for the same cause were left out since then.
type notice struct {
	at   time.Time
	left int
}

// noticeEvery is how long a cause that was told is not told again.
const noticeEvery = 30 * time.Second

// forgetAfter is how long a cause is remembered after it was told. Runs of --every last for months and a reason may
// contain text that differs each time, so without this the map would grow for ever.
const forgetAfter = time.Hour

// Enabled implements slog.Handler. The client warns about retries and about nothing else, the bridge also about what
// it left out.
func (n *notices) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler. It picks the attributes of a retry: wait, reason, and the operation of package client
// or the call of package bridge.
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
	_, retry := text["wait"]
	switch {
	case wait >= LongWait:
		what := cmp.Or(text["operation"], text["call"])
		n.tell(fmt.Sprintf("%s: trying again in %s: %s", what, wait.Round(time.Second), text["reason"]), causeOf(text["reason"]))
	case !retry:
		n.tell(text["operation"]+": "+strings.TrimPrefix(r.Message, "mktows: ")+details(text), r.Message)
	}
	return nil
}

// details returns what a warning says beside its message.
func details(text map[string]string) string {
	if text["error"] != "" {
		return ": " + text["error"]
	}
	return ""
}

// localPort matches the local port in an error of package net. It is another one for each connection, and two errors
// that differ in nothing else are the same cause.
var localPort = regexp.MustCompile(`:\d+->`)

// causeOf returns what identifies the cause of a wait.
func causeOf(reason string) string { return localPort.ReplaceAllString(reason, "->") }

// tell prints text unless its cause was told a moment ago. It holds the lock while it prints, so that messages of
// concurrent calls come out in the order of their times.
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
