package join_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/join"
)

const wait = 100 * time.Millisecond

// journal notes which requests were made.
type journal struct {
	mu   sync.Mutex
	made []string
}

func (j *journal) note(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.made = append(j.made, text)
}

// ask makes a request of a second that the journal notes.
func (j *journal) ask(ctx context.Context, m *join.Member, key string, id int) (string, error) {
	return join.Do(ctx, m, key, id, func(ctx context.Context, ids []int) (string, error) {
		slices.Sort(ids)
		text := fmt.Sprint(key, ids)
		select {
		case <-time.After(time.Second):
			j.note(text)
			return text, nil
		case <-ctx.Done():
			j.note(text + " cancelled")
			return "", context.Cause(ctx)
		}
	})
}

func enter(t *testing.T, g *join.Gate) *join.Member {
	m, err := g.Enter(t.Context())
	if err != nil {
		t.Error(err)
	}
	return m
}

// together runs calls that enter a gate at the same time, and waits for their end.
func together(t *testing.T, g *join.Gate, n int, call func(i int, m *join.Member)) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			m := enter(t, g)
			defer m.Leave()
			call(i, m)
		})
	}
	all.Wait()
}

func TestDo_sharesWhatIsTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		// The calls work for different times between their requests, and still stay together; those that
		// end early are not waited for.
		together(t, join.NewGate(wait, 30), 4, func(i int, m *join.Member) {
			for page := range 4 - i {
				time.Sleep(time.Duration(i) * time.Second)
				if _, err := j.ask(t.Context(), m, fmt.Sprint("page", page), i); err != nil {
					t.Error(err)
				}
			}
		})
		if diff := cmp.Diff([]string{"page0[0 1 2 3]", "page1[0 1 2]", "page2[0 1]", "page3[0]"}, j.made); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDo_differentKeysAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		began := time.Now()
		together(t, join.NewGate(wait, 30), 4, func(i int, m *join.Member) {
			_, _ = j.ask(t.Context(), m, fmt.Sprint("k", i%2), i)
		})
		slices.Sort(j.made)
		if diff := cmp.Diff([]string{"k0[0 2]", "k1[1 3]"}, j.made); diff != "" || time.Since(began) != wait+time.Second {
			t.Errorf("after %s: %s", time.Since(began), diff)
		}
	})
}

// A call that is alone waits no longer than the gate says, and not at all where that does not fit its deadline.
func TestEnter_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := join.NewGate(wait, 2)
		took := func(ctx context.Context, g *join.Gate) time.Duration {
			began := time.Now()
			m, err := g.Enter(ctx)
			if err != nil {
				t.Error(err)
			}
			m.Leave()
			m.Leave()
			return time.Since(began)
		}
		hurried, cancel := context.WithTimeout(t.Context(), 3*wait)
		defer cancel()
		if a, b, c := took(t.Context(), g), took(hurried, g), took(t.Context(), nil); a != wait || b != 0 || c != 0 {
			t.Errorf("%s, %s, %s", a, b, c)
		}
		began := time.Now()
		together(t, g, 2, func(int, *join.Member) {}) // as many as may go together
		if time.Since(began) != 0 {
			t.Errorf("a full party has waited for %s", time.Since(began))
		}
	})
}

// Whoever comes while a party is on its way makes another one.
func TestEnter_later(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		g := join.NewGate(wait, 30)
		together(t, g, 2, func(i int, m *join.Member) {
			_, _ = j.ask(t.Context(), m, "first", i)
			if i == 0 {
				together(t, g, 2, func(i int, m *join.Member) { _, _ = j.ask(t.Context(), m, "second", i) })
			}
		})
		if diff := cmp.Diff([]string{"first[0 1]", "second[0 1]"}, j.made); diff != "" {
			t.Error(diff)
		}
	})
}

// One that goes away leaves the request to the others, and has its own error at once.
func TestDo_oneGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		together(t, join.NewGate(wait, 30), 3, func(i int, m *join.Member) {
			ctx := t.Context()
			if i == 0 {
				limited, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
				defer cancel()
				ctx = limited
			}
			began := time.Now()
			_, err := j.ask(ctx, m, "page", i)
			if i == 0 && (!errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 500*time.Millisecond) || i > 0 && err != nil {
				t.Errorf("%d: %v after %s", i, err, time.Since(began))
			}
		})
		if diff := cmp.Diff([]string{"page[0 1 2]"}, j.made); diff != "" {
			t.Error(diff)
		}
	})
}

// One that goes away before the request is made is not in it, and who enters and goes holds up nobody.
func TestDo_oneGoesBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		g := join.NewGate(wait, 30)
		together(t, g, 3, func(i int, m *join.Member) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if i > 0 {
				ctx = t.Context()
				time.Sleep(time.Duration(2*i) * time.Second)
			}
			_, err := j.ask(ctx, m, "page", i)
			if (err != nil) != (i == 0) {
				t.Errorf("%d: %v", i, err)
			}
		})
		go func() {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(wait/2, cancel)
			if _, err := g.Enter(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
		together(t, g, 2, func(i int, m *join.Member) { _, _ = j.ask(t.Context(), m, "later", i) })
		if diff := cmp.Diff([]string{"page[1 2]", "later[0 1]"}, j.made); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDo_allGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		together(t, join.NewGate(wait, 30), 3, func(i int, m *join.Member) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*100*time.Millisecond)
			defer cancel()
			if _, err := j.ask(ctx, m, "page", i); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		synctest.Wait()
		if diff := cmp.Diff([]string{"page[0 1 2] cancelled"}, j.made); diff != "" {
			t.Error(diff)
		}
	})
}

// An error is for all, and so is a panic, which would otherwise end the program without a caller, and the end of the goroutine.
func TestDo_fails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("refused")
		var errs, panics journal
		together(t, join.NewGate(wait, 30), 3, func(i int, m *join.Member) {
			_, err := join.Do(t.Context(), m, "page", i, func(context.Context, []int) (int, error) { return 0, failure })
			errs.note(fmt.Sprint(err))
			defer func() { panics.note(fmt.Sprint(recover())) }()
			if got, err := join.Do(t.Context(), m, "ended", i, func(context.Context, []int) (int, error) { runtime.Goexit(); return 0, nil }); err == nil {
				t.Errorf("no error of a request that did not return, but %d", got)
			}
			_, _ = join.Do(t.Context(), m, "next", i, func(context.Context, []int) (int, error) { panic("broken") })
		})
		if diff := cmp.Diff([]string{"refused", "refused", "refused"}, errs.made); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"broken", "broken", "broken"}, panics.made); diff != "" {
			t.Error(diff)
		}
	})
}
