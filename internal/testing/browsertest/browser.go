// Package browsertest drives a Chromium without a window, over pipes, by the DevTools protocol: it is for tests of pages.
package browsertest

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// Browser is a Chromium without a window, driven over pipes by the DevTools protocol.
type Browser struct {
	t      *testing.T
	in     io.Writer
	mu     sync.Mutex
	last   int
	calls  map[int]chan answer
	failed chan struct{} // closed when the browser has ended
	events chan event
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

type event struct {
	Session string
	Method  string
	Params  json.RawMessage
}

// Start skips the test where there is no Chromium.
func Start(t *testing.T) *Browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("skipped: there is no chromium or chrome in PATH to look at the page with")
	}
	toBrowser, in := pipe(t)
	out, fromBrowser := pipe(t)
	cmd := exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &Browser{t: t, in: in, calls: map[int]chan answer{}, failed: make(chan struct{}), events: make(chan event, 10000)}
	go b.read(out)
	t.Cleanup(func() {
		_, _ = b.send("", "Browser.close", nil) // it may have ended
		if err := cmd.Wait(); err != nil {
			t.Logf("chromium: %v\n%s", err, stderr.String())
		}
		in.Close()
		out.Close()
	})
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// read hands answers to their callers and events to the channel, until the browser ends.
func (b *Browser) read(out io.Reader) {
	defer close(b.failed)
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID        int
			SessionID string
			Method    string
			Params    json.RawMessage
			answer
		}
		if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
			return
		}
		if m.ID == 0 {
			b.events <- event{m.SessionID, m.Method, m.Params}
			continue
		}
		b.mu.Lock()
		call := b.calls[m.ID]
		delete(b.calls, m.ID)
		b.mu.Unlock()
		call <- m.answer
	}
}

func (b *Browser) send(session, method string, params any) (json.RawMessage, error) {
	b.mu.Lock()
	b.last++
	call := make(chan answer, 1)
	b.calls[b.last] = call
	message := map[string]any{"id": b.last, "method": method}
	if params != nil {
		message["params"] = params
	}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case a := <-call:
		if a.Error != nil {
			return nil, errors.New(method + ": " + a.Error.Message)
		}
		return a.Result, nil
	case <-b.failed:
		return nil, errors.New(method + ": the browser has ended")
	}
}

// Tab is a page in the browser.
type Tab struct {
	*Browser

	session string
	from    string // what the addresses that it may load begin with
}

// View is how a tab shows a page.
type View struct {
	Name          string
	Width, Height int
	Scheme        string // light or dark
	Scripts       bool
}

// ShowFile loads a file in a new tab, and waits until it is there. It may load nothing but files.
func (b *Browser) ShowFile(file string, v View) *Tab {
	b.t.Helper()
	return b.Show((&url.URL{Scheme: "file", Path: file}).String(), "file:", v)
}

// Show loads an address in a new tab, and waits until it is there. From is what all that the page loads has to begin with.
func (b *Browser) Show(address, from string, v View) *Tab {
	b.t.Helper()
	var target struct{ TargetID string }
	b.must("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.must("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p := &Tab{b, attached.SessionID, from}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		p.Call(domain+".enable", nil)
	}
	p.View(v)
	p.Call("Page.navigate", map[string]any{"url": address})
	p.Wait("Page.loadEventFired")
	return p
}

// View changes how the tab shows pages: scripts, from the next page on.
func (p *Tab) View(v View) {
	p.t.Helper()
	p.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": v.Width < 600})
	p.Call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": v.Scheme}}})
	p.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": !v.Scripts})
}

func (b *Browser) must(session, method string, params, result any) {
	b.t.Helper()
	raw, err := b.send(session, method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(raw, result)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Call calls a method of the protocol on the page.
func (p *Tab) Call(method string, params any) {
	p.t.Helper()
	p.must(p.session, method, params, nil)
}

// Wait reads events up to one. What a page says to the console, an exception, and a request
// for what it may not load fail the test.
func (p *Tab) Wait(method string) {
	p.t.Helper()
	for {
		select {
		case e := <-p.events:
			p.judge(e)
			if e.Session == p.session && e.Method == method {
				return
			}
		case <-p.failed:
			p.t.Fatalf("the browser has ended while waiting for %s", method)
		}
	}
}

// Settle judges the events that have come.
func (p *Tab) Settle() {
	p.t.Helper()
	for len(p.events) > 0 {
		p.judge(<-p.events)
	}
}

func (p *Tab) judge(e event) {
	p.t.Helper()
	switch e.Method {
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
		p.t.Errorf("the page says to the console: %s", e.Params)
	case "Network.requestWillBeSent":
		var sent struct{ Request struct{ URL string } }
		if json.Unmarshal(e.Params, &sent) != nil || !strings.HasPrefix(sent.Request.URL, p.from) && sent.Request.URL != "data:," {
			p.t.Errorf("the page loads %s", e.Params)
		}
	}
}

// Eval evaluates an expression on the page.
func (p *Tab) Eval(expression string, result any) {
	p.t.Helper()
	var a struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	p.must(p.session, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &a)
	if a.ExceptionDetails != nil {
		p.t.Fatalf("%s: %s", expression, a.ExceptionDetails)
	}
	if err := json.Unmarshal(a.Result.Value, result); err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
}

// Screenshot writes the page as it is on the screen, or down to height.
func (p *Tab) Screenshot(file string, width, height int) {
	p.t.Helper()
	var shot struct{ Data string }
	p.must(p.session, "Page.captureScreenshot", map[string]any{
		"format": "png", "captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
	}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// Axe has axe-core look at the page if MKTOWS_AXE, which make axe sets, names its script. Each violation fails the test. The page needs
// scripts.
func (p *Tab) Axe() {
	p.t.Helper()
	file := os.Getenv("MKTOWS_AXE")
	if file == "" {
		return
	}
	script, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	var found string
	p.Eval(`(() => { `+string(script)+`; return "" })()`, &found)
	p.Eval(`axe.run({ resultTypes: ["violations"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 300)).slice(0, 3).join(" ")).join("\n"))`, &found)
	if found != "" {
		p.t.Errorf("axe-core finds: %s", found)
	}
}
