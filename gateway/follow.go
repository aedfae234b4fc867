package gateway

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"time"
)

// followInterval is how often Follow looks for changes.
const followInterval = 5 * time.Second

// Follow keeps the gateway at what the file of its configuration says, until ctx ends: it reads the file again when that has changed,
// or a file of secrets or names in it, and whenever now tells it to, such as on SIGHUP. A configuration that cannot be used is
// told to the log, with everything that is wrong, and the one before stays. Changed listeners and another state need a new start, which the log says.
func (g *Gateway) Follow(ctx context.Context, c *Config, now <-chan os.Signal) {
	if c.file == nil {
		return
	}
	looks := time.NewTicker(followInterval)
	defer looks.Stop()
	seen := c.file.seen
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-now:
			asked = true
		case <-looks.C:
		}
		seen = g.follow(c, seen, asked)
	}
}

// fingerprint tells whether a configuration, or a file that it names, has changed.
type fingerprint [sha256.Size]byte

// follow looks once, and returns what it has seen.
func (g *Gateway) follow(c *Config, before fingerprint, asked bool) fingerprint {
	log := g.options.log.With(slog.String("file", c.file.path))
	text, private, err := read(c.file.path) // once: what is judged is what was seen, also while somebody writes it
	var next *Config
	if err == nil {
		next, err = parse(c.file.path, text, private)
	}
	var seen fingerprint
	if err == nil {
		seen = next.file.seen
	} else {
		seen = c.fingerprint(text, private) // of the files that are known
	}
	if seen == before && !asked {
		return seen
	}
	if err != nil {
		g.reloaded(err)
	} else {
		err = g.Reload(next)
	}
	if err != nil {
		log.Error("the configuration has changed and cannot be used; the one before stays", "error", err.Error()) // it quotes no call
		return seen
	}
	log.Info("the configuration was read again", "tenants", len(next.Tenants))
	if !reflect.DeepEqual(next.Listeners, c.Listeners) || next.Admin != c.Admin {
		log.Warn("listeners or admin have changed: that needs a new start of the gateway")
	}
	if !next.State.is(c.State) {
		log.Warn("state has changed: that needs a new start of the gateway")
	}
	return seen
}

// fingerprint is that of a text of the configuration, and of the files that c names. One that cannot be read counts as empty. Who may
// read the text counts as well: with secrets in it, it is refused if others may.
func (c *Config) fingerprint(text []byte, private bool) fingerprint {
	var paths []string
	add := func(path string) {
		if path != "" {
			paths = append(paths, c.resolve(path))
		}
	}
	for _, s := range c.PositionKeys {
		add(s.File)
	}
	for i := range c.Tenants {
		t := &c.Tenants[i]
		add(t.Key.File)
		add(t.REST.ClientSecret.File)
		add(t.Names)
		if t.Copy != nil {
			add(t.Copy.Postgres.File)
		}
	}
	for i := range c.Listeners { // which take a certificate by themselves, but tell nobody if they cannot
		if t := c.Listeners[i].TLS; t != nil {
			add(t.Certificate)
			add(t.Key)
		}
	}
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, private, len(text))
	sum.Write(text)
	for _, path := range paths {
		text, _, _ := read(path)
		one := sha256.Sum256(text)
		sum.Write(one[:])
	}
	return fingerprint(sum.Sum(nil))
}
