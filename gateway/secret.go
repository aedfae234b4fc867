package gateway

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/internal/environ"
)

// Secret is a secret, or where to find one: exactly one of the three. In a configuration file it is a text, which only a file
// of mode 0600 may hold, or one of
//
//	{env: NAME}
//	{file: PATH}
//
// A line end after the secret in a file does not count.
type Secret struct {
	Value auth.Secret
	Env   string
	File  string
}

// secretPlace is where a secret is.
type secretPlace struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// UnmarshalYAML reads one of the three forms.
func (s *Secret) UnmarshalYAML(_ context.Context, unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err == nil {
		s.Value = auth.NewSecret(text)
		return nil
	}
	var place secretPlace
	if err := unmarshal(&place); err != nil {
		var known yaml.Error
		if errors.As(err, &known) {
			return err
		}
		return errors.New("a secret is a text, or {env: NAME} or {file: PATH}")
	}
	s.Env, s.File = place.Env, place.File
	return nil
}

// secret finds a secret; what it is called stands in problems. The problem it notes never shows it.
func (p *problems) secret(field, what string, s Secret) auth.Secret {
	given := 0
	for _, is := range []bool{!s.Value.IsZero(), s.Env != "", s.File != ""} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		p.add(field, "is missing: give {file: PATH} or {env: NAME}")
	case given > 1:
		p.add(field, "has more than one of text, env and file: leave one")
	case s.Env != "":
		if v := p.getenv(s.Env); v != "" {
			return p.alone(field, what, auth.NewSecret(v))
		}
		p.add(field, "the environment variable %s is not set, or empty", s.Env)
	case s.File != "":
		v, err := environ.ReadSecret(p.config.resolve(s.File), what)
		if err == nil {
			return p.alone(field, what, v)
		}
		p.add(field, "the file of the %s cannot be used: %v", what, err)
	case p.config.file != nil && !p.config.file.private:
		p.add(field, "the secret stands in a file that others can read: make its mode 0600 (chmod 600), or name a file of its own: {file: PATH}")
	default:
		return p.alone(field, what, s.Value)
	}
	return auth.Secret{}
}

// alone returns a secret that has nothing around it and is on one line, as all that Marketo gives are. Otherwise it notes the problem:
// signatures would be wrong, and nothing would say why.
func (p *problems) alone(field, what string, s auth.Secret) auth.Secret {
	text := s.Reveal()
	switch {
	case strings.HasPrefix(text, "\ufeff"):
		p.add(field, "the %s begins with a byte order mark: save it as UTF-8 without one", what)
	case strings.ContainsFunc(text, unicode.IsControl):
		p.add(field, "the %s has a line end, a tab or another control character in it: leave the %[1]s alone, on one line", what)
	case strings.TrimSpace(text) != text:
		p.add(field, "the %s begins or ends with white space: remove it", what)
	default:
		return s
	}
	return auth.Secret{}
}
