package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gateway"
)

// certificate writes a certificate for 127.0.0.1 with its key.
func certificate(t *testing.T, folder string, until time.Time) gateway.TLS {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(until.Unix()), Subject: pkix.Name{CommonName: "gateway"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
	}
	cert, errCert := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	private, errKey := x509.MarshalECPrivateKey(key)
	files := gateway.TLS{Certificate: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem")}
	err = errors.Join(errCert, errKey,
		os.WriteFile(files.Certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600),
		os.WriteFile(files.Key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// served serves a gateway at a listener until the test ends.
func served(t *testing.T, c *gateway.Config, l *gateway.Listener) net.Addr {
	t.Helper()
	sim, _ := seeded(t, "lead@example.com")
	c.Tenants = []gateway.Tenant{tenant(face(t, sim))}
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := c.Listen(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Serve(ctx, ln, g.Handler(l)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr()
}

// wsdl fetches the contract and returns the address in it.
func wsdl(t *testing.T, h *http.Client, url string, header http.Header) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/soap/mktows/2_9?WSDL", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	resp, err := h.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(string(text), `address location="`)
	address, _, _ = strings.Cut(address, `"`)
	return address
}

func TestListen_tls(t *testing.T) {
	t.Parallel()
	files := certificate(t, t.TempDir(), time.Now().Add(24*time.Hour))
	l := gateway.Listener{Address: "127.0.0.1:0", TLS: &files}
	addr := served(t, &gateway.Config{Listeners: []gateway.Listener{l}}, &l)
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}}} //nolint:gosec // its own certificate
	t.Cleanup(h.CloseIdleConnections)
	if got, want := wsdl(t, h, "https://"+addr.String(), http.Header{}), "https://"+addr.String()+"/soap/mktows/2_9"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	old := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // what is refused
	if conn, err := (&tls.Dialer{Config: old}).DialContext(t.Context(), "tcp", addr.String()); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is accepted")
	}
}

// A listener of its own takes what very old clients can do.
func TestListen_oldTLS(t *testing.T) {
	t.Parallel()
	files := certificate(t, t.TempDir(), time.Now().Add(24*time.Hour))
	files.MinVersion = "1.0"
	l := gateway.Listener{Address: "127.0.0.1:0", TLS: &files}
	addr := served(t, &gateway.Config{Listeners: []gateway.Listener{l}}, &l)
	old := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10} //nolint:gosec // the point
	conn, err := (&tls.Dialer{Config: old}).DialContext(t.Context(), "tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

func TestListen_mistakes(t *testing.T) {
	t.Parallel()
	expired := certificate(t, t.TempDir(), time.Now().Add(-time.Hour))
	strange := certificate(t, t.TempDir(), time.Now().Add(time.Hour))
	strange.MinVersion = "3"
	for want, l := range map[string]gateway.Listener{
		"has expired on":         {Address: "127.0.0.1:0", TLS: &expired},
		"is no version of TLS":   {Address: "127.0.0.1:0", TLS: &strange},
		"is not HOST:PORT":       {Address: "127.0.0.1"},
		"can be reached":         {Address: "0.0.0.0:0"},
		"names no path":          {Address: "unix:"},
		"address: is missing":    {},
		"certificate and key ar": {Address: "127.0.0.1:0", TLS: new(gateway.TLS)},
	} {
		_, err := gateway.New(&gateway.Config{Listeners: []gateway.Listener{l}, Tenants: []gateway.Tenant{tenant("https://a.example.com/rest")}})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// What would fail at the start is told by looking at the configuration.
func TestListen_together(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]gateway.Config{
		`admin: "nonsense" is not HOST:PORT`:                                              {Admin: "nonsense"},
		`admin: "127.0.0.1:99999" is not HOST:PORT`:                                       {Admin: "127.0.0.1:99999"},
		"admin: 127.0.0.1:8091 is taken by listeners[0].address already":                  {Admin: "127.0.0.1:8091", Listeners: []gateway.Listener{{Address: "127.0.0.1:8091"}}},
		"listeners[1].address: unix:a is taken by listeners[0].address already":           {Listeners: []gateway.Listener{{Address: "unix:a"}, {Address: "unix:a"}}},
		"listeners[0].address: the path has 200 bytes, and that of a socket may have 107": {Listeners: []gateway.Listener{{Address: "unix:" + strings.Repeat("a", 200)}}},
	} {
		c.Tenants = []gateway.Tenant{tenant("https://a.example.com/rest")}
		if _, err := gateway.New(&c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	free := gateway.Config{Admin: "127.0.0.1:0", Listeners: []gateway.Listener{{Address: "127.0.0.1:0"}, {Address: "127.0.0.1:0"}}, Tenants: []gateway.Tenant{tenant("https://a.example.com/rest")}}
	if _, err := gateway.New(&free); err != nil {
		t.Errorf("any free ports: %v", err)
	}
}

// A socket that a gateway has left when it was killed is no hindrance; one in use, or something else, is.
func TestListen_unix(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gateway.sock")
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = left.Close()
	l := gateway.Listener{Address: "unix:" + path, BehindProxy: true}
	c := &gateway.Config{Listeners: []gateway.Listener{l}}
	served(t, c, &l)
	h := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	t.Cleanup(h.CloseIdleConnections)
	// The old host name comes through, and what the proxy says of TLS is believed.
	got := wsdl(t, h, "http://000-AAA-000.mktoapi.com", http.Header{"X-Forwarded-Proto": {"https"}})
	if want := "https://000-AAA-000.mktoapi.com/soap/mktows/2_9"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := c.Listen(t.Context(), &l); err == nil || !strings.Contains(err.Error(), "somebody listens") {
		t.Errorf("twice: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Listen(t.Context(), &gateway.Listener{Address: "unix:" + file}); err == nil || !strings.Contains(err.Error(), "something else") {
		t.Errorf("a file: %v", err)
	}
}

// Nobody but a proxy may say how the caller came.
func TestHandler_forwarded(t *testing.T) {
	t.Parallel()
	l := gateway.Listener{Address: "127.0.0.1:0"}
	addr := served(t, &gateway.Config{Listeners: []gateway.Listener{l}}, &l)
	h := &http.Client{Transport: new(http.Transport)}
	t.Cleanup(h.CloseIdleConnections)
	if got := wsdl(t, h, "http://"+addr.String(), http.Header{"X-Forwarded-Proto": {"https"}}); !strings.HasPrefix(got, "http://") {
		t.Error(got)
	}
}
