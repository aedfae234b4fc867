package wsdl

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// Strings, not byte slices: what is embedded cannot be altered by a caller.
var (
	//go:embed mktows_2_7.wsdl
	text27 string
	//go:embed mktows_3_1.wsdl
	text31 string
)

type document struct {
	version string
	text    string
}

// documents lists what is embedded, oldest first: Nearest takes the first that is new enough.
func documents() []document {
	return []document{
		{version: "2_7", text: text27},
		{version: "3_1", text: text31},
	}
}

// Versions returns the versions that have a document, oldest first, as they stand in an endpoint's path.
func Versions() []string {
	var versions []string
	for _, d := range documents() {
		versions = append(versions, d.version)
	}
	return versions
}

// Document returns the WSDL document of a version, such as "2_7". The address in it is a placeholder: see
// WithAddress. The bytes are a copy, the caller's own. A version without a document is an error that names
// those that have one; Nearest finds the document for any version.
func Document(version string) ([]byte, error) {
	for _, d := range documents() {
		if d.version == version {
			return []byte(d.text), nil
		}
	}
	return nil, fmt.Errorf("wsdl: no document of version %q: use one of %s", version, strings.Join(Versions(), ", "))
}

// Nearest returns the version of the document that answers for a version in an endpoint's path: 2_7 for
// all up to it, since a strict client of an older version fails on an element that it does not know, and 3_1
// for those above. It reports false for a version above 3_1 and for a text that is not of the form 2_7.
func Nearest(version string) (string, bool) {
	asked, ok := parseRelease(version)
	if !ok {
		return "", false
	}
	for _, d := range documents() {
		if has, _ := parseRelease(d.version); !has.before(asked) {
			return d.version, true
		}
	}
	return "", false
}

// release is a version as numbers, since as texts 2_10 would come before 2_7.
type release struct{ major, minor uint64 }

func (r release) before(other release) bool {
	if r.major != other.major {
		return r.major < other.major
	}
	return r.minor < other.minor
}

func parseRelease(version string) (release, bool) {
	major, minor, found := strings.Cut(version, "_")
	if !found {
		return release{}, false
	}
	a, okA := parseNumber(major)
	b, okB := parseNumber(minor)
	return release{major: a, minor: b}, okA && okB
}

// parseNumber takes the one canonical spelling of a number: a path with 02_7 is another path.
func parseNumber(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return n, err == nil && strconv.FormatUint(n, 10) == text
}
