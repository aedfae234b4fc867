package client_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
)

// The server's clock is moved, the client's own is not.
func TestServerTime_clockOfTheServerMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t)
		c := s.Client(client.WithClock(time.Now))
		for _, ahead := range []time.Duration{0, 36 * time.Hour, -400 * time.Hour} {
			s.Clock().Advance(ahead)
			time.Sleep(time.Hour + 1300*time.Millisecond)
			got, err := c.ServerTime(t.Context())
			if early := s.Clock().Now().Sub(got); err != nil || early < 0 || early >= time.Second {
				t.Errorf("early by %s, error %v", early, err)
			}
		}
		s.RequireCalls(t, "", 0)
		// A call, which is signed by a clock that is too far off, tells the time as well.
		s.Clock().Advance(50 * time.Hour)
		if _, err := c.GetTags(t.Context(), &gen.ParamsGetTags{}); err != nil {
			t.Fatal(err)
		}
		got, err := c.ServerTime(t.Context())
		if early := s.Clock().Now().Sub(got); err != nil || early < 0 || early >= time.Second {
			t.Errorf("early by %s, error %v", early, err)
		}
	})
}
