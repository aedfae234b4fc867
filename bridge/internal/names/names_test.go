package names_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/names"
)

// service is a source that counts what it is asked and says what it is told to.
type service struct {
	mu     sync.Mutex
	fields []names.Field
	types  []names.ActivityType
	err    error
	takes  time.Duration // of an answer

	describedLeads, describedTypes, ended atomic.Int32
}

func newService() *service { return &service{fields: described(), types: describedTypes()} }

func (s *service) set(change func(s *service)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// wait takes the time of an answer.
func (s *service) wait(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err, takes := s.err, s.takes
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-time.After(takes):
		return err
	case <-ctx.Done():
		s.ended.Add(1)
		return ctx.Err()
	}
}

func (s *service) DescribeLeads(ctx context.Context) ([]names.Field, error) {
	s.describedLeads.Add(1)
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fields, nil
}

func (s *service) DescribeActivities(ctx context.Context) ([]names.ActivityType, error) {
	s.describedTypes.Add(1)
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.types, nil
}

func newNames(t *testing.T, cfg names.Config) *names.Names {
	t.Helper()
	n, err := names.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// learn asks a service for its names.
func learn(t *testing.T, s names.Source) *names.File {
	t.Helper()
	f, err := names.Learn(t.Context(), s, "example.mktorest.com:443", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// asked wants that the service was asked so often for fields.
func (s *service) asked(t *testing.T, when string, want int32) {
	t.Helper()
	if got := s.describedLeads.Load(); got != want {
		t.Errorf("%s: the service was asked %d times, want %d", when, got, want)
	}
}

// require wants fields in which a name is known or not.
func require(t *testing.T, n *names.Names, name string, known bool) *names.Fields {
	t.Helper()
	fields, err := n.Fields(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := fields.BySOAP(name); ok != known {
		t.Errorf("%s is known: %t", name, ok)
	}
	return fields
}

func TestNames_asksOnceUntilOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		n := newNames(t, names.Config{Source: s})
		s.asked(t, "before the first need", 0)
		require(t, n, "FirstName", true)
		time.Sleep(names.DefaultLife - time.Second)
		require(t, n, "LeadScore", true)
		s.asked(t, "within a day", 1)
		if s.describedTypes.Load() != 0 {
			t.Error("types were asked for though nobody needed them")
		}
		time.Sleep(time.Second)
		require(t, n, "LeadScore", true)
		require(t, n, "LeadScore", true)
		s.asked(t, "after a day", 2)
	})
}

func TestNames_unknownName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		n := newNames(t, names.Config{Source: s})
		require(t, n, "HatSize", false)
		s.asked(t, "the first time, of a new answer", 1)
		require(t, n, "HatSize", false)
		s.asked(t, "the second time", 2)
		s.set(func(s *service) { s.fields = append(s.fields, names.Field{SOAP: "HatSize", REST: "hatSize"}) })
		for range 5 {
			require(t, n, "HatSize", false)
			require(t, n, "Another", false)
			require(t, n, "FirstName", true)
		}
		s.asked(t, "while it was asked a short time ago", 2)
		time.Sleep(names.DefaultAgain)
		require(t, n, "HatSize", true)
		require(t, n, "HatSize", true)
		s.asked(t, "later", 3)
	})
}

func TestNames_unknownType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		n := newNames(t, names.Config{Source: s, Again: time.Minute})
		find := func(id int64, known bool) {
			t.Helper()
			types, err := n.ActivityTypes(t.Context(), id, 1)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := types.ByID(id); ok != known {
				t.Errorf("%d is known: %t", id, ok)
			}
		}
		find(13, true)
		s.set(func(s *service) { s.types = append(s.types, names.ActivityType{ID: 100_002, Name: "Rent Boat"}) })
		find(100_002, true)
		s.set(func(s *service) { s.types = append(s.types, names.ActivityType{ID: 100_003, Name: "Sink"}) })
		find(100_003, false)
		if types, err := n.ActivityTypesNamed(t.Context(), "rent boat", "Sink"); err != nil || len(types.All()) != len(describedTypes())+1 {
			t.Errorf("%v", err)
		}
		if got := s.describedTypes.Load(); got != 2 {
			t.Errorf("asked %d times", got)
		}
		time.Sleep(time.Minute)
		if types, err := n.ActivityTypesNamed(t.Context(), "Sink"); err != nil || len(types.All()) != len(describedTypes())+2 {
			t.Errorf("%v", err)
		}
	})
}

// A name that the table has and the service refuses makes it be fetched anew, once.
func TestNames_NewerFields(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		n := newNames(t, names.Config{Source: s})
		old := require(t, n, "FirstName", true)
		s.set(func(s *service) { s.fields = s.fields[2:] })
		fields, err := n.NewerFields(t.Context(), old)
		if _, ok := fields.BySOAP("FirstName"); err != nil || ok || fields == old {
			t.Errorf("FirstName is known: %t, %v", ok, err)
		}
		again, err := n.NewerFields(t.Context(), fields)
		if again != fields || err != nil {
			t.Errorf("another table came at once, %v", err)
		}
		if other, err := n.NewerFields(t.Context(), old); other != fields || err != nil {
			t.Errorf("who has the old table does not get the new one, %v", err)
		}
		s.asked(t, "", 2)
	})
}

func TestNames_oneFetchForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = 10 * time.Second
		n := newNames(t, names.Config{Source: s})
		var wg sync.WaitGroup
		began := time.Now()
		for i := range 20 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				_, err := n.Fields(ctx, "FirstName")
				took := time.Since(began)
				switch patient := i+1 > 10; {
				case patient && (err != nil || took != 10*time.Second):
					t.Errorf("a caller with %d s: %v after %s", i+1, err, took)
				case i+1 < 10 && (!errors.Is(err, context.DeadlineExceeded) || took != time.Duration(i+1)*time.Second):
					t.Errorf("a caller with %d s: %v after %s", i+1, err, took)
				}
			})
		}
		wg.Wait()
		s.asked(t, "", 1)
	})
}

// When nobody waits any more the fetch ends; the next caller begins another.
func TestNames_everybodyLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = time.Hour
		n := newNames(t, names.Config{Source: s})
		stopped := errors.New("the program ends")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stopped) })
		if _, err := n.Fields(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, stopped) || !strings.Contains(err.Error(), "while waiting") {
			t.Errorf("%v", err)
		}
		synctest.Wait()
		if s.ended.Load() != 1 {
			t.Error("the fetch goes on for nobody")
		}
		s.set(func(s *service) { s.takes = 0 })
		require(t, n, "FirstName", true)
		s.asked(t, "", 2)
	})
}

// An answer that comes after everybody has left changes nothing.
func TestNames_lateAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := make(chan struct{})
		var calls atomic.Int32
		n := newNames(t, names.Config{Source: deaf{func() ([]names.Field, error) {
			if calls.Add(1) == 1 {
				<-late
				return []names.Field{{SOAP: "Old", REST: "old"}}, nil
			}
			return described(), nil
		}}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := n.Fields(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		require(t, n, "FirstName", true)
		close(late)
		synctest.Wait()
		require(t, n, "FirstName", true)
		if calls.Load() != 2 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

// deaf is a source that does not listen to its context.
type deaf struct {
	fields func() ([]names.Field, error)
}

func (d deaf) DescribeLeads(context.Context) ([]names.Field, error)             { return d.fields() }
func (d deaf) DescribeActivities(context.Context) ([]names.ActivityType, error) { return nil, nil }

var errDown = errors.New("the service is down")

func TestNames_failure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.err = errDown
		n := newNames(t, names.Config{Source: s})
		for range 2 {
			if _, err := n.Fields(t.Context()); !errors.Is(err, errDown) {
				t.Errorf("without names: %v", err)
			}
		}
		s.asked(t, "each time, while there is nothing", 2)
		s.set(func(s *service) { s.err = nil })
		require(t, n, "FirstName", true)

		s.set(func(s *service) { s.err = errDown })
		time.Sleep(names.DefaultLife)
		for range 5 {
			require(t, n, "FirstName", true)
		}
		s.asked(t, "old names do", 4)
		if _, err := n.Fields(t.Context(), "HatSize"); !errors.Is(err, errDown) {
			t.Errorf("a name of which nobody can know: %v", err)
		}
		s.asked(t, "soon after a failure", 4)
		time.Sleep(time.Minute)
		s.set(func(s *service) { s.err = nil })
		require(t, n, "HatSize", false)
		s.asked(t, "a minute after it", 5)
	})
}

// While old names are being renewed only the caller who began that waits for it.
func TestNames_renewsBeside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		n := newNames(t, names.Config{Source: s})
		require(t, n, "FirstName", true)
		time.Sleep(names.DefaultLife)
		s.set(func(s *service) { s.takes = time.Minute })
		var wg sync.WaitGroup
		wg.Go(func() { require(t, n, "FirstName", true) })
		synctest.Wait()
		began := time.Now()
		require(t, n, "FirstName", true)
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %s", took)
		}
		require(t, n, "HatSize", false)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("a name that may be in the new answer waited %s", took)
		}
		wg.Wait()
		s.asked(t, "", 2)
	})
}

func TestNames_emptyDescription(t *testing.T) {
	t.Parallel()
	n := newNames(t, names.Config{Source: new(service)})
	if _, err := n.Fields(t.Context()); err == nil || !strings.Contains(err.Error(), "describes no fields") {
		t.Errorf("%v", err)
	}
	if _, err := n.ActivityTypes(t.Context()); err == nil || !strings.Contains(err.Error(), "describes no types") {
		t.Errorf("%v", err)
	}
	if _, err := names.Learn(t.Context(), new(service), "", time.Now()); err == nil {
		t.Error("a file was made of nothing")
	}
}

// The bridge starts from the file when Describe Lead tells no SOAP names any more, or cannot be asked.
func TestNames_startsFromTheFile(t *testing.T) {
	t.Parallel()
	s := newService()
	learned := learn(t, s)
	after := newService()
	after.fields = withoutSOAP()
	fields := require(t, newNames(t, names.Config{Source: after, File: learned}), "DateofBirth", true)
	if f, _ := fields.BySOAP("shoe_Size"); f.REST != "shoe_Size" || fields.Guessed() {
		t.Errorf("%+v", fields.All())
	}
	require(t, newNames(t, names.Config{Source: after}), "DateofBirth", true) // a guess

	down := &service{err: errDown}
	n := newNames(t, names.Config{Source: down, File: learned, Now: func() time.Time { return learned.Taken.Add(1000 * time.Hour) }})
	require(t, n, "FirstName", true)
	if types, err := n.ActivityTypes(t.Context(), 13); err != nil || len(types.All()) != len(describedTypes()) {
		t.Errorf("%v", err)
	}
	if _, err := n.Fields(t.Context(), "HatSize"); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}

	fresh := newNames(t, names.Config{Source: down, File: learned, Now: func() time.Time { return learned.Taken.Add(time.Hour) }})
	before := down.describedLeads.Load()
	require(t, fresh, "FirstName", true)
	if down.describedLeads.Load() != before {
		t.Error("a file of today was not believed")
	}

	// One that was written tomorrow is not fresh.
	up := newService()
	require(t, newNames(t, names.Config{Source: up, File: learned, Now: func() time.Time { return learned.Taken.Add(-time.Hour) }}), "FirstName", true)
	up.asked(t, "with a file of the future", 1)
}

// A file written by hand has no time: it adds to what is told and never stands alone.
func TestNames_fileByHand(t *testing.T) {
	t.Parallel()
	hand, err := names.Parse([]byte(`{"version": 1, "fields": [{"soap": "Vorname", "rest": "firstName"}], "activityTypes": [{"id": 12, "soap": "Lead Created"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	n := newNames(t, names.Config{Source: newService(), File: hand})
	require(t, n, "Vorname", true)
	require(t, n, "FirstName", false)
	require(t, n, "LeadScore", true)
	if types, err := n.ActivityTypesNamed(t.Context(), "Lead Created"); err != nil || len(types.All()) != len(describedTypes()) {
		t.Errorf("%v", err)
	}
	if _, err := newNames(t, names.Config{Source: &service{err: errDown}, File: hand}).Fields(t.Context(), "Vorname"); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}

	// What was written by hand outlives learning.
	learned := learn(t, newService()).Keeping(hand)
	again := learn(t, newService()).Keeping(learned)
	if changes := names.Diff(learned, again); len(changes) > 0 {
		t.Errorf("learning twice changes %v", changes)
	}
	if f, _ := names.NewFields(again.Fields, nil).BySOAP("Vorname"); f.REST != "firstName" {
		t.Errorf("%+v", f)
	}
}

// A file that could not be read back is not made.
func TestLearn_refuses(t *testing.T) {
	t.Parallel()
	s := newService()
	s.fields = append(s.fields, names.Field{SOAP: "Hat\x00Size", REST: "hatSize"})
	if _, err := names.Learn(t.Context(), s, "example.mktorest.com:443", time.Now()); err == nil || !strings.Contains(err.Error(), "control characters") {
		t.Errorf("%v", err)
	}
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cfg  names.Config
		want string
	}{
		{names.Config{}, "no Source"},
		{names.Config{Source: newService(), Life: -1}, "negative"},
		{names.Config{Source: newService(), Again: -1}, "negative"},
		{names.Config{Source: newService(), File: &names.File{Fields: []names.Field{{SOAP: "A"}}}}, "fields[0]"},
	} {
		if _, err := names.New(test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

func TestNames_manyCallers(t *testing.T) {
	t.Parallel()
	s := newService()
	n := newNames(t, names.Config{Source: s, Life: time.Nanosecond, Again: time.Nanosecond})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, name := range []string{"FirstName", "HatSize", "LeadScore", ""} {
				fields, err := n.Fields(t.Context(), name)
				if err != nil {
					t.Error(err)
					continue
				}
				if diff := cmp.Diff(6, len(fields.All())); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	wg.Wait()
}
