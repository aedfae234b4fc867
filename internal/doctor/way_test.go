package doctor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/internal/doctor"
)

// subject is one whose way is looked at. Its bridge is never called.
func subject(t *testing.T, endpoint string, transport *http.Transport) *doctor.Subject {
	t.Helper()
	b, err := bridge.New(endpoint, bridge.Credentials{ClientID: "id-of-nobody", ClientSecret: auth.NewSecret("secret-of-nobody")},
		bridge.WithInsecureHTTP(), bridge.WithHTTPClient(&http.Client{Transport: transport}), bridge.WithoutRetry())
	if err != nil {
		t.Fatal(err)
	}
	return &doctor.Subject{API: doctor.REST, Endpoint: endpoint, Bridge: b, Transport: transport, Secrets: []string{"id-of-nobody", "secret-of-nobody"}}
}

// certificate returns one for hosts, until a time, and who trusts it.
func certificate(t *testing.T, until time.Time, hosts ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.Add(-365 * 24 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
			continue
		}
		c.DNSNames = append(c.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestExamine_TLS(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		left    time.Duration // of the certificate
		host    string
		trusted bool
		plain   bool // the server does not speak TLS
		state   doctor.State
		text    string
	}{
		"good":        {left: year, host: "127.0.0.1", trusted: true, state: doctor.OK, text: "TLS 1.3, certificate of 127.0.0.1 until 20"},
		"ends soon":   {left: time.Hour, host: "127.0.0.1", trusted: true, state: doctor.Warn, text: "until 20"},
		"expired":     {left: -time.Hour, host: "127.0.0.1", trusted: true, state: doctor.Fail, text: "the certificate is good from 20"},
		"not yet":     {left: 2 * year, host: "127.0.0.1", trusted: true, state: doctor.Fail, text: "the certificate is good from 20"},
		"other name":  {left: year, host: "other.example.com", trusted: true, state: doctor.Fail, text: "the certificate is not for 127.0.0.1 but for other.example.com"},
		"not trusted": {left: year, host: "127.0.0.1", state: doctor.Fail, text: "nobody whom this machine trusts"},
		"no TLS":      {plain: true, state: doctor.Fail, text: "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			transport := &http.Transport{TLSClientConfig: new(tls.Config)}
			if test.plain {
				server.Start()
			} else {
				cert, pool := certificate(t, time.Now().Add(test.left), test.host)
				if test.trusted {
					transport.TLSClientConfig.RootCAs = pool
				}
				server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
				server.StartTLS()
			}
			defer server.Close()
			r := doctor.Examine(t.Context(), subject(t, "https://"+server.Listener.Addr().String()+"/rest", transport))
			got := find(t, r, "TLS")
			if got.State != test.state || !strings.Contains(got.Found, test.text) || (got.Cure == "") != (test.state == doctor.OK) {
				t.Errorf("%s", shown(t, r))
			}
			// Behind good TLS there is a page, which is no answer of the service.
			want := "TLS"
			if test.state != doctor.Fail {
				want = "credentials"
			}
			if failed := r.Failed(); failed == nil || failed.Name != want {
				t.Errorf("%s", shown(t, r))
			}
			only(t, r, doctor.Unchecked)
		})
	}
}

// dialing returns a transport with connections of another kind.
func dialing(dial func() (net.Conn, error)) *http.Transport {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dial() }}
}

// A host that takes connections and says nothing holds nobody up.
func TestExamine_silence(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{"http://quiet.example.com/rest": "answer", "https://quiet.example.com/rest": "TLS"} {
		synctest.Test(t, func(t *testing.T) {
			here, there := net.Pipe()
			defer there.Close()
			go func() { _, _ = io.Copy(io.Discard, there) }()
			began := time.Now()
			r := doctor.Examine(t.Context(), subject(t, endpoint, dialing(func() (net.Conn, error) { return here, nil })))
			if took := time.Since(began); took != doctor.DefaultStep {
				t.Errorf("it took %s", took)
			}
			if got := r.Failed(); got == nil || got.Name != want || !strings.Contains(got.Found, "nothing came within 10s") {
				t.Errorf("%s", shown(t, r))
			}
			only(t, r, doctor.Unchecked)
		})
	}
}

func TestExamine_noWay(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	unknown := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "none.example.com", IsNotFound: true}}
	byProxy := func(address string, dial func() (net.Conn, error)) *http.Transport {
		proxy, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		transport := dialing(dial)
		if dial == nil {
			transport = new(http.Transport)
		}
		transport.Proxy = http.ProxyURL(proxy)
		return transport
	}
	refusing := func(status int) *http.Transport {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodConnect {
				w.WriteHeader(status)
			}
		}))
		t.Cleanup(proxy.Close)
		return byProxy("http://user:hidden-password@"+proxy.Listener.Addr().String(), nil)
	}
	for name, test := range map[string]struct {
		transport  *http.Transport
		check      string
		text, cure string
	}{
		"no such host":         {dialing(func() (net.Conn, error) { return nil, unknown }), "DNS", "none.example.com cannot be looked up: no such host", "https://ACCOUNT.mktorest.com/rest"},
		"refused":              {dialing(func() (net.Conn, error) { return nil, refused }), "TCP", "connection refused", "check host and port"},
		"proxy not found":      {byProxy("http://proxy.example.com:3128", func() (net.Conn, error) { return nil, unknown }), "DNS", "the name of the proxy proxy.example.com cannot", "HTTPS_PROXY"},
		"proxy is down":        {byProxy("http://proxy.example.com:3128", func() (net.Conn, error) { return nil, refused }), "TCP", "no connection to the proxy proxy.example.com", "HTTPS_PROXY"},
		"proxy wants password": {refusing(http.StatusProxyAuthRequired), "proxy", "HTTP 407", "user and password"},
		"proxy forbids":        {refusing(http.StatusForbidden), "proxy", "HTTP 403", "NO_PROXY"},
		"no proxy's address": {&http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
			return nil, &url.Error{Op: "parse", URL: "http://user:hidden-password@", Err: os.ErrInvalid}
		}}, "proxy", "is not a URL", "HTTPS_PROXY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := doctor.Examine(t.Context(), subject(t, "https://none.example.com/rest", test.transport))
			got := r.Failed()
			if got == nil || got.Name != test.check || !strings.Contains(got.Found, test.text) || !strings.Contains(got.Cure, test.cure) || strings.Contains(shown(t, r), "hidden-password") {
				t.Errorf("%s", shown(t, r))
			}
			only(t, r, doctor.Unchecked)
		})
	}
}

// What answers in the place of the service.
func TestExamine_somethingElse(t *testing.T) {
	t.Parallel()
	for status, text := range map[int]string{http.StatusFound: `redirects to "http://login.example.com/"`, http.StatusBadGateway: "HTTP 502: it comes from something before the service"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://login.example.com/?token=hidden")
			w.WriteHeader(status)
		}))
		r := doctor.Examine(t.Context(), subject(t, server.URL+"/rest", new(http.Transport)))
		server.Close()
		if got := r.Failed(); got == nil || got.Name != "answer" || !strings.Contains(got.Found, text) || strings.Contains(shown(t, r), "token=hidden") {
			t.Errorf("%s", shown(t, r))
		}
	}
}
