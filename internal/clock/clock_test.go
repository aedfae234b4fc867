package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestClock_runsOnFromWhereItIsSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		start := time.Now()
		c.Advance(time.Hour)
		c.Advance(-10 * time.Minute)
		time.Sleep(time.Minute)
		if got := c.Now().Sub(start); got != 51*time.Minute || c.Ahead() != 50*time.Minute {
			t.Errorf("%s after the start, %s ahead", got, c.Ahead())
		}
		c.Set(start)
		if c.Ahead() != -time.Minute || !c.Now().Equal(start) {
			t.Errorf("set back it is %s ahead", c.Ahead())
		}
	})
}

func TestClock_sleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c Clock
		start := time.Now()
		if err := c.Sleep(t.Context(), time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		done := make(chan error, 1)
		go func() { done <- c.Sleep(t.Context(), time.Hour) }()
		synctest.Wait()
		c.Advance(59 * time.Minute) // wakes it, and it has a minute left
		start = time.Now()
		if err := <-done; err != nil || time.Since(start) != time.Minute {
			t.Errorf("advanced: %v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
