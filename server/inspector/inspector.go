package inspector

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed page
var files embed.FS

// policy lets pages use what this handler serves, and nothing that stands in them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Options are what an inspector cannot know by itself.
type Options struct {
	Title    string // what is inspected, such as "Mock"; empty: Marketo
	Endpoint string // its base URL, such as http://127.0.0.1:8080, for calls to be repeated by curl; empty: the variable $ENDPOINT stands for it
}

// inspector serves the pages.
type inspector struct {
	Options

	api        http.Handler
	mux        *http.ServeMux
	paths      map[string]bool // of the administration
	operations []string        // that exchanges can be chosen by
}

// New returns a handler that serves the pages, and otherwise the administration. The error says that this does not describe itself as
// package server/admin does.
func New(api http.Handler, o Options) (http.Handler, error) {
	if api == nil {
		return nil, errors.New("inspector: New needs an administration")
	}
	if o.Title == "" {
		o.Title = "Marketo"
	}
	i := &inspector{Options: o, api: api, mux: http.NewServeMux()}
	if err := i.discover(); err != nil {
		return nil, err
	}
	i.routes()
	return i, nil
}

// discover reads which paths the administration has.
func (i *inspector) discover() error {
	r, err := http.NewRequest(http.MethodGet, "http://localhost/openapi.json", http.NoBody) //nolint:noctx // it goes nowhere
	if err != nil {
		return err
	}
	var doc struct {
		Paths map[string]struct {
			Get struct {
				Parameters []struct {
					Name   string
					Schema struct{ Enum []string }
				}
			}
		}
	}
	if err := i.ask(r, http.MethodGet, "/openapi.json", nil, &doc); err != nil {
		return fmt.Errorf("inspector: the administration does not describe itself: %w", err)
	}
	i.paths = make(map[string]bool)
	for path := range doc.Paths {
		i.paths[path] = true
	}
	for _, p := range doc.Paths["/journal"].Get.Parameters {
		if p.Name == "operation" {
			i.operations = p.Schema.Enum
		}
	}
	if len(i.operations) == 0 {
		return errors.New("inspector: the administration has no journal")
	}
	return nil
}

// has reports whether the administration has a path.
func (i *inspector) has(path string) bool { return i.paths[path] }

// routes says which pages there are.
func (i *inspector) routes() {
	i.mux.Handle("GET /ui/page.css", asset("page/page.css", "text/css; charset=utf-8"))
	i.mux.Handle("GET /ui/page.js", asset("page/page.js", "text/javascript; charset=utf-8"))
	i.page("GET /ui/{$}", func(http.ResponseWriter, *http.Request) error { return &goTo{"/"} })
	i.page("GET /{$}", i.getExchanges)
	i.page("GET /ui/exchanges/{id}", i.getExchange)
	i.page("GET /ui/exchanges/{id}/{document}", i.getDocument)
	i.page("POST /ui/exchanges/clear", i.order(http.MethodDelete, "/journal", "/", "cleared"))
	if i.has("/rules") {
		i.page("GET /ui/rules", i.getRules)
		i.page("POST /ui/rules", i.postRule)
		i.page("POST /ui/rules/clear", i.order(http.MethodDelete, "/rules", "/ui/rules", "rules"))
		i.page("GET /ui/rules/{id}", i.getRule)
		i.page("POST /ui/rules/{id}", i.putRule)
		i.page("POST /ui/rules/{id}/delete", i.deleteRule)
	}
	for _, s := range sections {
		if i.has("/" + s.Name) {
			i.page("GET /ui/"+s.Name, i.getSection(&s))
		}
		if s.One != nil && i.has(s.One.Path) {
			i.page("GET /ui/"+s.Name+"/{id}", i.getOne(&s))
		}
	}
	if i.has("/clock") {
		i.page("GET /ui/mock", i.getMock)
		i.page("POST /ui/clock", i.postClock)
		i.page("POST /ui/demo", i.order(http.MethodPost, "/demo", "/ui/mock", "demo"))
		i.page("POST /ui/state", i.postState)
		i.page("POST /ui/reset", i.order(http.MethodPost, "/reset", "/ui/mock", "reset"))
	}
}

// ServeHTTP answers one request.
func (i *inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isPage := strings.HasPrefix(r.URL.Path, "/ui/")
	if !isPage && (r.URL.Path != "/" || !wantsHTML(r)) {
		i.api.ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers send "Origin: null" with forms
	if !isPage {
		h.Set("Vary", "Accept")
	}
	if err := i.ask(r, http.MethodHead, "/", nil, nil); err != nil { // Host and Origin are as its own callers' have to be
		i.fail(w, r, err)
		return
	}
	i.mux.ServeHTTP(w, r)
}

// wantsHTML reports whether a browser asks, which names HTML as what it takes.
func wantsHTML(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// asset serves an embedded file.
func asset(name, kind string) http.Handler {
	text, err := files.ReadFile(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err != nil { // cannot be: it is embedded
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(text) // the caller may be gone
	})
}

// goTo is an error that sends a browser to another page.
type goTo struct{ to string }

func (g *goTo) Error() string { return "go to " + g.to }

// page serves what a function makes.
func (i *inspector) page(pattern string, do func(http.ResponseWriter, *http.Request) error) {
	i.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		err := do(w, r)
		if away := new(goTo); errors.As(err, &away) {
			http.Redirect(w, r, away.to, http.StatusSeeOther)
			return
		}
		if err != nil {
			i.fail(w, r, err)
		}
	})
}

// order returns what sends the administration an order without a body, and then shows a page.
func (i *inspector) order(method, path, to, done string) func(http.ResponseWriter, *http.Request) error {
	return func(_ http.ResponseWriter, r *http.Request) error {
		if err := i.ask(r, method, path, nil, nil); err != nil {
			return err
		}
		return &goTo{to + "?done=" + done}
	}
}

// messages say what was done. Only their names travel, so that a link cannot put words into a page.
var messages = map[string]string{
	"cleared": "The journal is empty.", "rules": "There are no rules any more.", "added": "The rule was added.", "changed": "The rule was changed; its counts begin anew.",
	"deleted": "The rule was deleted.", "gone": "The rule was gone already.", "demo": "The demonstration data are in place of all data.", "state": "The data were replaced.",
	"reset": "There are no data and no rules any more, and the journal is empty.", "clock": "The clock was moved.",
}

// frame is what all pages have.
type frame struct {
	Inspector, Title string
	Here             string // the part that the page belongs to
	Parts            []part
	Done             string // what was done before it
}

// part is an entry of the navigation.
type part struct{ Name, Title, To string }

// frame returns the frame of a page.
func (i *inspector) frame(r *http.Request, title, here string) frame {
	f := frame{Inspector: i.Title, Title: title, Here: here, Done: messages[r.URL.Query().Get("done")], Parts: []part{{"exchanges", "Exchanges", "/"}}}
	if i.has("/rules") {
		f.Parts = append(f.Parts, part{"rules", "Rules", "/ui/rules"})
	}
	for _, s := range sections {
		if i.has("/" + s.Name) {
			f.Parts = append(f.Parts, part{s.Name, s.Title, "/ui/" + s.Name})
		}
	}
	if i.has("/clock") {
		f.Parts = append(f.Parts, part{"mock", "Clock and data", "/ui/mock"})
	}
	return f
}

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"bytes": bytesText, "duration": durationText, "stamp": stamp, "clock": clockText, "count": count, "seen": seen,
}).ParseFS(files, "page/*.html"))

// show writes a page.
func show(w http.ResponseWriter, status int, name string, v any) error {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the caller may be gone
	return nil
}

// fail shows an error.
func (i *inspector) fail(w http.ResponseWriter, r *http.Request, err error) {
	wrong := new(problem)
	if !errors.As(err, &wrong) {
		wrong = &problem{Status: http.StatusInternalServerError, Message: err.Error(), Advice: "this is a mistake of the inspector: please report it"}
	}
	v := struct {
		frame
		*problem
	}{i.frame(r, "Something is wrong", ""), wrong}
	if err := show(w, wrong.Status, "error.html", v); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
	}
}

// problem is an error of the administration.
type problem struct {
	Status       int
	Message      string
	Advice       string
	Field        string
	Line, Column int
}

func (p *problem) Error() string { return p.Message }

// answer is what the administration writes to an inspector.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
func (a *answer) WriteHeader(status int)      { a.status = status }

// ask sends the administration a request on behalf of another one, and reads the answer into a value unless that is nil. An error of
// the administration is a *problem.
func (i *inspector) ask(r *http.Request, method, target string, body []byte, into any) error {
	in, err := http.NewRequestWithContext(r.Context(), method, "http://localhost"+target, bytes.NewReader(body))
	if err != nil {
		return &problem{Status: http.StatusBadRequest, Message: "the address cannot be read", Advice: "go back and follow a link"}
	}
	in.Host, in.RequestURI, in.RemoteAddr = r.Host, target, r.RemoteAddr
	in.Header["Origin"] = slices.Clone(r.Header["Origin"])
	in.Header.Set("Content-Type", "application/json")
	a := &answer{header: make(http.Header), status: http.StatusOK}
	i.api.ServeHTTP(a, in)
	if a.status >= http.StatusBadRequest {
		var said struct{ Error problem }
		if err := json.Unmarshal(a.body.Bytes(), &said); err != nil {
			return fmt.Errorf("HTTP %d of the administration cannot be read: %w", a.status, err)
		}
		said.Error.Status = a.status
		return &said.Error
	}
	if into == nil {
		return nil
	}
	decoder := json.NewDecoder(&a.body)
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the answer of the administration cannot be read: %w", err)
	}
	return nil
}
