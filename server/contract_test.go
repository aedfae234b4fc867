package server_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/wsdl"
)

func (b *bundle) get(target string, change ...func(*http.Request)) answer {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for _, c := range change {
		c(r)
	}
	return b.do(r)
}

func host(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }

func arrivedAt(address string) func(*http.Request) {
	return func(r *http.Request) {
		at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, at))
		r.Host = ""
	}
}

func forwarded(proto string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", proto) }
}

func TestServeHTTP_contract(t *testing.T) {
	t.Parallel()
	plain, https := setup(t, nil), func(r *http.Request) { r.TLS = new(tls.ConnectionState) }
	trusting := setup(t, nil, server.WithForwardedProto())
	public := setup(t, nil, server.WithPublicURL("https://soap.example.com/a/"))
	mounted := setup(t, nil, server.WithMount("/mock/"))
	tests := []struct {
		name    string
		b       *bundle
		target  string
		change  func(*http.Request)
		version string
		address string
	}{
		{"as asked", plain, "http://a.example.com/soap/mktows/3_1?WSDL", nil, "3_1", "http://a.example.com/soap/mktows/3_1"},
		{"another letter case", plain, "http://a.example.com/soap/mktows/3_1?wsdl", nil, "3_1", "http://a.example.com/soap/mktows/3_1"},
		{"with a value", plain, "http://a.example.com/soap/mktows/3_1?x=1&Wsdl=1", nil, "3_1", "http://a.example.com/soap/mktows/3_1"},
		{"an old version keeps its address", plain, "http://a.example.com:8080/soap/mktows/2_3?WSDL", nil, "2_7", "http://a.example.com:8080/soap/mktows/2_3"},
		{"a later version", plain, "http://a.example.com/soap/mktows/2_9?WSDL", nil, "3_1", "http://a.example.com/soap/mktows/2_9"},
		{"a prefix", plain, "http://a.example.com/x/soap/mktows/2_7?WSDL", nil, "2_7", "http://a.example.com/x/soap/mktows/2_7"},
		{"a prefix to escape", plain, "http://a.example.com/a%26b%3Cc/soap/mktows/2_7?WSDL", nil, "2_7", "http://a.example.com/a%26b%3Cc/soap/mktows/2_7"},
		{"TLS", plain, "http://a.example.com/soap/mktows/2_7?WSDL", https, "2_7", "https://a.example.com/soap/mktows/2_7"},
		{"IP address", plain, "http://192.0.2.1:80/soap/mktows/2_7?WSDL", nil, "2_7", "http://192.0.2.1:80/soap/mktows/2_7"},
		{"IPv6 address", plain, "http://[2001:db8::1]:80/soap/mktows/2_7?WSDL", nil, "2_7", "http://[2001:db8::1]:80/soap/mktows/2_7"},
		{"IPv6 address without port", plain, "http://[2001:db8::1]/soap/mktows/2_7?WSDL", nil, "2_7", "http://[2001:db8::1]/soap/mktows/2_7"},
		{"a proxy's word without trust", plain, "http://a.example.com/soap/mktows/2_7?WSDL", forwarded("https"), "2_7", "http://a.example.com/soap/mktows/2_7"},
		{"a proxy's word with trust", trusting, "http://a.example.com/soap/mktows/2_7?WSDL", forwarded("HTTPS, http"), "2_7", "https://a.example.com/soap/mktows/2_7"},
		{"nonsense from a proxy", trusting, "http://a.example.com/soap/mktows/2_7?WSDL", forwarded("javascript"), "2_7", "http://a.example.com/soap/mktows/2_7"},
		{"a public address", public, "http://a.example.com/x/soap/mktows/2_3?WSDL", host("<bad>"), "2_7", "https://soap.example.com/a/soap/mktows/2_3"},
		{"HTTP/1.0 without a host", plain, "/soap/mktows/2_7?WSDL", arrivedAt("192.0.2.7:8090"), "2_7", "http://192.0.2.7:8090/soap/mktows/2_7"},
		{"another mount", mounted, "http://a.example.com/mock/2_7?WSDL", nil, "2_7", "http://a.example.com/mock/2_7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var change []func(*http.Request)
			if test.change != nil {
				change = append(change, test.change)
			}
			got := test.b.get(test.target, change...)
			doc, err := wsdl.Document(test.version)
			if err != nil {
				t.Fatal(err)
			}
			want, err := wsdl.WithAddress(doc, test.address)
			if err != nil {
				t.Fatal(err)
			}
			if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/xml; charset=utf-8" {
				t.Fatalf("HTTP %d, %s\n%s", got.status, got.header.Get("Content-Type"), got.body)
			}
			if got.body != string(want) {
				_, line, _ := strings.Cut(got.body, "<soap:address")
				line, _, _ = strings.Cut(line, ">")
				t.Errorf("not the document of %s with the address %s: %s", test.version, test.address, line)
			}
		})
	}
}

// A handler around the endpoint may take a prefix off the path.
func TestServeHTTP_contractBehindStripPrefix(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	w := httptest.NewRecorder()
	http.StripPrefix("/tenant", b.Server).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://a.example.com/tenant/soap/mktows/2_7?wsdl", nil))
	if !strings.Contains(w.Body.String(), `"http://a.example.com/tenant/soap/mktows/2_7"`) {
		t.Error("the address lacks the prefix that the caller used")
	}
}

func TestServeHTTP_badHost(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, h := range []string{"", `a"b`, "a b", "a<b>", "a/b", "user@a", "a:x", "a:0", "a:99999", "a?b", "a#b", "[::1", "::1", "[a]", "[::1]x", "ä.example.com", "a&b"} {
		if got := b.get("http://x"+path+"?WSDL", host(h)); got.status != http.StatusBadRequest {
			t.Errorf("Host %q: HTTP %d, want 400", h, got.status)
		}
	}
}

func TestServeHTTP_otherMethods(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if got := b.get("http://a.example.com" + path); got.status != http.StatusOK || !strings.Contains(got.body, "?WSDL") || !strings.Contains(got.body, "POST") {
		t.Errorf("GET: HTTP %d\n%s", got.status, got.body)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodOptions, "BREW"} {
		got := b.do(httptest.NewRequest(method, "http://a.example.com"+path, nil))
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD, POST" {
			t.Errorf("%s: HTTP %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
	head := b.do(httptest.NewRequest(http.MethodHead, "http://a.example.com"+path+"?WSDL", nil))
	if head.status != http.StatusOK || head.header.Get("Content-Length") == "" {
		t.Errorf("HEAD: HTTP %d, %v", head.status, head.header)
	}
}
