package server_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/server"
)

// callFrom sends a request in order from an address.
func (b *bundle) callFrom(remote string) answer {
	r := request(b.signed(body))
	r.RemoteAddr = remote
	return b.do(r)
}

// What one address holds back is bounded, and takes no room from others.
func TestWithPerAddress_pending(t *testing.T) {
	t.Parallel()
	for name, bound := range map[string]server.PerAddress{"requests": {Pending: 2}, "bytes": {PendingBytes: 900}} {
		for kind, from := range map[string]struct{ first, second, other string }{
			"IPv4": {"192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"}, "IPv6": {"[2001:db8::1]:1", "[2001:db8::ffff:2]:1", "[2001:db8:0:1::1]:1"},
			"mapped": {"192.0.2.1:1", "[::ffff:192.0.2.1]:2", "[::ffff:192.0.2.2]:2"}, "unknown": {"192.0.2.1:1", "192.0.2.1:2", "@"},
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				b := setup(t, nil, server.WithPerAddress(bound))
				first, second := b.beginFrom(from.first, 300), b.beginFrom(from.second, 300)
				wantSentAway(t, b.callFrom(from.first))
				if code := b.callFrom(from.other).code(t); code != 0 {
					t.Errorf("from another address: fault %d", code)
				}
				b.clock.Advance(2 * time.Second)
				if code := b.callFrom(from.second).code(t); code != 0 {
					t.Errorf("after two seconds: fault %d", code)
				}
				wantSentAway(t, first.end())
				if code := second.end().code(t); code != 0 {
					t.Errorf("the second: fault %d", code)
				}
				if code := b.callFrom(from.first).code(t); code != 0 {
					t.Errorf("an empty lobby: fault %d", code)
				}
			})
		}
	}
}

// Wrong signatures from one address get slow and leave nothing behind; right ones from it stay as they were.
func TestWithPerAddress_unproven(t *testing.T) {
	t.Parallel()
	var slept []time.Duration
	b := setup(t, nil, server.WithPerAddress(server.PerAddress{Unproven: 3}), server.WithSleep(func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		return nil
	}))
	try := func(remote, key string) (fault.Code, bool) {
		before := len(slept)
		r := request(envelopeWith(header(user, key, b.clock.Now()), body))
		r.RemoteAddr = remote
		return b.do(r).code(t), len(slept) > before
	}
	for i, step := range []struct {
		remote, key string
		after       time.Duration
		slow        bool
	}{
		{"192.0.2.1:1", "wrong", 0, false}, {"192.0.2.1:2", "wrong", 0, false}, {"192.0.2.1:3", "wrong", 0, false},
		{"192.0.2.1:4", "wrong", 0, true}, {"192.0.2.1:5", key, 0, false}, {"192.0.2.1:5", "wrong", 0, true}, {"192.0.2.1:6", key, 0, false},
		{"192.0.2.2:1", "wrong", 0, false}, {"@", "wrong", 0, false}, {"@", "wrong", 0, false}, {"@", "wrong", 0, false}, {"@", "wrong", 0, false},
		{"192.0.2.1:7", "wrong", time.Minute, false},
	} {
		b.clock.Advance(step.after)
		code, slow := try(step.remote, step.key)
		if slow != step.slow || (code == 0) != (step.key == key) || code != 0 && code != fault.CodeAuthenticationFailed {
			t.Errorf("step %d: fault %d, slow %t", i, code, slow)
		}
	}
	if n := len(b.exchanges.all()); n != 11 {
		t.Errorf("%d exchanges in the journal, want all but the two slow ones", n)
	}
	if lines := strings.Count(b.logged.String(), "\n"); lines != 11 {
		t.Errorf("%d lines in the log", lines)
	}
	if e := b.exchanges.all()[2]; e.Unproven != 3 || e.Address != "192.0.2.1" {
		t.Errorf("%d from %q", e.Unproven, e.Address)
	}
}

// The memory for addresses is bounded: those for which there is no place are counted together.
func TestWithPerAddress_manyAddresses(t *testing.T) {
	t.Parallel()
	slow := 0
	b := setup(t, nil, server.WithPerAddress(server.PerAddress{Unproven: 100}), server.WithSleep(func(context.Context, time.Duration) error {
		slow++
		return nil
	}))
	for i := range 4096 + 150 {
		r := request("no envelope")
		r.RemoteAddr = fmt.Sprintf("10.0.%d.%d:1", i/256, i%256)
		b.do(r)
	}
	if slow != 50 {
		t.Errorf("%d answers were slow, want those of 150 calls that go beyond 100", slow)
	}
}

// endless is a body that goes on until it is not wanted any more.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

// Who cannot sign gets the answer before a long document has come, and who can does not wait in the lobby.
func TestServeHTTP_judgedEarly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header string
		opts   []server.Option
		most   int
		code   fault.Code
	}{
		"wrong key":      {header(user, "wrong", start), nil, 10 << 10, fault.CodeAuthenticationFailed},
		"no header":      {"", nil, 10 << 10, fault.CodeAuthenticationFailed},
		"long header":    {"<x/>" + strings.Repeat(" ", 20<<10) + header(user, "wrong", start), nil, 66 << 10, fault.CodeAuthenticationFailed},
		"to be repaired": {"<x>\x01</x>" + header(user, "wrong", start), []server.Option{server.WithRepair()}, 10 << 10, fault.CodeAuthenticationFailed},
		"right key":      {header(user, key, start), []server.Option{server.WithMaxPending(10, 20<<10)}, 1 << 20, fault.CodeRequestNotUnderstood},
		"endless header": {"<x>", nil, 1 << 20, fault.CodeRequestNotUnderstood},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, append([]server.Option{server.WithMaxBody(1 << 20)}, test.opts...)...)
			doc, _, _ := strings.Cut(envelopeWith(test.header, body), "<keyValue>")
			if name == "endless header" {
				doc, _, _ = strings.Cut(doc, "</s:Header>")
			}
			rest := new(endless)
			r := request("")
			r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(doc), rest)), -1
			if code := b.do(r).code(t); code != test.code {
				t.Errorf("fault %d", code)
			}
			if rest.read > test.most+4<<10 {
				t.Errorf("%d bytes were read", rest.read)
			}
			if repairs := b.Repaired(); repairs != 0 {
				t.Errorf("%d repairs were counted of a document that was refused", repairs)
			}
		})
	}
}
