package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// param is a parameter of a query.
type param struct {
	name, about string
	values      []string                 // those that it may have; nil: see below
	check       func(text string) string // returns what it takes, empty if the text is that; nil: see below
	whole       bool                     // a whole number from least to most; else any text
	least, most int64
}

// maxText bounds the text of a parameter, in bytes.
const maxText = 1000

// How many values an error lists: all if they are few, else some that are alike.
const (
	shownValues = 10
	shownAlike  = 5
)

// wrong returns what a parameter takes, and "" if the text is that.
func (p *param) wrong(text string) string {
	switch {
	case len(text) > maxText:
		return fmt.Sprintf("a text of at most %d bytes", maxText)
	case p.check != nil:
		return p.check(text)
	case p.whole:
		if n, err := strconv.ParseInt(text, 10, 64); err != nil || n < p.least || n > p.most {
			return fmt.Sprintf("a whole number from %d to %d", p.least, p.most)
		}
	case p.values != nil && !slices.Contains(p.values, text):
		return "one of " + p.someValues(text)
	case text == "":
		return "a text that is not empty: leave it out to choose all"
	}
	return ""
}

// someValues lists the values, of many those that begin most like the text.
func (p *param) someValues(text string) string {
	if len(p.values) <= shownValues {
		return strings.Join(p.values, ", ")
	}
	alike := slices.Clone(p.values)
	slices.SortStableFunc(alike, func(a, b string) int { return sameBeginning(b, text) - sameBeginning(a, text) })
	return strings.Join(alike[:shownAlike], ", ") + fmt.Sprintf(" and others (of %d: GET /openapi.json lists them)", len(p.values))
}

// sameBeginning is the number of bytes at the beginning that two texts have in common, whatever their letter case.
func sameBeginning(a, b string) (n int) {
	a, b = strings.ToLower(a), strings.ToLower(b)
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// readQuery reads the query of a request, which has no parameters but the given ones, each once.
func readQuery(r *http.Request, params []param) (map[string]string, error) {
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badQuery("", "the query cannot be read: "+err.Error(), `write "%" as %25 and "&" as %26`)
	}
	values := make(map[string]string)
	for name, texts := range given {
		i := slices.IndexFunc(params, func(p param) bool { return p.name == name })
		if i < 0 {
			return nil, badQuery(name, fmt.Sprintf("there is no parameter %.100q", name), "leave it out; "+takes(params))
		}
		if len(texts) > 1 {
			return nil, badQuery(name, "it is given more than once", "give it once")
		}
		if wanted := params[i].wrong(texts[0]); wanted != "" {
			return nil, badQuery(name, fmt.Sprintf("%.100q is no %s", texts[0], name), "give "+wanted)
		}
		values[name] = texts[0]
	}
	return values, nil
}

// takes lists the names of parameters.
func takes(params []param) string {
	if len(params) == 0 {
		return "there are no parameters here"
	}
	var names []string
	for _, p := range params {
		names = append(names, p.name)
	}
	return "there are " + strings.Join(names, ", ")
}

func badQuery(name, message, advice string) error {
	return &refusal{status: http.StatusBadRequest, code: "bad_parameter", message: message, field: name, advice: advice}
}

// whole returns a parameter that is a whole number, or what stands for one that is missing.
func (r *request) whole(name string, missing int64) int64 {
	text, given := r.query[name]
	if !given {
		return missing
	}
	n, _ := strconv.ParseInt(text, 10, 64) // it was checked
	return n
}

// nextURL is the address of the request with parameters changed, for the page that follows. An empty value takes one away.
func (r *request) nextURL(change map[string]string) string {
	values := url.Values{}
	for name, text := range r.query {
		values.Set(name, text)
	}
	for name, text := range change {
		values.Set(name, text)
		if text == "" {
			values.Del(name)
		}
	}
	return r.URL.EscapedPath() + "?" + values.Encode()
}
