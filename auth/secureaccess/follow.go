package secureaccess

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"os"
	"time"
)

// followInterval is how often Follow looks for changes.
const followInterval = 5 * time.Second

// Follow keeps the keyring at what the file of [OpenKeyring] says, until ctx ends: it reads the file at once, again
// when it has changed, for which it looks every five seconds, and whenever now tells it to, such as on SIGHUP. A file
// that cannot be used changes nothing, and the log says once what is wrong with it. The log also says which access key
// signs and until when the other is accepted, when the file is read and when one of its times has come. It never
// holds a secret.
//
// Replace the file in one step, by a rename: what is read while somebody writes it may be the first of two lines.
func (k *Keyring) Follow(ctx context.Context, path string, now <-chan os.Signal, log *slog.Logger) {
	f := newFollower(k, path, log, time.Now())
	f.look(false, time.Now())
	looks := time.NewTicker(followInterval)
	defer looks.Stop()
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-now:
			asked = true
		case <-looks.C:
		}
		f.look(asked, time.Now())
	}
}

type follower struct {
	keys  *Keyring
	path  string
	log   *slog.Logger
	seen  [sha256.Size]byte // of the file, or of why it could not be read
	phase phase
}

func newFollower(k *Keyring, path string, log *slog.Logger, now time.Time) *follower {
	return &follower{keys: k, path: path, log: log.With("file", path), phase: k.phase(now)}
}

// look looks once.
func (f *follower) look(asked bool, now time.Time) {
	text, err := readPairFile(f.path)
	seen := sha256.Sum256(text)
	if err != nil {
		seen = sha256.Sum256([]byte(err.Error()))
	}
	if seen == f.seen && !asked {
		f.pass(now)
		return
	}
	f.seen = seen
	if err == nil {
		err = f.set(text)
	}
	if err != nil {
		f.log.Error("secure access: the access secrets have changed and cannot be used; the ones before stay", "error", err.Error())
		f.pass(now)
		return
	}
	f.phase = f.keys.phase(now)
	f.log.Info("secure access: the access secrets were read", f.keys.moments(now)...)
}

func (f *follower) set(text []byte) error {
	pairs, err := readPairs(f.path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := f.keys.Set(pairs...); err != nil {
		return asFileError(f.path, err)
	}
	return nil
}

// pass tells of a time of the file that has come since the last look, or come again if the clock was put back.
func (f *follower) pass(now time.Time) {
	phase := f.keys.phase(now)
	if phase == f.phase {
		return
	}
	f.phase = phase
	f.log.Info("secure access: "+string(phase), f.keys.moments(now)...)
}

// phase says where in a change of the secret the keyring is, in words for a log.
type phase string

const (
	settled phase = "only one access secret is accepted"
	waiting phase = "the old access secret signs, the new one is accepted already"
	overlap phase = "the new access secret signs, the old one is accepted still"
	after   phase = "the overlap has ended: the old access secret is accepted no more, its line can go"
)

func (k *Keyring) phase(now time.Time) phase {
	pairs := *k.pairs.Load()
	switch {
	case len(pairs) == 1:
		return settled
	case current(pairs, now) == 0:
		return waiting
	case ended(pairs[0], now):
		return after
	}
	return overlap
}

// moments is what a log says about the pairs.
func (k *Keyring) moments(now time.Time) []any {
	pairs := *k.pairs.Load()
	attrs := []any{slog.String("access_key", pairs[current(pairs, now)].AccessKey), slog.Int("secrets", len(pairs))}
	if len(pairs) == 2 {
		attrs = append(attrs, slog.String("change", stamp(pairs[1].From)), slog.String("overlap_ends", stamp(pairs[0].Until)))
	}
	return attrs
}
