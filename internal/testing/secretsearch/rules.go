package main

import (
	"regexp"
	"strings"
)

// rule is something that no output may hold. The secrets of all tests are placeholders, so that they are known.
type rule struct {
	what   string
	is     *regexp.Regexp
	but    *regexp.Regexp // lines that have it on purpose; nil: none
	inLogs bool           // only records of logs are looked at, without the texts of errors
}

var (
	isLog       = regexp.MustCompile(`\blevel=(DEBUG|INFO|WARN|ERROR) (source=\S+ )?msg=`)
	isClientLog = regexp.MustCompile(`^time=\S+ level=\S+ msg="mktows: `)
	// errorText may name leads, as the service's own words do: the options WithLogger say so.
	errorText = regexp.MustCompile(`\b(error|reason)=("(\\.|[^"\\])*"|\S+)`)

	// ofScripts are lines in which package testscript shows the script itself, and the environment that it begins with.
	ofScripts = `^\s*(> |[A-Z_]+=)`
	// ofServe are those by which mktows serve and --demo tell the public placeholder.
	ofServe = `export MKTOWS_(SECRET_KEY|CLIENT_SECRET)=example-key\b`
	// ofSigning are those of the commands that sign for somebody else, which show all parts but the secret.
	ofSigning = `"accessKey": "example-key"`
)

// isCall is in the records that show that calls of the REST API are logged.
const isCall = `level=DEBUG msg="mktows: attempt at a call of the REST API"`

var rules = []rule{
	{what: "a client secret", is: regexp.MustCompile(`example-client-secret|Zq8-placeholder-secret|\bexample-secret\b|\bhidden-secret\b`), but: regexp.MustCompile(ofScripts)},
	{what: "a secret key", is: regexp.MustCompile(`example-key`), but: regexp.MustCompile(ofScripts + "|" + ofServe + "|" + ofSigning)},
	{what: "a client id", is: regexp.MustCompile(`00000000-0000-0000-0000-00000000c11e|11111111-2222-3333-4444-5555aaaa6666`), but: regexp.MustCompile(ofScripts)},
	{what: "an access token", is: regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[a-z]+|Bearer [^\s\[]{8,}`)},
	{what: "the address of a lead", is: regexp.MustCompile(`[^\s"=]+@example\.(com|org|net)`), inLogs: true},
}

// find returns what a line holds of it, empty for nothing.
func (r *rule) find(line string) string {
	if r.inLogs {
		if !strings.Contains(line, "level=") || !isLog.MatchString(line) {
			return ""
		}
		line = errorText.ReplaceAllString(line, "")
	}
	if r.but != nil && r.but.MatchString(line) {
		return ""
	}
	return r.is.FindString(line)
}
