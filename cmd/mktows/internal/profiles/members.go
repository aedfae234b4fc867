package profiles

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
)

// Member is a setting that a profile may have, with the environment variable that it stands for. Of a secret both name the file.
type Member struct {
	Name, Variable string
	Secret         bool

	kind func(text, home string) (string, error) // checks a value and returns what it stands for
}

// members are all that a profile may have. The variables are told by package settings.
var members = []Member{
	{"rest-endpoint", "MKTOWS_REST_ENDPOINT", false, address},
	{"client-id", "MKTOWS_CLIENT_ID", false, plain},
	{"client-secret-file", "MKTOWS_CLIENT_SECRET_FILE", true, file},
	{"rest-names", "MKTOWS_REST_NAMES", false, file},
	{"endpoint", "MKTOWS_ENDPOINT", false, address},
	{"user-id", "MKTOWS_USER_ID", false, plain},
	{"secret-key-file", "MKTOWS_SECRET_KEY_FILE", true, file},
	{"partner-id", "MKTOWS_PARTNER_ID", false, plain},
	{"sync-to", "MKTOWS_SYNC_TO", false, place},
	{"sync-schema", "MKTOWS_SYNC_SCHEMA", false, plain},
}

// Members returns all settings that a profile may have.
func Members() []Member { return members }

// Of returns the variable of a secret itself, which the one with its file goes beside; empty: the member is no secret.
func (m Member) Of() string {
	if !m.Secret {
		return ""
	}
	return strings.TrimSuffix(m.Variable, "_FILE")
}

// secretMember returns the setting with the name of the file for a name that is one of a secret itself; empty: it is not.
func secretMember(name string) string {
	switch {
	case strings.HasSuffix(name, "file"):
		return ""
	case strings.Contains(name, "client") && strings.Contains(name, "secret"):
		return "client-secret-file"
	case strings.Contains(name, "secret"), strings.Contains(name, "encryption"), strings.Contains(name, "token"), name == "key":
		return "secret-key-file or client-secret-file"
	case strings.Contains(name, "password"):
		return "client-secret-file (PGPASSWORD or ~/.pgpass has that of PostgreSQL)"
	}
	return ""
}

func plain(text, _ string) (string, error) { return text, nil }

var (
	errNoURL    = errors.New("is not a URL such as https://ACCOUNT.mktorest.com/rest")
	errPassword = errors.New("has a password in it, which is not written into this file: PGPASSWORD or ~/.pgpass has that of PostgreSQL, endpoints have none")
	errNoPath   = errors.New("is not a path that begins with / or ~/: give the path of a file, not what is in it")
	errNoHome   = errors.New("begins with ~, and HOME is not set: write the whole path")
)

// address checks the URL of an endpoint.
func address(text, _ string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return "", errNoURL
	case u.User != nil:
		return "", errPassword
	}
	return text, nil
}

// file checks a path. It has to be whole, since the program is called in any folder, and since a secret that somebody has put here by mistake would
// be told as the name of a file that is not there.
func file(text, home string) (string, error) {
	rest, inHome := strings.CutPrefix(text, "~/")
	switch {
	case inHome && home == "":
		return "", errNoHome
	case inHome:
		return strings.TrimSuffix(home, "/") + "/" + rest, nil
	case filepath.IsAbs(text):
		return text, nil
	}
	return "", errNoPath
}

// place checks where a copy is: a path, or a URL without a password.
func place(text, home string) (string, error) {
	scheme, _, isURL := strings.Cut(text, "://")
	if !isURL {
		return file(text, home)
	}
	u, err := url.Parse(text)
	if err != nil || scheme != "postgres" && scheme != "postgresql" {
		return "", errors.New("is neither a path nor the URL of a PostgreSQL database, such as postgres://user@host/database")
	}
	if _, has := u.User.Password(); has || strings.Contains(strings.ToLower(u.RawQuery), "password") {
		return "", errPassword
	}
	return text, nil
}
