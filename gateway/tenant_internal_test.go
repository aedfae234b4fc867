package gateway

import "testing"

// However the endpoint of an instance is spelt, it is one instance with one budget.
func TestInstanceOf(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://a.example.com/rest":      "a.example.com",
		"HTTPS://A.Example.COM":           "a.example.com",
		"https://a.example.com:443/rest":  "a.example.com",
		"https://a.example.com:/rest":     "a.example.com",
		"https://a.example.com./rest":     "a.example.com",
		"https://a.example.com.:443/rest": "a.example.com",
		"https://a.example.com:8443/rest": "a.example.com:8443",
		"http://a.example.com:443":        "a.example.com:443",
		"http://[::1]:80/rest":            "[::1]",
		"http://[::1]:8080/rest":          "[::1]:8080",
		"https://:443/rest":               "",
		"a.example.com":                   "",
	} {
		if got := instanceOf(endpoint); got != want {
			t.Errorf("%s: %q, want %q", endpoint, got, want)
		}
	}
}
