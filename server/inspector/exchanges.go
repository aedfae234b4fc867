package inspector

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	pageSize = 50
	maxShown = 256 << 10 // bytes of a document; the whole of it is a file
)

// exchange is one of the journal, as the administration tells of it.
type exchange struct {
	ID            int64
	Face          string
	Time          time.Time
	Duration      string
	Version       string
	UserID        string
	Operation     string
	Path          string
	Status        int
	Fault         *exchangeFault
	Error         string
	Refused       string
	Signed        string
	Drop          string
	Scripted      bool
	Repaired      int
	PassedOver    []string
	Calls         []behindCall
	RequestBytes  int64
	ResponseBytes int64

	Request, Response             string
	PrettyRequest, PrettyResponse string
}

type exchangeFault struct {
	Code    int
	Message string
	Advice  string
}

// behindCall is a call of the REST API behind one of the SOAP API.
type behindCall struct {
	Method, Path     string
	Status, Code     int
	Attempts         int
	Waited, Duration string
}

// API is the name of the face.
func (e *exchange) API() string { return strings.ToUpper(e.Face) }

// Name says what was called.
func (e *exchange) Name() string {
	switch {
	case e.Operation != "":
		return e.Operation
	case e.Path != "":
		return e.Path
	}
	return "no operation"
}

// Outcome says in a few words what became of it.
func (e *exchange) Outcome() string {
	switch {
	case e.Fault != nil && e.Fault.Code != 0 && !strings.HasPrefix(e.Fault.Message, strconv.Itoa(e.Fault.Code)+":"):
		return fmt.Sprintf("%d %s", e.Fault.Code, e.Fault.Message)
	case e.Fault != nil && e.Fault.Message != "":
		return e.Fault.Message
	case e.Status == 0:
		return "closed without an answer"
	}
	return fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
}

// Class is good or bad, as the page marks it.
func (e *exchange) Class() string {
	if e.Fault != nil || e.Status == 0 || e.Status >= http.StatusBadRequest || e.Drop != "" {
		return "bad"
	}
	return "good"
}

// Tags are what else is worth a word in a list.
func (e *exchange) Tags() (tags []string) {
	if e.Scripted {
		tags = append(tags, "rule")
	}
	if e.Drop != "" {
		tags = append(tags, e.DropText())
	}
	if len(e.PassedOver) > 0 {
		tags = append(tags, count(len(e.PassedOver), "element passed over", "elements passed over"))
	}
	if e.Repaired > 0 {
		tags = append(tags, "repaired")
	}
	return tags
}

// DropText says how a rule has broken the connection.
func (e *exchange) DropText() string { return "dropped " + dropTexts[e.Drop] }

var dropTexts = map[string]string{"beforeWork": "before the work", "afterWork": "after the work", "halfAnswer": "in the middle of the answer"}

// filters are the names of the filters, which the addresses of page and administration share.
var filters = []string{"operation", "fault", "user", "lead", "text", "face"}

// chosen returns what a query chooses by. What is empty was not filled in.
func chosen(query url.Values, names ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		if text := strings.TrimSpace(query.Get(name)); text != "" {
			out.Set(name, text)
		}
	}
	return out
}

// exchangesPage lists exchanges, newest first.
type exchangesPage struct {
	frame

	Filter     map[string]string // what is chosen by
	IsFiltered bool
	Operations []group
	Problem    *problem // what is wrong with the filters
	Exchanges  []exchange
	Last       int64 // the newest that there is
	Earlier    int64 // how many are not kept any more
	Examined   int
	Older      string // address of the page that follows; empty: there is none
	Newest     string // address of the first page; empty: this is it
	Events     string // address of the stream of what is new; empty: this is not the first page
}

// group is a part of a long choice.
type group struct {
	Name    string
	Options []string
}

func (i *inspector) getExchanges(w http.ResponseWriter, r *http.Request) error {
	choice := chosen(r.URL.Query(), filters...)
	before := r.URL.Query().Get("before")
	p := exchangesPage{frame: i.frame(r, "Exchanges", "exchanges"), Filter: map[string]string{}, IsFiltered: len(choice) > 0, Operations: i.groups()}
	for _, name := range filters {
		p.Filter[name] = choice.Get(name)
	}
	status := http.StatusOK
	wrong, err := i.findExchanges(r, choice, before, &p)
	switch {
	case err != nil:
		return err
	case wrong != nil:
		p.Problem, status = wrong, http.StatusBadRequest
	case before != "":
		p.Newest = address("/", choice)
	default:
		events := url.Values{"since": {strconv.FormatInt(p.Last, 10)}}
		for name := range choice {
			events.Set(name, choice.Get(name))
		}
		p.Events = address("/journal/events", events)
	}
	return show(w, status, "exchanges.html", p)
}

// findExchanges asks for a page. What is wrong with the filters is no error: the form says it.
func (i *inspector) findExchanges(r *http.Request, choice url.Values, before string, p *exchangesPage) (wrong *problem, err error) {
	query := url.Values{"documents": {"false"}, "limit": {strconv.Itoa(pageSize)}}
	for name := range choice {
		query.Set(name, choice.Get(name))
	}
	if before != "" {
		query.Set("before", before)
	}
	var found struct {
		Earlier   int64
		Last      int64
		Examined  int
		Exchanges []exchange
		Next      string
	}
	if err := i.ask(r, http.MethodGet, address("/journal", query), nil, &found); err != nil {
		wrong, ok := asProblem(err)
		if ok && wrong.Status == http.StatusBadRequest && wrong.Field != "before" {
			return wrong, nil
		}
		return nil, err
	}
	slices.Reverse(found.Exchanges)
	p.Exchanges, p.Last, p.Earlier, p.Examined = found.Exchanges, found.Last, found.Earlier, found.Examined
	if next, err := url.Parse(found.Next); err == nil && found.Next != "" {
		older := url.Values{"before": {next.Query().Get("before")}}
		for name := range choice {
			older.Set(name, choice.Get(name))
		}
		p.Older = address("/", older)
	}
	return nil, nil
}

// address is a path with a query.
func address(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// groups are the operations by API.
func (i *inspector) groups() []group {
	soap, rest := group{Name: "SOAP"}, group{Name: "REST"}
	for _, name := range i.operations {
		if strings.Contains(name, "/") {
			rest.Options = append(rest.Options, name)
		} else {
			soap.Options = append(soap.Options, name)
		}
	}
	return []group{soap, rest}
}

// exchangePage is one exchange with all that is known of it.
type exchangePage struct {
	frame
	exchange

	Documents []document
	Curl      string
	NoCurl    string // why there is no call to copy
	HasRules  bool
}

// document is what was sent one way.
type document struct {
	Name, Title string
	Size        int64
	Pretty, Raw string
	IsCut       bool // only the beginning is shown
}

func newDocument(name, title, pretty, raw string) document {
	d := document{Name: name, Title: title, Size: int64(len(raw)), Pretty: pretty, Raw: raw}
	if pretty == "" {
		d.Pretty = raw
	}
	for _, text := range []*string{&d.Pretty, &d.Raw} {
		if len(*text) > maxShown {
			*text, d.IsCut = beginning(*text, maxShown), true
		}
		*text = seen(*text)
	}
	return d
}

// seen is a text with something to see for each character that would change how the others look.
func seen(text string) string { return turning.Replace(strings.Map(visible, text)) }

// visible is the picture of a control character (Unicode, Control Pictures), and other characters as they are.
func visible(r rune) rune {
	switch {
	case !isKey(r):
		return r
	case r < ' ':
		return '\u2400' + r
	}
	return utf8.RuneError
}

// turning writes out the characters that turn the order of what follows (Unicode, UAX #9, 2.1 to 2.4): with them a document would look
// like another one.
var turning = strings.NewReplacer("\u202a", "[U+202A]", "\u202b", "[U+202B]", "\u202c", "[U+202C]", "\u202d", "[U+202D]", "\u202e", "[U+202E]",
	"\u2066", "[U+2066]", "\u2067", "[U+2067]", "\u2068", "[U+2068]", "\u2069", "[U+2069]")

// beginning returns the first bytes of a text, without half a character at the end.
func beginning(text string, size int) string {
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}

func (i *inspector) getExchange(w http.ResponseWriter, r *http.Request) error {
	p := exchangePage{HasRules: i.has("/rules")}
	if err := i.ask(r, http.MethodGet, "/journal/"+url.PathEscape(r.PathValue("id")), nil, &p.exchange); err != nil {
		return err
	}
	p.frame = i.frame(r, fmt.Sprintf("Exchange %d: %s", p.ID, p.exchange.Name()), "exchanges")
	p.Documents = []document{
		newDocument("request", "Request", p.PrettyRequest, p.Request), newDocument("response", "Answer", p.PrettyResponse, p.Response),
	}
	p.Curl, p.NoCurl = i.curl(&p.exchange)
	return show(w, http.StatusOK, "exchange.html", &p)
}

// getDocument gives a document as a file.
func (i *inspector) getDocument(w http.ResponseWriter, r *http.Request) error {
	var e exchange
	if err := i.ask(r, http.MethodGet, "/journal/"+url.PathEscape(r.PathValue("id")), nil, &e); err != nil {
		return err
	}
	text := e.Request
	switch r.PathValue("document") {
	case "request":
	case "response":
		text = e.Response
	default:
		return &problem{Status: http.StatusNotFound, Message: "an exchange has a request and a response, and no other document", Advice: "follow a link of its page"}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="exchange-%d-%s.txt"`, e.ID, r.PathValue("document")))
	_, _ = w.Write([]byte(text)) // the caller may be gone
	return nil
}
