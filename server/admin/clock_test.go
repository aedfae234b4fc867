package admin_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/server/admin"
)

// Who waits goes by the clock.
func TestClock_Sleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c admin.Clock
		begin := time.Now()
		if err := c.Sleep(t.Context(), time.Minute); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("slept %s: %v", time.Since(begin), err)
		}
		ended := make(chan error)
		begin = time.Now()
		go func() { ended <- c.Sleep(t.Context(), time.Hour) }()
		synctest.Wait()
		for _, d := range []time.Duration{30 * time.Minute, 20 * time.Minute} {
			if err := c.Advance(d); err != nil {
				t.Error(err)
			}
		}
		if err := <-ended; err != nil || time.Since(begin) != 10*time.Minute {
			t.Errorf("slept %s: %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { ended <- c.Sleep(ctx, time.Hour) }()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
