package settings

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestTellRemoved: whoever calls a host of Adobe and gets no word of the service is told once why.
func TestTellRemoved(t *testing.T) {
	t.Parallel()
	const host = "100-aek-913.mktoapi.com"
	call := func(err error) error { return &fault.OpError{Op: "getLead", Attempts: 1, Err: err} }
	noHost := call(&net.DNSError{Err: "no such host", Name: host, IsNotFound: true})
	tests := []struct {
		name, host string
		err        error
		want       bool
	}{
		{"no such host", host, noHost, true},
		{"with a port", host + ":8443", noHost, true},
		{"the older form", "na-a.marketo.com", noHost, true},
		{"not found", host, call(fault.NewStatusError(404, "text/html", 0, []byte("<html>"))), true},
		{"a page", host, call(fault.NewStatusError(200, "text/html", 0, []byte("<html>"))), true},
		{"an error of REST", host, call(fault.NewStatusError(200, "application/json", 0, []byte(`{"errors":[{"code":"610"}]}`))), true},
		{"a write", host, call(&fault.UnknownOutcomeError{Op: "syncLead", Err: net.ErrClosed}), true},
		{"the clock", host, exit.AsService(net.ErrClosed), true},
		{"a fault", host, call(&fault.Fault{Code: fault.CodeLeadNotFound}), false},
		{"nothing was sent", host, &fault.OpError{Op: "getLead", Err: errors.New("bad key")}, false},
		{"interrupted", host, call(context.Canceled), false},
		{"another error", host, errors.New("no space left"), false},
		{"another host", "soap.example.com", noHost, false},
		{"a host that looks like it", "notmktoapi.com", noHost, false},
		{"no endpoint", "", noHost, false},
	}
	for _, test := range tests {
		var out bytes.Buffer
		a := &console.Console{Stderr: &out, Host: test.host}
		TellRemoved(a, test.err)
		TellRemoved(a, test.err)
		want := 0
		if test.want {
			want = 1
		}
		if got := strings.Count(out.String(), "removed the SOAP service on 31 July 2026"); got != want || strings.Count(out.String(), "\n") != want {
			t.Errorf("%s: told %d times, want %d: %s", test.name, got, want, &out)
		}
	}
}

// TestAdvise_refused: where nothing listens, once, what to check is told.
func TestAdvise_refused(t *testing.T) {
	t.Parallel()
	refused := func() error {
		addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
		return &net.OpError{Op: "dial", Net: "tcp", Addr: addr, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	call := func(err error) error { return &fault.OpError{Op: "getLead", Attempts: 1, Err: err} }
	const endpoint = "mktows: nothing listens at 127.0.0.1:8080: check the endpoint's host and port, in --endpoint or MKTOWS_ENDPOINT, " +
		"and that its server is running, such as \"mktows serve\"\n"
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"a call", call(refused()), endpoint},
		{"the clock", exit.AsService(refused()), endpoint},
		{"no token for a call", &fault.OpError{Op: "getLead", Err: refused()}, endpoint},
		{"a proxy", call(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: refused()}), "mktows: nothing listens at 127.0.0.1:8080: this is a proxy: check HTTPS_PROXY and HTTP_PROXY\n"},
		{"a database", call(errors.Join(store.ErrUnavailable, refused())), ""},
		{"another error", call(net.ErrClosed), ""},
	}
	for _, test := range tests {
		var out strings.Builder
		a := &console.Console{Stderr: &out, Setting: "--endpoint or MKTOWS_ENDPOINT"}
		Advise(a, test.err)
		Advise(a, test.err)
		if got := out.String(); got != test.want {
			t.Errorf("%s: told %q, want %q", test.name, got, test.want)
		}
	}
}
