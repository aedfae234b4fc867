package secureaccess

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/auth"
)

const (
	oneLine  = "key-1 example-first from=2026-12-01T09:00:00Z\n"
	twoLines = oneLine + "key-2 example-second from=2026-12-02T09:00:00Z\n"
	change   = "key-1 example-first until=2026-12-03T09:00:00Z\nkey-2 example-second from=2026-12-02T09:00:00Z\n"
)

// What has changed is read again, once; what cannot be used is told, once, and changes nothing; a moment that has come is told.
func TestFollower(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.txt")
	write := func(text string) func() {
		return func() {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	at := func(day int) func() { return func() { now = time.Date(2026, 12, day, 9, 0, 0, 0, time.UTC) } }
	nothing := func() {}
	k, err := NewKeyring(Pair{AccessKey: "key-0", Secret: auth.NewSecret("example-zeroth")})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	f := newFollower(k, path, slog.New(slog.NewTextHandler(&log, nil)), now)
	for _, step := range []struct {
		what  string
		do    func()
		asked bool
		signs string
		log   string // empty: nothing is told
	}{
		{"no file", nothing, false, "key-0", "cannot be used; the ones before stay"},
		{"still no file", nothing, false, "key-0", ""},
		{"a file", write(oneLine), false, "key-1", "were read\" file=" + path + " access_key=key-1 secrets=1"},
		{"nothing", nothing, false, "key-1", ""},
		{"a signal", nothing, true, "key-1", "were read"},
		{"an empty file", write(""), false, "key-1", "it is empty"},
		{"still empty", nothing, false, "key-1", ""},
		{"still empty, a signal", nothing, true, "key-1", "it is empty"},
		{"half written", write(change[:len(change)-10]), false, "key-1", "no line break"},
		{"a change without an end", write(twoLines), false, "key-1", "the old access secret has no end"},
		{"a change", write(change), false, "key-1", "secrets=2 change=2026-12-02T09:00:00Z overlap_ends=2026-12-03T09:00:00Z"},
		{"a file that is gone", func() { _ = os.Remove(path) }, false, "key-1", "cannot be used"},
		{"the change comes all the same", at(2), false, "key-2", "the new access secret signs, the old one is accepted still"},
		{"it is told once", nothing, false, "key-2", ""},
		{"the file is back", write(change), false, "key-2", "were read"},
		{"the end of the overlap", at(4), false, "key-2", "the overlap has ended"},
		{"the clock jumps back", at(1), false, "key-1", "the old access secret signs, the new one is accepted already"},
		{"the clock is right again", at(4), false, "key-2", "the overlap has ended"},
		{"the old line goes", write("key-2 example-second from=2026-12-02T09:00:00Z\n"), false, "key-2", "secrets=1"},
	} {
		log.Reset()
		step.do()
		f.look(step.asked, now)
		if got := k.signing(now).AccessKey; got != step.signs {
			t.Errorf("%s: %s signs", step.what, got)
		}
		if text := log.String(); (text == "") != (step.log == "") || !strings.Contains(text, step.log) || strings.Contains(text, "example-") {
			t.Errorf("%s: the log: %s", step.what, text)
		}
	}
}

// Follow reads at once, by itself after some seconds, and on a signal without waiting.
func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "secrets.txt")
		write := func(key string) {
			if err := os.WriteFile(path, []byte(key+" example-secret-of-"+key+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("key-1")
		k, err := OpenKeyring(path)
		if err != nil {
			t.Fatal(err)
		}
		signs := func(want string) {
			t.Helper()
			if got := k.signing(time.Now()).AccessKey; got != want {
				t.Errorf("%s signs, want %s", got, want)
			}
		}
		write("key-2") // between opening and following
		ctx, cancel := context.WithCancel(t.Context())
		ended, hangUps := make(chan struct{}), make(chan os.Signal)
		go func() {
			k.Follow(ctx, path, hangUps, slog.New(slog.DiscardHandler))
			close(ended)
		}()
		synctest.Wait()
		signs("key-2")
		write("key-3")
		time.Sleep(followInterval + time.Second) // of the bubble's own clock
		synctest.Wait()
		signs("key-3")
		write("key-4")
		hangUps <- os.Interrupt
		synctest.Wait()
		signs("key-4")
		cancel()
		<-ended
	})
}
