package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/internal/httpcall"
)

// Names of the checks of the way to the endpoint, in order.
const (
	checkProxy  = "proxy"
	checkDNS    = "DNS"
	checkTCP    = "TCP"
	checkTLS    = "TLS"
	checkAnswer = "answer"
	checkClock  = "clock"
)

// sight is what was seen on the way to the endpoint. Its hooks may be called after the request has ended.
type sight struct {
	mu        sync.Mutex
	proxy     *url.URL // nil: none
	addresses []string // what the host's name, or the proxy's, stands for; nil: it was not looked up
	address   string   // that was connected to
	connected bool
	tunnel    int // HTTP status of the proxy's answer to CONNECT; 0: none
	shaking   bool
	shaken    bool
	tls       *tls.ConnectionState
	sent      time.Time
}

// way asks for the headers of a page that no call is needed for, and tells each step of the way. False means that there is
// no way.
func (e *examination) way(ctx context.Context) (open bool) {
	seen := new(sight)
	e.step(ctx, func(ctx context.Context) {
		resp, received, err := e.head(ctx, seen)
		seen.mu.Lock()
		defer seen.mu.Unlock()
		switch open = e.tellWay(seen, err); {
		case open && err != nil:
			open = e.fail(checkAnswer, err, "no answer: "+e.inWords(err), "check that it is a web server that listens there, and what is between")
		case open:
			open = e.tellAnswer(resp, seen.sent, received)
		}
	})
	return open
}

// head sends the request.
func (e *examination) head(ctx context.Context, seen *sight) (resp *http.Response, received time.Time, err error) {
	at := url.URL{Scheme: e.url.Scheme, Host: e.url.Host, Path: "/identity/oauth/token"}
	if e.API == SOAP {
		at = *e.url
		at.RawQuery = "WSDL"
	}
	transport := e.transport(seen)
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, seen.trace()), http.MethodHead, at.String(), nil)
	if err != nil {
		return nil, received, err
	}
	seen.sent = e.Now()
	resp, err = httpcall.PlainRedirects{RoundTripper: transport}.RoundTrip(r)
	received = e.Now()
	if err == nil {
		_ = resp.Body.Close() // it is empty
	}
	return resp, received, err
}

// transport returns a copy of the subject's that shows what it does.
func (e *examination) transport(seen *sight) *http.Transport {
	base := e.Transport
	if base == nil {
		base, _ = http.DefaultTransport.(*http.Transport) // nobody else's: it is in this program
	}
	t := base.Clone()
	t.DisableKeepAlives = true
	if choose := t.Proxy; choose != nil {
		t.Proxy = func(r *http.Request) (*url.URL, error) {
			proxy, err := choose(r)
			seen.note(func() { seen.proxy = proxy })
			if err != nil {
				return nil, errProxyAddress // it may hold a password
			}
			return proxy, nil
		}
	}
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		seen.note(func() { seen.tunnel = resp.StatusCode })
		return nil
	}
	return t
}

var errProxyAddress = errors.New("the address of the proxy is not a URL")

func (s *sight) note(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *sight) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone: func(info httptrace.DNSDoneInfo) {
			s.note(func() {
				for _, a := range info.Addrs {
					s.addresses = append(s.addresses, a.String())
				}
			})
		},
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				s.note(func() { s.address, s.connected = address, true })
			}
		},
		TLSHandshakeStart: func() { s.note(func() { s.shaking, s.shaken, s.connected = true, false, true }) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			s.note(func() { s.shaking, s.shaken, s.tls = false, err == nil, &state })
		},
		GotConn: func(info httptrace.GotConnInfo) {
			s.note(func() { s.connected = true })
		},
	}
}

// tellWay tells proxy, look-up, connection and TLS, up to the step where an error came.
func (e *examination) tellWay(s *sight, err error) bool {
	host, whose := e.url.Hostname(), ""
	if s.proxy != nil {
		host, whose = s.proxy.Hostname(), "the proxy "
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, errProxyAddress):
		return e.fail(checkProxy, err, errProxyAddress.Error(), "check HTTPS_PROXY and HTTP_PROXY")
	case s.proxy != nil:
		e.add(checkProxy, OK, "by "+s.proxy.Scheme+"://"+s.proxy.Host, "")
	default:
		e.add(checkProxy, OK, "none", "")
	}
	switch {
	case errors.As(err, &dns) && !s.connected:
		return e.fail(checkDNS, err, fmt.Sprintf("the name of %s%s cannot be looked up: %s", whose, host, dns.Err), e.dnsCure(s))
	case len(s.addresses) > 0:
		e.add(checkDNS, OK, whose+host+" is "+strings.Join(s.addresses, ", "), "")
	default:
		e.add(checkDNS, OK, whose+host+" needs no look-up", "")
	}
	if err != nil && !s.connected {
		return e.fail(checkTCP, err, fmt.Sprintf("no connection to %s%s: %s", whose, host, e.inWords(err)), tcpCure(s))
	}
	e.add(checkTCP, OK, strings.TrimSpace("connected "+s.address), "")
	if s.tunnel != 0 && s.tunnel != http.StatusOK {
		return e.fail(checkProxy, err, fmt.Sprintf("the proxy refuses the way to %s: HTTP %d", e.url.Host, s.tunnel), proxyCure(s.tunnel))
	}
	return e.tellTLS(s, err)
}

func (e *examination) dnsCure(s *sight) string {
	switch {
	case s.proxy != nil:
		return "check HTTPS_PROXY and HTTP_PROXY"
	case e.API == REST:
		return "compare the endpoint with Admin > Integration > Web Services, REST API: it looks like https://ACCOUNT.mktorest.com/rest"
	}
	return "check the host in the endpoint"
}

func tcpCure(s *sight) string {
	if s.proxy != nil {
		return "check host and port in HTTPS_PROXY and HTTP_PROXY, and that the proxy runs"
	}
	return "check host and port, and that a firewall lets this machine there"
}

func proxyCure(status int) string {
	if status == http.StatusProxyAuthRequired {
		return "give the proxy's user and password in HTTPS_PROXY, as in http://USER:PASSWORD@HOST:PORT"
	}
	return "have the host allowed by the proxy, or name it in NO_PROXY if it is reached without"
}

// certificateSoon is how long before its end a certificate is warned of.
const certificateSoon = 14 * 24 * time.Hour

func (e *examination) tellTLS(s *sight, err error) bool {
	switch {
	case e.url.Scheme == "http":
		state := Warn
		if httpcall.IsLoopback(e.url.Hostname()) {
			state = OK
		}
		e.add(checkTLS, state, "none: the endpoint is http", "")
		return true
	case err != nil && !s.shaken:
		found, cure := e.tlsProblem(s, err)
		return e.fail(checkTLS, err, found, cure)
	case s.tls == nil || len(s.tls.PeerCertificates) == 0:
		e.add(checkTLS, OK, "used", "")
		return true
	}
	until := s.tls.PeerCertificates[0].NotAfter
	found := fmt.Sprintf("%s, certificate of %s until %s", tls.VersionName(s.tls.Version), e.url.Hostname(), until.UTC().Format(time.DateOnly))
	if until.Sub(e.Now()) < certificateSoon {
		e.add(checkTLS, Warn, found, "tell who runs the host: the certificate ends soon")
		return true
	}
	e.add(checkTLS, OK, found, "")
	return true
}

// tlsProblem says what is wrong with the certificate or the handshake.
func (e *examination) tlsProblem(s *sight, err error) (found, cure string) {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate is good from %s to %s only", invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly)),
			"check this machine's clock; if that is right, tell who runs the host"
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is not for %s but for %s", name.Host, strings.Join(namesOf(name.Certificate), ", ")),
			"check the host in the endpoint; something on the way, such as a proxy, may answer in its place"
	case errors.As(err, &unknown):
		return "nobody whom this machine trusts has signed the certificate",
			"if a proxy of yours reads along, name its certificate in SSL_CERT_FILE; else somebody answers in the place of the host"
	case errors.As(err, &noTLS):
		return "what answers there does not speak TLS", "check the port in the endpoint"
	case s.shaking:
		return "nothing answers the handshake: " + e.inWords(err), "check the port in the endpoint, and what is between"
	}
	return "the handshake failed: " + e.inWords(err), "check what is between this machine and the host"
}

// namesOf are the hosts that a certificate is for.
func namesOf(c *x509.Certificate) []string {
	list := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return []string{"no host"}
	}
	return list[:min(len(list), 5)]
}

// inWords returns an error for people: one of a time that is over says which.
func (e *examination) inWords(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || httpcall.IsTimeout(err) {
		return fmt.Sprintf("nothing came within %s", time.Since(e.began).Round(time.Second/10))
	}
	return err.Error()
}

// clockOff is how far clocks may differ before it is worth a word.
const clockOff = time.Minute

// tellAnswer tells what came and what its date says of the clocks.
func (e *examination) tellAnswer(resp *http.Response, sent, received time.Time) bool {
	switch {
	case httpcall.IsRedirect(resp.StatusCode):
		return e.fail(checkAnswer, errAnswer, "the endpoint redirects to "+httpcall.RedirectTarget(resp), "check the endpoint: redirects are not followed, as secrets would be")
	case fromBefore(resp.StatusCode):
		return e.fail(checkAnswer, errAnswer, fmt.Sprintf("HTTP %d: it comes from something before the service", resp.StatusCode), "check what is between, such as a proxy; or try again later")
	}
	e.add(checkAnswer, OK, fmt.Sprintf("HTTP %d in %s", resp.StatusCode, received.Sub(sent).Round(time.Millisecond)), "")
	date, err := http.ParseTime(resp.Header.Get("Date"))
	ahead := date.Sub(received)
	switch {
	case err != nil:
		e.add(checkClock, Warn, "the answer has no date", "check this machine's clock by other means")
	case ahead.Abs() < clockOff:
		e.add(checkClock, OK, "as the service's, within a minute", "")
	default:
		word := "behind"
		if ahead < 0 {
			word = "ahead of"
		}
		e.add(checkClock, Warn, fmt.Sprintf("this machine's clock is %s %s the service's", ahead.Abs().Round(time.Second), word),
			"set it, best by NTP: times of update and, over SOAP, signatures go by it")
	}
	return true
}

var errAnswer = errors.New("doctor: no answer of the service")

// fromBefore reports whether something before the service gives an answer of that status.
func fromBefore(status int) bool {
	switch status {
	case http.StatusProxyAuthRequired, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
