package inspector_test

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

var curlText = regexp.MustCompile(`(?s)id="curl-text"[^>]*>(.*?)</pre>`)

// curlOf returns the command that the page of an exchange has; empty: there is none.
func curlOf(t *testing.T, e server.Exchange) string {
	t.Helper()
	b := setup(t)
	b.Journal.Add(e)
	m := curlText.FindStringSubmatch(b.get(200, "/ui/exchanges/1"))
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// tools are a curl that prints what it got, each argument in a line of its own, and a mktows that signs.
func tools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, script := range map[string]string{
		"curl":   "#!/bin/sh\nfor a; do printf '<%s>\\n' \"$a\"; done\ncase \" $* \" in *' @- '*) cat;; esac\n",
		"mktows": "#!/bin/sh\nprintf '<signed %s/>' \"$1\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil { //nolint:gosec // it is a program
			t.Fatal(err)
		}
	}
	return dir
}

// What curl gets is what the program has sent, whatever a shell could make of it.
func TestCurl(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("skipped: there is no sh")
	}
	dir := tools(t)
	const evil = "it's $HOME ${HOME} `id` $(id) \\ \\\\ \"x\"\nEND\nid\nEND_"
	rest := func(request string) server.Exchange {
		return server.Exchange{Path: "/rest", Operation: "x", Status: 200, RawRequest: []byte(request), RawResponse: []byte("{}")}
	}
	soap := func(request string) server.Exchange {
		return server.Exchange{Version: gen.V3_1, Operation: "getLead", Status: 200, RawRequest: []byte(request), RawResponse: []byte("<a/>")}
	}
	const soapArgs = "<-sS>\n<http://127.0.0.1:8080/soap/mktows/3_1>\n<-H>\n<Content-Type: text/xml; charset=utf-8>\n<-H>\n<SOAPAction: \"\">\n<--data-binary>\n<@->\n"
	for name, tt := range map[string]struct {
		exchange server.Exchange
		want     string
	}{
		"soap":                  {soap("<e><n:AuthenticationHeader a='1'><s>[redacted]</s></n:AuthenticationHeader>" + evil + "</e>"), soapArgs + "<e><signed sign/>" + evil + "</e>\n"},
		"soap without a header": {soap("<e>" + evil), soapArgs + "<e>" + evil + "\n"},
		"get": {rest("GET /rest/v1/leads.json?access_token=[redacted]&a=" + evil[:30] + "\n"),
			"<-sS>\n<http://127.0.0.1:8080/rest/v1/leads.json?a=" + evil[:30] + ">\n<-H>\n<Authorization: Bearer token>\n"},
		"post": {rest("POST /rest/v1/leads.json\n\n{\"a\": \"" + evil + "\"}"),
			"<-sS>\n<-X>\n<POST>\n<http://127.0.0.1:8080/rest/v1/leads.json>\n<-H>\n<Authorization: Bearer token>\n<-H>\n<Content-Type: application/json>\n<--data-binary>\n<{\"a\": \"" + evil + "\"}>\n"},
		"post without a body": {rest("POST /rest/v1/leads/1/associate.json?cookie=x\n"),
			"<-sS>\n<-X>\n<POST>\n<http://127.0.0.1:8080/rest/v1/leads/1/associate.json?cookie=x>\n<-H>\n<Authorization: Bearer token>\n<-d>\n<>\n"},
		"token": {rest("GET /identity/oauth/token?client_id=a&client_secret=[redacted]\n"), "<-sS>\n<http://127.0.0.1:8080/identity/oauth/token?client_id=a&client_secret=secret>\n"},
	} {
		command := curlOf(t, tt.exchange)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=/nowhere", "MKTOWS_TOKEN=token", "MKTOWS_CLIENT_SECRET=secret"}
		out, err := cmd.CombinedOutput()
		if err != nil || string(out) != tt.want {
			t.Errorf("%s: %v\n%s\ngives\n%s\nwant\n%s", name, err, command, out, tt.want)
		}
	}
}

// Keys of a terminal are not copied: pasted, they could end a quoted text.
func TestCurl_none(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"escape": "<a>\x1b[201~\nid\n</a>", "c1": "<a>\u009b201~</a>", "nul": "<a>\x00</a>", "not utf-8": "<a>\xff</a>", "nothing": "", "long": strings.Repeat("a", 65<<10),
	} {
		if command := curlOf(t, server.Exchange{Operation: "getLead", Status: 200, RawRequest: []byte(request)}); command != "" {
			t.Errorf("%s: %.200q", name, command)
		}
	}
}
