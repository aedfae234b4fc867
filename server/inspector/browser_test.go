package inspector_test

import (
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/testing/browsertest"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

var shots = flag.String("shots", "", "write screenshots to this folder")

// visit is a browser at an inspector.
type visit struct {
	*browsertest.Tab

	t    *testing.T
	base string
	seen browsertest.View
}

// wide is how the features are tried.
var wide = browsertest.View{Name: "light-1200", Width: 1200, Height: 900, Scheme: "light", Scripts: true}

// open starts a browser at the first page of an inspector.
func open(t *testing.T, b *bundle, v browsertest.View) *visit {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it starts a browser")
	}
	browser := browsertest.Start(t)
	s := httptest.NewServer(b.handler)
	t.Cleanup(s.Close)
	return &visit{browser.Show(s.URL+"/", s.URL+"/", v), t, s.URL, v}
}

// see changes the view.
func (v *visit) see(view browsertest.View) {
	v.t.Helper()
	v.seen = view
	v.View(view)
}

// goTo loads a page.
func (v *visit) goTo(path string) {
	v.t.Helper()
	v.Call("Page.navigate", map[string]any{"url": v.base + path})
	v.Wait("Page.loadEventFired")
}

// follow clicks what leads to another page.
func (v *visit) follow(selector string) {
	v.t.Helper()
	v.do(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
	v.Wait("Page.loadEventFired")
}

// do runs statements on the page.
func (v *visit) do(script string) {
	v.t.Helper()
	var done bool
	v.Eval(`(() => { `+script+`; return true })()`, &done)
}

// fill writes into a field as a person does.
func (v *visit) fill(selector, value string) {
	v.t.Helper()
	v.do(fmt.Sprintf(`const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true}))`, selector, value))
}

// text is what stands in the page.
func (v *visit) text() (text string) {
	v.t.Helper()
	v.Eval(`document.querySelector("main").innerText`, &text)
	return text
}

// until waits until an expression is true, which it becomes when the page changes.
func (v *visit) until(expression string) {
	v.t.Helper()
	var done bool
	v.Eval(`new Promise((resolve) => {
		const look = () => { if (`+expression+`) { watch.disconnect(); resolve(true) } };
		const watch = new MutationObserver(look);
		watch.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
		look();
	})`, &done)
}

// want checks the text of the page, and then what has to hold of every one.
func (v *visit) want(texts ...string) {
	v.t.Helper()
	want(v.t, v.text(), texts...)
	v.judge()
}

// judge looks whether the page is too wide, and has axe-core look at it.
func (v *visit) judge() {
	v.t.Helper()
	var out string
	v.Eval(`document.documentElement.scrollWidth <= document.documentElement.clientWidth ? "" :
		location.pathname + ": " + Array.from(document.querySelectorAll("body *")).filter((e) => !e.closest(".scroll > *") &&
		e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.tagName + "." + e.className).slice(0, 9).join(" ")`, &out)
	if out != "" {
		v.t.Errorf("%s: wider than the window: %s", v.seen.Name, out)
	}
	if v.seen.Scripts { // without scripts axe-core would wait for ever
		v.Axe()
	}
	v.Settle()
}

// shot keeps a picture of the page if it is asked for.
func (v *visit) shot(name string, view browsertest.View) {
	v.t.Helper()
	if *shots == "" {
		return
	}
	var height int
	v.Eval(`Math.min(document.documentElement.scrollHeight, 2600)`, &height)
	v.Screenshot(filepath.Join(*shots, name+"-"+view.Name+".png"), view.Width, height)
}

// fill fills the journal.
func (b *bundle) fill(times int) {
	for range times {
		for _, e := range []server.Exchange{goodCall(), refusedCall(), restCall()} {
			b.Journal.Add(e)
		}
	}
}

// TestBrowser clicks through all features, in one tab.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fill(1)
	v := open(t, b, wide)
	v.exchanges(b)
	v.filters()
	v.rules(b)
	v.clock(b)
	v.state(b)
	v.keyboard(b)
	v.hidden(b)
	v.views(b)
}

func (v *visit) exchanges(b *bundle) {
	v.t.Helper()
	v.want("Exchanges", "syncLead", "606 Max rate limit")
	v.until(`document.querySelector("#live").textContent === "New exchanges are shown as they come."`)
	v.do(`document.querySelector("#x2 a").focus()`)
	b.fill(1)
	v.until(`document.querySelector("#exchanges").children.length === 6 && document.querySelector("#live").textContent === "3 exchanges are new."`)
	var focused string
	v.Eval(`document.querySelector("#exchanges").firstElementChild.id + " " + document.activeElement.closest("li").id`, &focused)
	if focused != "x6 x2" {
		v.t.Errorf("first entry and focus: %q", focused)
	}
	v.judge()
	v.do(`document.querySelector("#pause").click()`)
	v.want("Paused.", "Go on")
	b.Journal.Add(goodCall())
	v.do(`document.querySelector("#pause").click()`)
	v.until(`document.querySelector("#x7")`)

	v.fill("[name=fault]", "606")
	v.follow(".filters button")
	v.want("All exchanges")
	var listed string
	v.Eval(`document.querySelector("#exchanges").innerText`, &listed)
	want(v.t, listed, "POST /rest/v1/leads.json", "!syncLead")
	v.follow("#exchanges a")
	v.want("What to do", "Repeat it with curl", "Copy as curl")
	v.Call("Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}})
	v.Call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true})
	v.do(`document.querySelector("[data-copy=curl-text]").click()`)
	v.until(`document.querySelector("#copied").textContent === "Copied."`)
	var copied string
	v.Eval(`navigator.clipboard.readText()`, &copied)
	if !strings.HasPrefix(copied, "curl -sS -X 'POST' 'http://127.0.0.1:8080/rest/v1/leads.json?a=it'") {
		v.t.Errorf("copied %q", copied)
	}
	v.goTo("/ui/exchanges/1")
	v.do(`document.querySelector(".document summary").click()`)
	v.want("Calls of the REST API behind it", "Header/Security", "As it came")
	v.goTo("/")
	v.do(`document.querySelector(".danger summary").click()`)
	v.follow(".danger button")
	v.want("The journal is empty.", "There are no exchanges yet")
	b.fill(1)
	v.until(`document.querySelector("#exchanges").children.length === 3 && document.querySelector("#none").hidden`)
}

// filters chooses by each field among three exchanges, for one of them.
func (v *visit) filters() {
	v.t.Helper()
	for _, f := range []struct{ field, value, want string }{
		{"operation", "syncLead", "syncLead"}, {"fault", "none", "getLead"}, {"lead", "lead@example.com", "getLead"},
		{"text", "$HOME", "POST /rest/v1/leads.json"}, {"face", "rest", "POST /rest/v1/leads.json"},
		{"user", "nobody", ""},
	} {
		v.goTo("/")
		v.fill("[name="+f.field+"]", f.value)
		v.follow(".filters button")
		var listed string
		v.Eval(`Array.from(document.querySelectorAll("#exchanges a")).map((a) => a.textContent).join(", ")`, &listed)
		if listed != f.want {
			v.t.Errorf("%s %s: %q are listed; want %s", f.field, f.value, listed, f.want)
		}
	}
}

func (v *visit) rules(b *bundle) {
	v.t.Helper()
	v.goTo("/ui/rules?operation=syncLead")
	v.fill("[name=code]", "20011")
	v.fill("[name=times]", "2")
	v.follow(".fields button")
	v.want("The rule was added.", "Rule 1", "syncLead", "answers with 20011", "2 times more", "0 hits")
	v.follow(".rules a")
	v.fill("[name=delay]", "1.5s")
	v.follow(".fields button")
	v.want("The rule was changed", "waits 1.5s, answers with 20011")
	v.follow(".rules button")
	v.want("The rule was deleted.", "There are no rules")
}

func (v *visit) clock(b *bundle) {
	v.t.Helper()
	v.goTo("/ui/mock")
	v.follow(".quick button:last-child")
	v.want("The clock was moved.", "2016-02-02 18:0")
	v.fill("[name=set]", "2020-01-02T03:04:05Z")
	v.follow("form.row:last-of-type button")
	v.want("2020-01-02 03:0")
	v.do(`document.querySelector(".danger summary").click()`)
	v.follow(".danger button")
	v.want("There are no data and no rules any more")
	v.fill("[name=text]", `{"leads": [{"id": 1, "email": "typed@example.com"}]}`)
	v.follow("form[action='/ui/state'] button")
	v.want("The data were replaced.")
	if _, ok := b.Simulator.BriefLead(1); !ok {
		v.t.Error("the data are not there")
	}
	v.follow("form[action='/ui/demo'] button")
	v.want("The demonstration data are in place")
}

func (v *visit) state(b *bundle) {
	v.t.Helper()
	v.goTo("/ui/leads")
	v.fill("[name=text]", "318815")
	v.follow(".filters button")
	v.want("lead@example.com")
	v.follow("tbody a")
	v.do(`document.querySelector(".day summary").click()`)
	v.want("Lead 318815", "Timeline", "Visit Webpage")
	for path, text := range map[string]string{
		"lists": "Newsletter", "campaigns": "Send Invitation", "programs": "Autumn Webinar", "objects": "Opportunity", "jobs": "Jobs",
	} {
		v.follow("nav a[href='/ui/" + path + "']")
		v.want(text)
	}
	v.goTo("/ui/mock")
	var saved string
	v.Eval(`fetch(document.querySelector("a[download='scenario.json']").href).then((r) => r.text())`, &saved)
	want(v.t, saved, `"lead@example.com"`, `"clock"`)
}

// keyboard goes from the top of the page to an exchange with keys alone.
func (v *visit) keyboard(b *bundle) {
	v.t.Helper()
	b.fill(1)
	v.goTo("/")
	var at string
	for range 40 {
		v.press("Tab", 9)
		v.Eval(`document.activeElement.textContent`, &at)
		if strings.HasPrefix(at, "POST /rest") {
			break
		}
	}
	if !strings.HasPrefix(at, "POST /rest") {
		v.t.Fatalf("the focus is on %q", at)
	}
	v.do(`document.querySelector("#clear").open = true; document.querySelector("#clear button").focus()`)
	v.press("Escape", 27)
	v.until(`!document.querySelector("#clear").open && document.activeElement.matches("#clear > summary")`)
	v.do(`document.querySelector("#x" + document.querySelector("#exchanges li").dataset.id + " a").focus()`)
	v.press("Enter", 13)
	v.Wait("Page.loadEventFired")
	v.want("What to do")
}

func (v *visit) press(key string, code int) {
	v.t.Helper()
	event := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
	if key == "Enter" {
		event["text"] = "\r"
	}
	v.Call("Input.dispatchKeyEvent", event)
	event["type"] = "keyUp"
	v.Call("Input.dispatchKeyEvent", event)
}

// bad is markup that a hostile program sends in every field.
const bad = `"'></pre></bdi></script><script>document.title = "owned"</script><img src=x onerror="document.title = 'owned'">{{.}}` + "\u202e"

// hostile fills every field that comes from outside.
func hostile(b *bundle) {
	long := strings.Repeat("w", 3000)
	e := server.Exchange{
		Time: began, UserID: bad, Operation: bad, Path: bad + long, Passed: []string{bad, long}, Fault: &fault.Fault{Code: 606, Message: bad + long}, Err: fmt.Errorf("%s%s", bad, long),
		Refused: bad + long, Signed: bad + long, RawRequest: []byte("POST " + bad + long + "\n\n" + bad), RawResponse: []byte(bad + "\x00\x1b[31m" + long), Status: 200,
	}
	e.Calls = goodCall().Calls
	e.Calls[0].Path = bad + long
	b.Journal.Add(e)
	e.Path = ""
	b.Journal.Add(e)
	b.Rules.Add(server.Rule{Code: 20011, Text: bad + long})
	lead := simulator.Lead{ID: 1, Email: bad + "@example.com", Fields: map[string]string{"FirstName": bad + long}, Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: bad + long, Campaign: bad, Attributes: []simulator.Attribute{{Name: bad, Value: bad + long}}},
	}}
	if err := b.Simulator.Load(simulator.State{Leads: []simulator.Lead{lead}, Lists: []simulator.List{{ID: 1, Name: bad + long, Members: []int64{1}}}}); err != nil {
		b.t.Fatal(err)
	}
}

// views looks at the pages of a hostile program in a small window, and in a dark one without scripts.
func (v *visit) views(b *bundle) {
	v.t.Helper()
	hostile(b)
	v.see(browsertest.View{Name: "light-320", Width: 320, Height: 700, Scheme: "light", Scripts: true})
	v.goTo("/")
	var last string
	v.Eval(`document.querySelector("#exchanges a").getAttribute("href")`, &last)
	for _, path := range []string{last, "/ui/leads/1", "/ui/rules"} {
		v.goTo(path)
		v.do(`document.querySelectorAll("details").forEach((d) => { d.open = true })`)
		v.judge()
		var title string
		v.Eval(`document.title`, &title)
		if title == "owned" {
			v.t.Errorf("%s: a script of the journal ran", path)
		}
	}
	v.see(browsertest.View{Name: "dark-1200", Width: 1200, Height: 900, Scheme: "dark"})
	v.goTo("/")
	v.judge()
}

// looks are those that the pages are drawn and judged in.
var looks = []browsertest.View{
	wide, {Name: "dark-1200", Width: 1200, Height: 900, Scheme: "dark", Scripts: true}, {Name: "light-360", Width: 360, Height: 780, Scheme: "light", Scripts: true},
	{Name: "dark-360", Width: 360, Height: 780, Scheme: "dark", Scripts: true},
}

// TestBrowser_looks has axe-core judge all pages in all looks, and draws them for people.
func TestBrowser_looks(t *testing.T) {
	if *shots == "" && os.Getenv("MKTOWS_AXE") == "" {
		t.Skip("skipped: -shots names no folder, and MKTOWS_AXE no axe-core")
	}
	b := setup(t)
	b.fill(4)
	b.Rules.Add(server.Rule{Operation: "syncLead", Code: 20011, Times: 2, Delay: 1500 * time.Millisecond})
	b.Rules.Add(server.Rule{Operation: "POST /rest/v1/leads.json", Code: 1007, Records: []int{1}})
	v := open(t, b, wide)
	for _, view := range looks {
		v.see(view)
		for name, path := range map[string]string{
			"exchanges": "/", "none": "/?user=nobody", "exchange": "/ui/exchanges/1", "refused": "/ui/exchanges/2", "rest": "/ui/exchanges/3", "rules": "/ui/rules", "rule": "/ui/rules/1",
			"leads": "/ui/leads", "lead": "/ui/leads/318815", "lists": "/ui/lists", "list": "/ui/lists/1042", "campaigns": "/ui/campaigns", "campaign": "/ui/campaigns/1201",
			"programs": "/ui/programs", "objects": "/ui/objects", "records": "/ui/objects/Opportunity", "jobs": "/ui/jobs", "mock": "/ui/mock",
		} {
			v.goTo(path)
			v.judge()
			v.shot(name, view)
		}
	}
}

// A page that is not seen does not listen: a browser has few connections to a host. Seen again it shows what has come, and where the
// older ones are.
func (v *visit) hidden(b *bundle) {
	v.t.Helper()
	v.goTo("/")
	v.until(`document.querySelector("#live").textContent === "New exchanges are shown as they come."`)
	const turn = `Object.defineProperty(document, "hidden", {value: %t, configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`
	v.do(fmt.Sprintf(turn, true))
	b.fill(20)
	v.do(fmt.Sprintf(turn, false))
	v.until(`document.querySelector("#exchanges").children.length === 50 && !document.querySelector("#older").hidden`)
	var oldest, older string
	v.Eval(`document.querySelector("#exchanges").lastElementChild.dataset.id`, &oldest)
	v.Eval(`document.querySelector("#older a").getAttribute("href")`, &older)
	if older != "/?before="+oldest {
		v.t.Errorf("the oldest is %s, and older ones are at %s", oldest, older)
	}
}
