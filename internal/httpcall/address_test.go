package httpcall_test

import (
	"net/url"
	"testing"

	"github.com/mktows/mktows-go/internal/httpcall"
)

// However the address of an instance is spelt, its calls are counted together.
func TestInstance(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://a.example.com":           "a.example.com:443",
		"https://A.example.com.":          "a.example.com:443",
		"https://a.example.com.:443/rest": "a.example.com:443",
		"https://a.example.com:8443":      "a.example.com:8443",
		"http://a.example.com":            "a.example.com:80",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := httpcall.Instance(u); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
