package server_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

// pending is a request that has come in part.
type pending struct {
	body *io.PipeWriter
	rest string
	done chan answer
}

// begin sends so many bytes of a request.
func (b *bundle) begin(n int) *pending {
	b.t.Helper()
	return b.beginFrom("192.0.2.1:1234", n)
}

// beginFrom sends so many bytes of a request from an address.
func (b *bundle) beginFrom(remote string, n int) *pending {
	b.t.Helper()
	doc := b.signed(body)
	read, write := io.Pipe()
	p := &pending{write, doc[n:], make(chan answer, 1)}
	r := request("")
	r.Body, r.ContentLength, r.RemoteAddr = read, int64(len(doc)), remote
	go func() {
		a := b.do(r)
		_ = read.Close() // as a server does that has answered
		p.done <- a
	}()
	// The reader asks for more, which is nothing, when it has counted what came.
	for _, part := range []string{doc[:n], ""} {
		if _, err := io.WriteString(write, part); err != nil {
			b.t.Error(err)
		}
	}
	return p
}

// end sends the rest and returns the answer.
func (p *pending) end() answer {
	_, _ = io.WriteString(p.body, p.rest)
	_ = p.body.Close()
	return <-p.done
}

func wantBusy(t *testing.T, b *bundle, a answer) {
	t.Helper()
	wantSentAway(t, a)
	if e := b.exchanges.last(); e.Status != http.StatusServiceUnavailable || e.Err == nil {
		t.Errorf("the journal has HTTP %d, %v", e.Status, e.Err)
	}
}

func wantSentAway(t *testing.T, a answer) {
	t.Helper()
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" || !strings.Contains(a.body, "try again") {
		t.Errorf("HTTP %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
}

// Anybody may send requests and hold them back: only so many are waited for.
func TestWithMaxPending_requests(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithMaxPending(2, 1<<20))
	for range 3 { // each leaves as much room as there was
		first, second := b.begin(50), b.begin(50)
		wantBusy(t, b, b.call())
		if code := first.end().code(t); code != 0 {
			t.Errorf("fault %d", code)
		}
		b.wantCalls(3, codes{0: 3})
		_ = second.body.CloseWithError(io.ErrUnexpectedEOF)
		<-second.done
	}
}

// What is held back keeps nobody else out for long.
func TestWithMaxPending_heldBack(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]server.Option{"requests": server.WithMaxPending(2, 1<<20), "bytes": server.WithMaxPending(10, 700)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, option)
			slow := b.begin(300)
			b.clock.Advance(time.Second)
			other := b.begin(50)
			wantBusy(t, b, b.call())
			b.clock.Advance(time.Second)
			if code := b.call().code(t); code != 0 {
				t.Errorf("fault %d, though one has taken two seconds", code)
			}
			wantSentAway(t, slow.end()) // when it stands in the journal is open: it was shown out before
			busy := slices.DeleteFunc(b.exchanges.all(), func(e server.Exchange) bool { return e.Status != http.StatusServiceUnavailable })
			if len(busy) != 2 {
				t.Errorf("the journal has %d exchanges that were sent away", len(busy))
			}
			if code := other.end().code(t); code != 0 {
				t.Errorf("the other one: fault %d", code)
			}
		})
	}
}

func TestWithMaxPending_bytes(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithMaxPending(10, 700))
	if n := len(b.signed(body)); n < 400 || n > 700 {
		t.Fatalf("a request has %d bytes", n)
	}
	for range 3 {
		first := b.begin(350)
		wantBusy(t, b, b.call())
		if code := first.end().code(t); code != 0 {
			t.Errorf("fault %d", code)
		}
		b.wantCalls(1, codes{0: 1})
	}
	if code := b.post(b.signed(body + strings.Repeat(" ", 2000))).code(t); code != 0 {
		t.Errorf("one that is alone: fault %d", code)
	}
}

// TestWithMaxPending_nothingMore: beside one that has more than all may have, a request is refused when it adds something.
func TestWithMaxPending_nothingMore(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithMaxPending(10, 300))
	large, empty := b.begin(350), b.begin(0)
	wantBusy(t, b, b.call())
	for i, p := range []*pending{large, empty} {
		if code := p.end().code(t); code != 0 {
			t.Errorf("request %d: fault %d", i, code)
		}
	}
}

// Who was let in waits for the port and keeps nobody else out.
func TestWithMaxPending_untilLetIn(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan struct{}), make(chan struct{})
	b := setup(t, portOf(func(context.Context, *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		inside <- struct{}{}
		<-leave
		return &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{}}, nil
	}), server.WithMaxPending(1, 1))
	done := make(chan answer, 3)
	for range 3 {
		go func() { done <- b.call() }()
		<-inside
	}
	close(leave)
	for range 3 {
		if a := <-done; a.status != http.StatusOK {
			t.Errorf("HTTP %d: %s", a.status, a.body)
		}
	}
}
