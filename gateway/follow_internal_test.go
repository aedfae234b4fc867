package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What has changed is read again, once; what cannot be used is told, once, and changes nothing.
func TestFollow(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const good = "tenants:\n- userID: one\n  key: {file: key}\n  rest: {endpoint: 'https://a.example.com/rest', clientID: c, clientSecret: {file: secret}}\n"
	write("gateway.yaml", good)
	write("key", "first-key")
	write("secret", "example-secret")
	c, err := Load(filepath.Join(folder, "gateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	g, err := New(c, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	seen := c.file.seen
	key := func() string {
		k, _ := g.current.Load().lookup(t.Context(), "one")
		return k.Reveal()
	}
	for _, step := range []struct {
		what  string
		do    func()
		asked bool
		key   string
		log   string // empty: nothing is told
	}{
		{"nothing", func() {}, false, "first-key", ""},
		{"a signal", func() {}, true, "first-key", "was read again"},
		{"another key", func() { write("key", "second-key") }, false, "second-key", "was read again"},
		{"nothing again", func() {}, false, "second-key", ""},
		{"a broken file", func() { write("gateway.yaml", "tenants:\n- userid: one\n") }, false, "second-key", `:2: unknown field`},
		{"still broken", func() {}, false, "second-key", ""},
		{"still broken, a signal", func() {}, true, "second-key", "the one before stays"},
		{"mended, with another listener", func() { write("gateway.yaml", "admin: 127.0.0.1:0\n"+good) }, false, "second-key", "needs a new start"},
		{"another state", func() { write("gateway.yaml", "state: {memory: true}\n"+good) }, false, "second-key", "state has changed: that needs a new start"},
		{"a secret that is gone", func() { _ = os.Remove(filepath.Join(folder, "secret")) }, false, "second-key", "cannot be used"},
	} {
		log.Reset()
		step.do()
		seen = g.follow(c, seen, step.asked)
		if got := key(); got != step.key {
			t.Errorf("%s: the key is %s", step.what, got)
		}
		if text := log.String(); (text == "") != (step.log == "") || !strings.Contains(text, step.log) || strings.Contains(text, "-key") || strings.Contains(text, "example-secret") {
			t.Errorf("%s: the log: %s", step.what, text)
		}
	}
}

// What changes after the configuration was loaded, and before it is followed, is not overlooked; nor is that others may not read it any more.
func TestFollow_early(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		path := filepath.Join(folder, "gateway.yaml")
		write := func(path, text string, mode os.FileMode) {
			t.Helper()
			if err := errors.Join(os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode)); err != nil {
				t.Fatal(err)
			}
		}
		const form = "tenants:\n- userID: one\n  key: %s\n  rest: {endpoint: 'https://a.example.com/rest', clientID: c, clientSecret: example-secret}\n"
		write(path, fmt.Sprintf(form, "{file: key}"), 0o600)
		write(filepath.Join(folder, "key"), "first-key", 0o600)
		c, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		g, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		write(filepath.Join(folder, "key"), "second-key", 0o600)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go g.Follow(ctx, c, nil)
		is := func(want string) {
			t.Helper()
			time.Sleep(followInterval + time.Second)
			if key, _ := g.current.Load().lookup(ctx, "one"); key.Reveal() != want {
				t.Errorf("the key is %s, want %s", key.Reveal(), want)
			}
		}
		is("second-key")
		write(path, fmt.Sprintf(form, "third-key"), 0o644)
		is("second-key")
		write(path, fmt.Sprintf(form, "third-key"), 0o600)
		is("third-key")
	})
}

// A certificate that cannot take the place of the one in use is told, as that serves on.
func TestFollow_certificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("cert.pem", "before")
	const tenants = "tenants: [{userID: a, key: example-key, rest: {endpoint: 'https://a.example.com/rest', clientID: c, clientSecret: example-secret}}]\n"
	plain, err := Load(write("plain.yaml", tenants))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	g, err := New(plain, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(write("gateway.yaml", "listeners: [{address: '127.0.0.1:0', tls: {certificate: cert.pem, key: key.pem}}]\n"+tenants))
	if err != nil {
		t.Fatal(err)
	}
	seen := g.follow(c, c.file.seen, false)
	if strings.Contains(log.String(), "certificate") {
		t.Error(log.String())
	}
	write("cert.pem", "after")
	g.follow(c, seen, false)
	if !strings.Contains(log.String(), "gateway.yaml:1: listeners[0].tls: certificate and key cannot be used, cert.pem") {
		t.Error(log.String())
	}
}
