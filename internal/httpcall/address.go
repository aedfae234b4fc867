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

// Instance tells one instance of the service from others: the host and the port.
func Instance(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}
