package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/server"
)

func TestNew_mistakes(t *testing.T) {
	t.Parallel()
	users := server.WithUsers(map[string]auth.Secret{user: auth.NewSecret(key)})
	tests := []struct {
		name string
		opts []server.Option
		text string
	}{
		{"nobody may call", nil, "WithoutAuthentication"},
		{"users and everybody", []server.Option{users, server.WithoutAuthentication()}, "exactly one"},
		{"no users", []server.Option{server.WithUsers(nil)}, "no user"},
		{"a user without key", []server.Option{server.WithUsers(map[string]auth.Secret{user: {}})}, user},
		{"a user without id", []server.Option{server.WithUsers(map[string]auth.Secret{"": auth.NewSecret(key)})}, "empty"},
		{"nil option", []server.Option{users, nil}, "option 2"},
		{"nil lookup", []server.Option{server.WithUserLookup(nil)}, "WithUserLookup"},
		{"window", []server.Option{users, server.WithWindow(0)}, "WithWindow"},
		{"negative limit", []server.Option{users, server.WithLimits(server.Limits{Daily: -2})}, "WithLimits: limits: Daily"},
		{"reserve", []server.Option{users, server.WithLimits(server.Limits{Reserve: 1})}, "Reserve"},
		{"nil clock", []server.Option{users, server.WithClock(nil)}, "WithClock"},
		{"nil sleep", []server.Option{users, server.WithSleep(nil)}, "WithSleep"},
		{"nil rules", []server.Option{users, server.WithRules(nil)}, "WithRules"},
		{"mount", []server.Option{users, server.WithMount("soap")}, "WithMount"},
		{"size", []server.Option{users, server.WithMaxBody(0)}, "WithMaxBody"},
		{"pending requests", []server.Option{users, server.WithMaxPending(0, 1)}, "WithMaxPending"},
		{"pending bytes", []server.Option{users, server.WithMaxPending(1, 0)}, "WithMaxPending"},
		{"public URL", []server.Option{users, server.WithPublicURL("soap.example.com")}, "WithPublicURL"},
		{"nil logger", []server.Option{users, server.WithLogger(nil)}, "WithLogger"},
		{"nil journal", []server.Option{users, server.WithJournal(nil)}, "WithJournal"},
		{"nil observer", []server.Option{users, server.WithObserver(nil)}, "WithObserver"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv, err := server.New(emptyPage, test.opts...)
			if srv != nil || err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want one with %q", err, test.text)
			}
		})
	}
	if _, err := server.New(nil, server.WithWindow(-1), server.WithMaxBody(-1)); err == nil || strings.Count(err.Error(), "server:") != 4 {
		t.Errorf("want four mistakes, joined: %v", err)
	}
}

func TestWithoutAuthentication(t *testing.T) {
	t.Parallel()
	srv, err := server.New(emptyPage, server.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{Server: srv, t: t}
	for _, header := range []string{"", header("anybody", "any-key", start), "<m:AuthenticationHeader/>"} {
		if f := b.post(envelopeWith(header, body)).fault(t); f != nil {
			t.Error(f)
		}
	}
}

func TestWithUserLookup(t *testing.T) {
	t.Parallel()
	type contextKey struct{}
	srv, err := server.New(emptyPage, server.WithUserLookup(func(ctx context.Context, id string) (auth.Secret, bool) {
		// An empty key lets nobody in, even when the function says it knows the user.
		return auth.NewSecret(map[string]string{user: key}[id]), ctx.Value(contextKey{}) == true
	}), server.WithClock(func() time.Time { return start }))
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{Server: srv, t: t}
	post := func(id, key string, known bool) fault.Code {
		r := request(envelopeWith(header(id, key, start), body))
		return b.do(r.WithContext(context.WithValue(r.Context(), contextKey{}, known))).code(t)
	}
	if got := post(user, key, true); got != 0 {
		t.Errorf("known user: %d", got)
	}
	if got := post(user, key, false); got != fault.CodeAuthenticationFailed {
		t.Errorf("user not known: %d, want 20014 although key and signature are right", got)
	}
	if got := post("somebody", "", true); got != fault.CodeAuthenticationFailed {
		t.Errorf("empty key: %d, want 20014", got)
	}
}

func TestWithUsers_copiesTheMap(t *testing.T) {
	t.Parallel()
	users := map[string]auth.Secret{user: auth.NewSecret(key)}
	opt := server.WithUsers(users)
	delete(users, user)
	srv, err := server.New(emptyPage, opt, server.WithClock(func() time.Time { return start }))
	if err != nil {
		t.Fatal(err)
	}
	if f := (&bundle{Server: srv, t: t}).post(envelopeWith(header(user, key, start), body)).fault(t); f != nil {
		t.Error(f)
	}
}
