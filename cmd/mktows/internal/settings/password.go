package settings

import (
	"net/url"
	"strings"
)

// WithoutPassword removes the password from a URL, both before the host and among the parameters. Of a URL that
// cannot be parsed only the scheme is left, because nobody knows where in it the password is.
func WithoutPassword(place string) string {
	scheme, _, ok := strings.Cut(place, "://")
	if !ok {
		return place
	}
	u, err := url.Parse(place)
	if err != nil {
		return scheme + "://…" // nobody knows where the password is in it
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Del(name)
			u.RawQuery = query.Encode()
		}
	}
	_, ok = u.User.Password()
	if ok {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}
