package server

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/wsdl"
)

// serveContract answers GET: with ?WSDL the contract, else how to use the endpoint.
func (s *Server) serveContract(w http.ResponseWriter, r *http.Request, v gen.Version) {
	if !asksForWSDL(r.URL.Query()) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprintf(w, "This is an endpoint of Marketo's SOAP API (mktows), contract %s.\n"+
			"Calls: POST a SOAP 1.1 envelope with Content-Type text/xml.\nContract: GET ?WSDL\n", v)
		return
	}
	address, err := s.address(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	doc, err := wsdl.Document(v.String())
	if err == nil {
		doc, err = wsdl.WithAddress(doc, address)
	}
	if err != nil {
		s.log.ErrorContext(r.Context(), "no contract", "version", v.String(), "error", err)
		http.Error(w, "The contract cannot be given.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(doc)))
	_, _ = w.Write(doc)
}

// asksForWSDL takes ?WSDL, ?wsdl and the like, with or without a value.
func asksForWSDL(query url.Values) bool {
	for name := range query {
		if strings.EqualFold(name, "wsdl") {
			return true
		}
	}
	return false
}

// address returns the address of the endpoint that the caller used. All of it but the
// scheme comes from the request, so the host is checked; the path is one that has a
// version, escaped as the caller sent it.
func (s *Server) address(r *http.Request) (string, error) {
	path := pathAsSent(r)
	if s.publicURL != "" {
		return s.publicURL + s.mount + path[strings.LastIndex(path, "/")+1:], nil
	}
	host := r.Host
	if at, known := r.Context().Value(http.LocalAddrContextKey).(net.Addr); known && host == "" { // HTTP/1.0 has no Host (RFC 1945)
		host = at.String()
	}
	if !validHost(host) {
		return "", fmt.Errorf("the Host header %.100q is no host with an optional port", host)
	}
	return s.scheme(r) + "://" + host + path, nil
}

// pathAsSent is the path in the request line: a handler around this one may have taken
// a prefix off the URL's.
func pathAsSent(r *http.Request) string {
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil && strings.HasSuffix(u.Path, r.URL.Path) {
		return strings.TrimSuffix(u.EscapedPath(), "/")
	}
	return strings.TrimSuffix(r.URL.EscapedPath(), "/")
}

func (s *Server) scheme(r *http.Request) string {
	if s.forwarded {
		first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
		switch proto := strings.ToLower(strings.TrimSpace(first)); proto {
		case "http", "https":
			return proto
		}
	}
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// validHost reports whether s is a name or an IP address, with or without a port, and
// nothing that could end up as something else in a document.
func validHost(s string) bool {
	u, err := url.Parse("http://" + s)
	if err != nil || u.Host != s || strings.HasSuffix(s, ":") {
		return false
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
	}
	if strings.HasPrefix(s, "[") {
		return net.ParseIP(u.Hostname()) != nil
	}
	return u.Hostname() != "" && !strings.ContainsFunc(u.Hostname(), notHostname)
}

func notHostname(c rune) bool {
	letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	return !letter && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_'
}
