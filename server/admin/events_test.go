package admin_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/server"
)

// stream is what a listener gets. It takes what is written unless it is stuck: then writing ends at the deadline.
type stream struct {
	mu       sync.Mutex
	header   http.Header
	status   int
	text     bytes.Buffer
	stuck    bool
	deadline time.Time
}

func (s *stream) Header() http.Header { return s.header }

func (s *stream) WriteHeader(status int) { s.status = status }

func (s *stream) SetWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = t
	return nil
}

func (s *stream) FlushError() error { return nil }

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	stuck, until := s.stuck, s.deadline
	if !stuck {
		s.text.Write(p)
	}
	s.mu.Unlock()
	if stuck {
		time.Sleep(time.Until(until)) // by the clock of the bubble
		return 0, os.ErrDeadlineExceeded
	}
	return len(p), nil
}

func (s *stream) setStuck(stuck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = stuck
}

// take returns the lines that have come, without comments and empty ones.
func (s *stream) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for line := range strings.Lines(s.text.String()) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && line != ":" {
			if strings.HasPrefix(line, "data: {\"id\"") {
				line, _, _ = strings.Cut(line, ",")
			}
			lines = append(lines, line)
		}
	}
	s.text.Reset()
	return strings.Join(lines, "|")
}

// listen begins a stream; done is closed at its end.
func (b *bundle) listen(ctx context.Context, path string, header ...string) (s *stream, done chan struct{}) {
	s, done = &stream{header: make(http.Header)}, make(chan struct{})
	r := httptest.NewRequestWithContext(ctx, "GET", "http://127.0.0.1"+path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	go func() {
		defer close(done)
		b.handler.ServeHTTP(s, r)
	}()
	synctest.Wait()
	return s, done
}

func (b *bundle) add(operation string) {
	b.Journal.Add(server.Exchange{Operation: operation})
	synctest.Wait()
}

func event(id int) string { return fmt.Sprintf(`id: %d|event: exchange|data: {"id":%d`, id, id) }

func TestEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.add("getLead")
		ctx, cancel := context.WithCancel(t.Context())
		all, ended := b.listen(ctx, "/journal/events")
		leads, _ := b.listen(ctx, "/journal/events?operation=getLead")
		again, _ := b.listen(ctx, "/journal/events", "Last-Event-ID", "0")
		since, _ := b.listen(ctx, "/journal/events?since=0&operation=syncLead")
		b.add("syncLead")
		b.add("getLead")
		for name, tt := range map[string]struct{ got, want string }{
			"all":   {all.take(), event(2) + "|" + event(3)},
			"leads": {leads.take(), event(3)},
			"again": {again.take(), event(1) + "|" + event(2) + "|" + event(3)},
			"since": {since.take(), event(2)},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: %s\nwant %s", name, tt.got, tt.want)
			}
		}
		if all.header.Get("Content-Type") != "text/event-stream" || all.status != 200 || all.header.Get("Cache-Control") != "no-store" {
			t.Errorf("status %d, %v", all.status, all.header)
		}
		b.Journal.Clear()
		synctest.Wait()
		b.add("getLead")
		if got := all.take(); got != "event: cleared|data: {}|"+event(4) {
			t.Errorf("after clearing: %s", got)
		}
		time.Sleep(time.Minute) // by the clock of the bubble
		if all.mu.Lock(); !strings.Contains(all.text.String(), ":\n\n") {
			t.Error("a quiet stream has no comments")
		}
		all.mu.Unlock()
		cancel()
		<-ended
		synctest.Wait()
		if n := get[struct{ Journal struct{ Listeners int } }](b, "/health").Journal.Listeners; n != 0 {
			t.Errorf("%d listeners are left", n)
		}
	})
}

// Nobody waits for a listener who takes nothing, and he is dropped; one who comes back hears how much he has missed.
func TestEvents_slow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		slow, ended := b.listen(t.Context(), "/journal/events")
		slow.setStuck(true)
		begin := time.Now()
		for range 100_300 {
			b.Journal.Add(server.Exchange{})
		}
		if !time.Now().Equal(begin) {
			t.Error("the journal has waited for a listener")
		}
		<-ended
		if d := time.Since(begin); d > 10*time.Second {
			t.Errorf("he was dropped after %s", d)
		}
		ctx, cancel := context.WithCancel(t.Context())
		back, _ := b.listen(ctx, "/journal/events", "Last-Event-ID", "100")
		if got := back.take(); !strings.HasPrefix(got, `id: 300|event: gap|data: {"missed":200}|`+event(301)+"|") || !strings.HasSuffix(got, event(100_300)) {
			t.Errorf("%.200s … %s", got, got[max(0, len(got)-100):])
		}
		cancel()
		synctest.Wait()
	})
}

func TestEvents_refused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.want(400, "Last-Event-ID", "GET", "/journal/events", "", "Last-Event-ID", "x")
		b.want(400, "Last-Event-ID", "GET", "/journal/events", "", "Last-Event-ID", "-1")
		b.want(400, "there is no parameter", "GET", "/journal/events?limit=1", "")
		b.want(200, "", "HEAD", "/journal/events", "")
		b.want(403, "origin_refused", "GET", "/journal/events", "", "Origin", "http://example.com")
		ctx, cancel := context.WithCancel(t.Context())
		for range 32 {
			b.listen(ctx, "/journal/events", "Last-Event-ID", "99999") // of another journal
		}
		b.want(503, "too_many_listeners", "GET", "/journal/events", "")
		cancel()
		synctest.Wait()
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
		s, _ := b.listen(ctx, "/journal/events", "Last-Event-ID", "99999")
		b.add("getLead")
		if got := s.take(); got != event(1) {
			t.Errorf("%s", got)
		}
	})
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// A stream outlives the time that the server gives requests and answers.
func TestEvents_long(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		l := &oneConn{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		here, there := net.Pipe()
		l.conn <- there
		srv := &http.Server{Handler: b.handler, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute}
		go func() { _ = srv.Serve(l) }()
		if _, err := io.WriteString(here, "GET /journal/events HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		events := make(chan string, 1)
		go func() {
			defer close(events)
			for lines := bufio.NewScanner(here); lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "data:") {
					events <- lines.Text()
				}
			}
		}()
		time.Sleep(time.Hour) // by the clock of the bubble
		b.add("getLead")
		if got := <-events; !strings.HasPrefix(got, `data: {"id":1`) {
			t.Errorf("after an hour: %q", got)
		}
		_ = here.Close()
		_ = srv.Close()
		synctest.Wait()
	})
}

// An event is one line of data, whatever is in it.
func TestEvents_overHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := httptest.NewServer(b.handler)
	defer s.Close()
	b.Journal.Add(server.Exchange{Operation: "a\r\n\r\nevent: b\ndata: <c>\u2028", Err: errors.New("\r\n\r\nid: 7")})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/journal/events?since=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var lines []string
	for scanner := bufio.NewScanner(resp.Body); len(lines) < 4 && scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	cancel()
	if lines[0] != "id: 1" || lines[1] != "event: exchange" || !strings.HasPrefix(lines[2], `data: {"id":1,`) || !strings.HasSuffix(lines[2], "}") || lines[3] != "" {
		t.Errorf("%q", lines)
	}
}
