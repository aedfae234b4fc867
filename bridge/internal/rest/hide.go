package rest

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/auth"
)

// hidden blots secrets out of a text: as they are, and as a form, an address, HTML or JSON writes them,
// since proxies and services quote what they were sent.
func hidden(text string, secrets ...string) string {
	text = jsonEscape.ReplaceAllStringFunc(text, unescaped)
	var pairs []string
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)} {
			pairs = append(pairs, form, auth.Redacted)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// jsonEscape finds escapes of JSON that stand for printable ASCII, and passes over escaped backslashes.
var jsonEscape = regexp.MustCompile(`\\\\|\\/|\\u00[2-7][0-9A-Fa-f]`)

// unescaped returns the character of an escape, unless it has to be escaped.
func unescaped(escape string) string {
	if escape == `\/` {
		return "/"
	}
	code, err := strconv.ParseUint(strings.TrimPrefix(escape, `\u`), 16, 8)
	if err != nil || code == '"' || code == '\\' || code == 0x7f {
		return escape
	}
	return string(rune(code))
}
