package httpcall

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// IsPort takes a port in digits, or none.
func IsPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// IsLoopback reports whether a host, without a port, is this machine.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

// IsLocal reports whether an endpoint is on this machine: what is there is a mock.
func IsLocal(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && IsLoopback(u.Hostname())
}

// IsRemovedSOAP reports whether a host, without a port, is one of the vendor's SOAP service, which is no more. The two
// names are those that endpoints had (Marketo SOAP API, endpoint).
func IsRemovedSOAP(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".mktoapi.com") || strings.HasSuffix(host, ".marketo.com")
}

// Instance tells one instance of the service from others: the host and the port. The point after a name that is complete does not count.
func Instance(u *url.URL) string {
	name, port := HostPort(u)
	return name + ":" + port
}

// HostPort returns what [Instance] is made of: the name in lower case, and the port, which is that of the scheme if none is given.
func HostPort(u *url.URL) (name, port string) {
	if port = u.Port(); port == "" {
		port = DefaultPort(u.Scheme)
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), port
}

// DefaultPort returns the port of a scheme, empty if that is neither http nor https.
func DefaultPort(scheme string) string {
	return map[string]string{"http": "80", "https": "443"}[scheme]
}
