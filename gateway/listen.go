package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// versions are the versions of TLS by the names of the configuration.
var versions = map[string]uint16{
	"": tls.VersionTLS12, "1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

const unixPrefix = "unix:"

// maxSocketPath is how many bytes the path of a socket may have (sun_path on Linux, unix(7); others take a few less).
const maxSocketPath = 107

// listeners checks the listeners of a configuration, and all addresses.
func (p *problems) listeners() {
	for i := range p.config.Listeners {
		l, field := &p.config.Listeners[i], fmt.Sprintf("listeners[%d]", i)
		if l.Address == "" {
			p.add(field+".address", "is missing: give HOST:PORT, or unix:PATH")
			continue
		}
		if path, unix := strings.CutPrefix(l.Address, unixPrefix); !unix {
			p.tcpAddress(field, l)
		} else if path == "" {
			p.add(field+".address", "names no path: give unix:PATH")
		} else if whole := p.config.resolve(path); len(whole) > maxSocketPath {
			p.add(field+".address", "the path has %d bytes, and that of a socket may have %d: take a shorter one", len(whole), maxSocketPath)
		}
		if l.TLS == nil {
			continue
		}
		if _, known := versions[l.TLS.MinVersion]; !known {
			p.add(field+".tls.minVersion", "%.20q is no version of TLS: give 1.0, 1.1, 1.2 or 1.3, in quotes", l.TLS.MinVersion)
		}
		if _, err := p.config.certificate(l.TLS, time.Now()); err != nil {
			p.add(field+".tls", "%v", err)
		}
	}
	p.addresses()
}

// addresses checks that admin is an address, and that no two things are to listen at one.
func (p *problems) addresses() {
	type use struct {
		field, address string
	}
	var uses []use
	for i := range p.config.Listeners {
		uses = append(uses, use{fmt.Sprintf("listeners[%d].address", i), p.config.Listeners[i].Address})
	}
	if admin := p.config.Admin; admin != "" {
		if _, err := net.ResolveTCPAddr("tcp", admin); err != nil {
			p.add("admin", "%.100q is not HOST:PORT, such as 127.0.0.1:8091: %v", admin, err)
		}
		uses = append(uses, use{"admin", admin})
	}
	for i, later := range uses {
		for _, earlier := range uses[:i] {
			if collide(earlier.address, later.address) {
				p.add(later.field, "%s is taken by %s already: give each a port of its own", later.address, earlier.field)
				break
			}
		}
	}
}

// collide reports whether only one of two addresses can be listened at.
func collide(one, other string) bool {
	a, err := net.ResolveTCPAddr("tcp", one)
	b, err2 := net.ResolveTCPAddr("tcp", other)
	if err != nil || err2 != nil {
		return one == other && one != ""
	}
	everywhere := func(ip net.IP) bool { return len(ip) == 0 || ip.IsUnspecified() }
	return a.Port == b.Port && a.Port != 0 && (a.IP.Equal(b.IP) || everywhere(a.IP) || everywhere(b.IP))
}

// tcpAddress checks an address with a port, which is served in plain only where nobody can listen in.
func (p *problems) tcpAddress(field string, l *Listener) {
	addr, err := net.ResolveTCPAddr("tcp", l.Address)
	switch {
	case err != nil:
		p.add(field+".address", "%.100q is not HOST:PORT, such as 127.0.0.1:8080: %v", l.Address, err)
	case l.TLS == nil && !l.BehindProxy && !addr.IP.IsLoopback():
		p.add(field+".address", "%s can be reached from other machines, and without tls everybody on the way can read what is sent: "+
			"give certificate and key under tls, listen on 127.0.0.1, or say behindProxy: true if a proxy that ends TLS is in front", l.Address)
	}
}

// proxiedListener is one whose connections come from a proxy.
type proxiedListener struct{ net.Listener }

// Listen opens the address. Connections of one with TLS have to shake hands by its certificate, which is read again when its files
// change.
func (c *Config) Listen(ctx context.Context, l *Listener) (net.Listener, error) {
	ln, err := c.listen(ctx, l)
	if err == nil && l.BehindProxy {
		ln = proxiedListener{ln}
	}
	return ln, err
}

func (c *Config) listen(ctx context.Context, l *Listener) (net.Listener, error) {
	network, address := "tcp", l.Address
	if path, unix := strings.CutPrefix(address, unixPrefix); unix {
		network, address = "unix", c.resolve(path)
		if err := removeStaleSocket(ctx, address); err != nil {
			return nil, err
		}
	}
	ln, err := new(net.ListenConfig).Listen(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", l.Address, err)
	}
	if l.TLS == nil {
		return ln, nil
	}
	keeper := &certificateKeeper{config: c, tls: l.TLS}
	if _, err := keeper.get(nil); err != nil {
		_ = ln.Close()
		return nil, err
	}
	return tls.NewListener(ln, &tls.Config{
		GetCertificate: keeper.get, MinVersion: versions[l.TLS.MinVersion], CipherSuites: ciphers(versions[l.TLS.MinVersion]), NextProtos: []string{"http/1.1"},
	}), nil
}

// ciphers returns those of Go's choice, and for very old clients those with CBC and without forward secrecy too, which they need.
func ciphers(lowest uint16) []uint16 {
	if lowest >= tls.VersionTLS12 {
		return nil
	}
	var all []uint16
	for _, s := range tls.CipherSuites() {
		all = append(all, s.ID)
	}
	for _, s := range tls.InsecureCipherSuites() {
		if strings.HasPrefix(s.Name, "TLS_RSA_WITH_AES") || strings.HasPrefix(s.Name, "TLS_RSA_WITH_3DES") {
			all = append(all, s.ID)
		}
	}
	return all
}

// removeStaleSocket removes what a gateway that was killed has left. Something else that has the name, or a socket that somebody
// listens on, is left alone.
func removeStaleSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("the socket %s: %w", path, err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("the socket %s: something else has this name", path)
	}
	if conn, err := new(net.Dialer).DialContext(ctx, "unix", path); err == nil {
		_ = conn.Close()
		return fmt.Errorf("the socket %s: somebody listens on it already", path)
	}
	return os.Remove(path)
}

// certificate reads the files of a certificate.
func (c *Config) certificate(t *TLS, now time.Time) (*tls.Certificate, error) {
	if t.Certificate == "" || t.Key == "" {
		return nil, errors.New("certificate and key are both needed: give the paths of two files in PEM")
	}
	cert, err := tls.LoadX509KeyPair(c.resolve(t.Certificate), c.resolve(t.Key))
	if err != nil {
		return nil, fmt.Errorf("certificate and key cannot be used, %s and %s: %w", t.Certificate, t.Key, err)
	}
	if now.Before(cert.Leaf.NotBefore) {
		return nil, fmt.Errorf("the certificate %s is not valid before %s: clients would refuse it; look at the clock of this machine", t.Certificate, cert.Leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	if now.After(cert.Leaf.NotAfter) {
		return nil, fmt.Errorf("the certificate %s has expired on %s: renew it", t.Certificate, cert.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return &cert, nil
}

// certificateKeeper keeps a certificate as long as its files do not change.
type certificateKeeper struct {
	config *Config
	tls    *TLS

	mu     sync.Mutex
	cert   *tls.Certificate
	looked time.Time
	of     [2]time.Time // when the files were written
}

// lookInterval is how long a certificate is used without a look at its files.
const lookInterval = 5 * time.Second

// get returns the certificate. If the files have become unusable, for example while they are being replaced, the one before serves on.
func (k *certificateKeeper) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := time.Now(); k.cert == nil || now.Sub(k.looked) >= lookInterval {
		k.looked = now
		written := [2]time.Time{writtenAt(k.config.resolve(k.tls.Certificate)), writtenAt(k.config.resolve(k.tls.Key))}
		if k.cert == nil || written != k.of {
			cert, err := k.config.certificate(k.tls, now)
			if err != nil && k.cert == nil {
				return nil, err
			}
			if err == nil {
				k.cert, k.of = cert, written
			}
		}
	}
	return k.cert, nil
}

// writtenAt returns when a file was written; the zero time if there is none.
func writtenAt(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
