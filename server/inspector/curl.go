package inspector

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden is what stands in an exchange in place of a secret (package auth, Redacted).
const hidden = "[redacted]"

// maxCurl bounds the document in a call that can be copied, in bytes: a terminal takes no more of it.
const maxCurl = 64 << 10

// header is the authentication header of an envelope.
var header = regexp.MustCompile(`(?s)<(?:[\w.-]+:)?AuthenticationHeader[\s>].*?</(?:[\w.-]+:)?AuthenticationHeader\s*>`)

// curl returns a shell command that repeats a call, or why there is none. It holds no secret: a request of the SOAP API is signed anew
// by "mktows sign", and the token of the REST API comes from a variable. What an exchange holds cannot end its quotes.
func (i *inspector) curl(e *exchange) (command, reason string) {
	switch {
	case e.Request == "":
		return "", "There is no request to repeat: it could not be read."
	case len(e.Request) > maxCurl:
		return "", fmt.Sprintf("The request is too long for a command line (%s): save it as a file.", bytesText(int64(len(e.Request))))
	case !isPlain(e.Request):
		return "", "The request has characters that a terminal would take for keys, or that turn the order of a text: save it as a file."
	case e.Face == "rest":
		return i.curlREST(e), ""
	}
	return i.curlSOAP(e), ""
}

// isKey reports whether a character is a control character that is no white space.
func isKey(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }

// isPlain reports whether a text has no control characters, which end the quotes of a text that is pasted into a terminal, none that
// make it look like another one, and nothing that the administration could not show as it was.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return isKey(r) || r == utf8.RuneError }) < 0 && turning.Replace(text) == text
}

// base is what the address of a call begins with, quoted for a shell.
func (i *inspector) base(path string) string {
	if i.Endpoint == "" {
		return `"$ENDPOINT"` + quote(path)
	}
	return quote(i.Endpoint + path)
}

// curlSOAP writes the envelope as a document in which the shell replaces one thing: the header, which is signed for this moment.
func (i *inspector) curlSOAP(e *exchange) string {
	version := e.Version
	if version == "" {
		version = "2_7"
	}
	doc := strings.ReplaceAll(e.Request, "\r\n", "\n")
	var text strings.Builder
	if at := header.FindStringIndex(doc); at != nil {
		text.WriteString(inDocument(doc[:at[0]]) + "$(mktows sign -o xml)" + inDocument(doc[at[1]:]))
	} else {
		text.WriteString(inDocument(doc))
	}
	end := "END"
	for strings.Contains(doc, end) {
		end += "_"
	}
	return fmt.Sprintf("curl -sS %s -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: \"\"' --data-binary @- <<%s\n%s\n%s\n",
		i.base("/soap/mktows/"+version), end, strings.TrimSuffix(text.String(), "\n"), end)
}

// inDocument protects what a shell would replace in a document.
func inDocument(text string) string {
	return strings.NewReplacer(`\`, `\\`, `$`, `\$`, "`", "\\`").Replace(text)
}

// curlREST repeats a call of the REST API, which the journal has as its first line and, behind an empty one, the body.
func (i *inspector) curlREST(e *exchange) string {
	line, body, _ := strings.Cut(e.Request, "\n")
	method, target, _ := strings.Cut(line, " ")
	body = strings.TrimPrefix(body, "\n")
	command := "curl -sS"
	if method != "GET" {
		command += " -X " + quote(method)
	}
	command += " " + withSecrets(i.base(withoutToken(target)))
	if !strings.HasPrefix(target, "/identity/") {
		command += ` -H "Authorization: Bearer $MKTOWS_TOKEN"`
	}
	trimmed := strings.TrimSpace(body)
	switch {
	case trimmed == "" && method == "POST":
		return command + " -d ''\n"
	case trimmed == "":
		return command + "\n"
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		command += " -H 'Content-Type: application/json'"
	}
	return command + " --data-binary " + withSecrets(quote(body)) + "\n"
}

// withoutToken takes a token out of a query: the header has it.
func withoutToken(target string) string {
	path, query, asks := strings.Cut(target, "?")
	if !asks {
		return target
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "access_token="+hidden {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return path
	}
	return path + "?" + strings.Join(kept, "&")
}

// withSecrets puts the variable in the place of a secret that was hidden, in a quoted text.
func withSecrets(quoted string) string {
	return strings.ReplaceAll(quoted, "client_secret="+hidden, `client_secret='"$MKTOWS_CLIENT_SECRET"'`)
}

// quote makes one word of a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
