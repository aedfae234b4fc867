package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/internal/testing/browsertest"
	"github.com/mktows/mktows-go/leadsync/report"
)

var shots = flag.String("shots", "", "write screenshots to this folder")

// views are those a page must look right in.
var views = []browsertest.View{
	{Name: "light-1280", Width: 1280, Height: 900, Scheme: "light", Scripts: true},
	{Name: "dark-1280", Width: 1280, Height: 900, Scheme: "dark", Scripts: true},
	{Name: "light-360", Width: 360, Height: 780, Scheme: "light", Scripts: true},
	{Name: "dark-360", Width: 360, Height: 780, Scheme: "dark", Scripts: true},
	{Name: "plain-360", Width: 360, Height: 780, Scheme: "light", Scripts: false},
}

func draw(t *testing.T, path string, o *report.Options) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := report.Write(t.Context(), f, open(t, path), o); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPage_inABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("it draws a long page in every view; the test of hostile values draws a short one")
	}
	t.Parallel()
	b := browsertest.Start(t)
	db, path := newCopy(t)
	stream(t, db, "activities", 34, 1, "getLeadChanges: 20011 internal error; the service has to be asked again")
	stream(t, db, "leads", 8, 0, "")
	for i := range 400 {
		execute(t, db, `INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest) VALUES ($1, $2, '', '', '{}', 1, 'd')`, 1001+i, fmt.Sprintf("lead%d@example.com", i+1))
	}
	fill(t, db, madeUp(12_000, 300, 88))
	file := draw(t, path, &report.Options{Now: made, MaxTimeline: 300})
	for _, v := range views {
		p := b.ShowFile(file, v)
		if out := tooWide(p, "true"); out != "" {
			t.Errorf("%s: wider than the window: %s", v.Name, out)
		}
		if v.Scripts {
			useFilters(t, p)
			p.Axe()
		} else if shown := visible(p, ""); shown != 300+4*200 {
			t.Errorf("%s: without scripts %d rows are visible", v.Name, shown)
		}
		if *shots != "" {
			var height int
			p.Eval(`document.querySelector("#timeline").getBoundingClientRect().top + scrollY + 1300 | 0`, &height)
			p.Screenshot(filepath.Join(*shots, v.Name+".png"), v.Width, height)
		}
		if v == views[0] {
			fits(t, p)
		}
		p.Settle()
	}
}

// fits looks at widths from a small phone to a small laptop, and at the page as it is printed: nothing may be cut, be wider
// than the window, or be written over something else.
func fits(t *testing.T, p *browsertest.Tab) {
	t.Helper()
	for _, c := range []struct {
		media string
		width int
	}{{"", 320}, {"", 360}, {"", 412}, {"", 640}, {"", 800}, {"", 1100}, {"print", 794}} {
		p.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": c.width, "height": 800, "deviceScaleFactor": 1, "mobile": c.width < 600})
		p.Call("Emulation.setEmulatedMedia", map[string]any{"media": c.media})
		if out := tooWide(p, "true"); out != "" {
			t.Errorf("%s %d: wider than the window: %s", c.media, c.width, out)
		}
		var cut, over []string
		p.Eval(`Array.from(document.querySelectorAll("#hours .scroll, #types .scroll, #leads .scroll, h1, h2, h3, dd, .legend li, nav a")).filter(
			(e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.tagName + " " + e.textContent.slice(0, 30))`, &cut)
		p.Eval(`[".dates span", ".ticks span", ".heat thead th", ".figures dd", "nav a"].flatMap((all) => {
			const boxes = Array.from(document.querySelectorAll(all)).map((e) => {
				const r = document.createRange(); r.selectNodeContents(e); return [e.textContent, r.getBoundingClientRect()];
			}).filter(([, b]) => b.width > 0);
			return boxes.flatMap(([text, a], i) => boxes.slice(i + 1).filter(([, b]) =>
				a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1).map(([other]) => text + " over " + other))
				.concat(boxes.filter(([, b]) => b.left < 0 || b.right > innerWidth).map(([text]) => text + " is outside"));
		})`, &over)
		if len(cut) > 0 || len(over) > 0 {
			t.Errorf("%s %d: cut %q; in each other's way %q", c.media, c.width, cut, over)
		}
	}
}

// tooWide evaluates an expression and then names the elements that make the page scroll
// sideways.
func tooWide(p *browsertest.Tab, before string) (names string) {
	p.Eval(`(`+before+`, document.documentElement.scrollWidth <= document.documentElement.clientWidth) ? "" :
		Array.from(document.querySelectorAll("body *")).filter((e) => !e.closest(".scroll > *, svg") &&
			e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.tagName + "." + e.className).slice(0, 20).join(" ") || "?"`, &names)
	return names
}

// visible counts the rows of timelines that can be seen, below an element.
func visible(p *browsertest.Tab, within string) (n int) {
	p.Eval(`Array.from(document.querySelectorAll("`+within+` li[data-type]")).filter((li) => li.checkVisibility()).length`, &n)
	return n
}

// useFilters picks a lead, hides a type, searches, and goes back.
func useFilters(t *testing.T, p *browsertest.Tab) {
	t.Helper()
	const change = `((e, set) => { set(e); e.dispatchEvent(new Event("input", {bubbles: true})); return true })`
	do := func(what, script string, check func(before, after int) bool) {
		t.Helper()
		before := visible(p, "")
		var done bool
		p.Eval(script, &done)
		if after := visible(p, ""); !check(before, after) {
			t.Errorf("%s: %d rows before, %d after", what, before, after)
		}
	}
	first := `document.querySelector(".timeline")`
	do("at first", `true`, func(_, after int) bool { return after == 300 })
	do("no Visit Webpage", change+`(`+first+`.querySelector("input[type=checkbox]"), (e) => { e.checked = false })`,
		func(before, after int) bool { return after > 0 && after < before })
	do("search", change+`(`+first+`.querySelector("input[type=search]"), (e) => { e.value = "open PRICING" })`,
		func(before, after int) bool { return after > 0 && after < before })
	do("search for nothing", change+`(`+first+`.querySelector("input[type=search]"), (e) => { e.value = "no such thing" })`,
		func(_, after int) bool { return after == 0 })
	do("search for all", change+`(`+first+`.querySelector("input[type=search]"), (e) => { e.value = "" })`,
		func(_, after int) bool { return after > 0 })
	do("hide all types", first+`.querySelector("button").click() ?? true`, func(_, after int) bool { return after == 0 })
	do("show all types", first+`.querySelector("button").click() ?? true`, func(_, after int) bool { return after == 300 })
	do("another lead", change+`(document.querySelector(".picker select"), (e) => { e.selectedIndex = 1 })`,
		func(_, after int) bool { return after == 200 })
	do("back", change+`(document.querySelector(".picker select"), (e) => { e.selectedIndex = 0 })`,
		func(_, after int) bool { return after == 300 })
}

// TestPage_hostileInABrowser looks whether anything of a hostile copy runs.
func TestPage_hostileInABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t)
	db, path := newCopy(t)
	const bad = `</script></style></title><script>document.title = "owned"</script><img src=x onerror="document.title = 'owned'">` + "\u202e"
	stream(t, db, "activities", 2, 1, bad+strings.Repeat("x", 5000))
	execute(t, db, `INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest) VALUES (7, $1, '', '', '{}', 1, 'd')`, bad+strings.Repeat("y", 5000))
	for i := range 30 {
		fillOne(t, db, i, activity{lead: 7, local: "2026-04-30T12:00:00-05:00", typ: fmt.Sprint(i, bad, strings.Repeat("t", 300)), asset: bad + strings.Repeat("a", 5000),
			campaign: strings.Repeat("c", 5000), attributes: mustJSON(t, map[string]any{strings.Repeat("n", 3000): bad + strings.Repeat("v", 5000)})})
	}
	file := draw(t, path, &report.Options{Title: "Safe " + strings.Repeat("w", 500), Now: made})
	for _, v := range views {
		p := b.ShowFile(file, v)
		if out := tooWide(p, `document.querySelectorAll("details").forEach((d) => { d.open = true })`); out != "" {
			t.Errorf("%s: wider than the window: %s", v.Name, out)
		}
		var title string
		p.Eval(`document.title.slice(0, 4)`, &title)
		if title != "Safe" {
			t.Errorf("%s: the title is %q: a script of the copy ran", v.Name, title)
		}
		p.Settle()
	}
}
