package gateway

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/limits"
)

// Filling takes half of a budget at most, and at least one call.
func TestShareOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ budget, want limits.Limits }{
		"advised": {limits.Limits{}, limits.Limits{Calls: 25, Concurrent: 2}},
		"given":   {limits.Limits{Calls: 90, Concurrent: 9}, limits.Limits{Calls: 45, Concurrent: 4}},
		"least":   {limits.Limits{Calls: 1, Concurrent: 1}, limits.Limits{Calls: 1, Concurrent: 1}},
	} {
		if got := shareOf(test.budget); got.Calls != test.want.Calls || got.Concurrent != test.want.Concurrent {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A call of the filling that is one too many waits before it stands in the queue of all calls, and goes when another has ended.
func TestSharing(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan struct{}), make(chan struct{})
	handler := sharing(limit.Key{Instance: t.Name()}, limits.Limits{Calls: limits.None, Concurrent: 1, Daily: limits.None})(func(ctx context.Context, _ *bridge.Call) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		inside <- struct{}{}
		<-leave
		return nil
	})
	ended := make(chan error, 2)
	go func() { ended <- handler(t.Context(), new(bridge.Call)) }()
	<-inside
	waits, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := handler(waits, new(bridge.Call)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one too many: %v", err)
	}
	go func() { ended <- handler(t.Context(), new(bridge.Call)) }()
	leave <- struct{}{}
	<-inside
	leave <- struct{}{}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Filling asks for nothing once only the reserve of the day is left.
func TestSparing(t *testing.T) {
	t.Parallel()
	b, err := bridge.New("https://000-aaa-000.mktorest.com/rest", bridge.Credentials{ClientID: "c", ClientSecret: auth.NewSecret("example-client-secret")})
	if err != nil {
		t.Fatal(err)
	}
	var used *fault.QuotaError
	if _, err := (&sparing{Bridge: b, limited: true}).GetLeadChanges(t.Context(), nil); !errors.As(err, &used) || used.ResetsAt.Before(time.Now()) {
		t.Errorf("%v", err)
	}
	if err := (&sparing{Bridge: b}).spare(t.Context()); err != nil {
		t.Errorf("without a limit: %v", err)
	}
}

// The reserve of the day counts the calls of all gateways, and those before a new start.
func TestSparing_shared(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, _ *testStore, process func() *shared, _ *bytes.Buffer) {
		b, err := bridge.New("https://"+testHost+"/rest", bridge.Credentials{ClientID: "c", ClientSecret: auth.NewSecret("example-client-secret")})
		if err != nil {
			t.Fatal(err)
		}
		l := limits.Limits{Daily: 4}
		filling := &sparing{Bridge: b, budget: process().budget(testHost, l), most: 2, limited: true}
		programs := process().budget(testHost, l)
		for range 2 {
			if err := filling.spare(t.Context()); err != nil {
				t.Error(err)
			}
			take(t, programs.Acquire)
		}
		if err := filling.spare(t.Context()); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("%v", err)
		}
	})
}
