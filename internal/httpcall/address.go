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

// IsRemovedSOAP reports whether a host, without a port, is one of the vendor's SOAP service, which is no more. The two
// names are those that endpoints had (Marketo SOAP API, endpoint).
func IsRemovedSOAP(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".mktoapi.com") || strings.HasSuffix(host, ".marketo.com")
}

// Instance tells one instance of the service from others: the host and the port. The point after a name that is complete does not count.
func Instance(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") + ":" + port
}
