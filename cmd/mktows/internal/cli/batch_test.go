package cli

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/mktowstest"
)

const threeLeads = "Email\nbatch-1@example.com\nbatch-2@example.com\nbatch-3@example.com\n"

// TestLeadSync_interrupted: the batch under way is finished, and nothing is sent after it.
func TestLeadSync_interrupted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	calls := 0
	var mu sync.Mutex
	s.Inject(mktowstest.Rule{Operation: "syncMultipleLeads", Delay: time.Millisecond, Match: func(mktowstest.Exchange) bool {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == 2 {
			interrupt()
		}
		return true
	}})
	r := runContext(ctx, t, settingsFor(s.URL()), threeLeads, "lead", "sync", "--format", "csv", "--batch", "1", "-o", "jsonl")
	if r.code != exit.Interrupted {
		t.Errorf("exit code %d, want %d", r.code, exit.Interrupted)
	}
	for _, want := range []string{
		"stopping after the batch under way", "standard input: 2 done (lines 2-3); 1 not sent (line 4)", "mktows: interrupted",
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("standard error lacks %q:\n%s", want, r.stderr)
		}
	}
	if n := strings.Count(r.stdout, "CREATED"); n != 2 || strings.Count(r.stdout, "NOT_SENT") != 1 {
		t.Errorf("the records do not say so:\n%s", r.stdout)
	}
	s.RequireCalls(t, "syncMultipleLeads", 2)
}

// TestLeadSync_timeout: unlike Ctrl-C, --timeout ends a batch too. The second batch is the one that never ends; a machine that has
// not come as far gets twice the time.
func TestLeadSync_timeout(t *testing.T) {
	t.Parallel()
	var r result
	for timeout := 300 * time.Millisecond; timeout < patience; timeout *= 2 {
		s := newServer(t)
		s.Inject(mktowstest.Rule{Operation: "syncMultipleLeads", Skip: 1, Delay: time.Hour})
		r = run(t, settingsFor(s.URL()), threeLeads, "lead", "sync", "--format", "csv", "--batch", "1", "--timeout", timeout.String())
		if len(s.Exchanges("syncMultipleLeads")) == 2 {
			break
		}
	}
	if r.code != exit.Unknown || !strings.Contains(r.stderr, "1 done (line 2); 1 unknown (line 3); 1 not sent (line 4)") {
		t.Errorf("exit code %d, want %d: %s", r.code, exit.Unknown, r.stderr)
	}
}

// TestLeadSync_outputFails: what was sent is told where there still is a place to tell it.
func TestLeadSync_outputFails(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var stderr strings.Builder
	code := Run(t.Context(), []string{"lead", "sync", "--format", "csv", "--batch", "1", "-o", "jsonl"}, settingsFor(s.URL()).getenv,
		strings.NewReader(threeLeads), &brokenWriter{7, io.ErrShortWrite}, &stderr)
	if code != exit.Other || !strings.Contains(stderr.String(), "1 done (line 2); 2 not sent (lines 3-4)") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	s.RequireCalls(t, "syncMultipleLeads", 1)
}
