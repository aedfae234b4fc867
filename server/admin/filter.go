package admin

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/rest"
)

// The faces of the mock.
const (
	faceSOAP = "soap"
	faceREST = "rest"
)

// Values of the filter fault that are no codes.
const (
	faultAny  = "any"
	faultNone = "none"
)

// filterParams are the filters of the journal.
func filterParams() []param {
	return []param{
		{name: "operation", about: "calls of this operation", values: operationNames()},
		{name: "fault", about: "answers with this code, with any, or with none", check: checkFault},
		{name: "user", about: "calls of this user or client, who was let in"},
		{name: "lead", about: "calls whose request or answer has this id or email address of a lead as a whole"},
		{name: "text", about: "calls that have this text anywhere: in request, answer, path, fault"},
		{name: "face", about: "calls of this API", values: []string{faceSOAP, faceREST}},
	}
}

// operationNames are the operations of both APIs, by the names that rules have.
func operationNames() []string {
	var names []string
	for _, op := range gen.Operations() {
		names = append(names, op.Name)
	}
	return slices.Concat(names, rest.Operations(), []string{"POST /identity/oauth/token", "GET /identity/oauth/token"})
}

// checkFault returns what a fault filter takes, empty if the text is one.
func checkFault(text string) string {
	if text == faultAny || text == faultNone {
		return ""
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 100 && n <= 99_999 && strconv.Itoa(n) == text {
		return ""
	}
	return `a code of three to five digits such as 606 or 20103, "any" or "none"`
}

// filter chooses exchanges. Its zero value chooses all.
type filter struct {
	operation, fault, user, face string

	lead, text [][]byte // forms in which they may be written; nil: any
	isID       bool     // lead is one
}

func newFilter(values map[string]string) filter {
	f := filter{operation: values["operation"], fault: values["fault"], user: values["user"], face: values["face"]}
	f.lead, f.text = forms(values["lead"]), forms(values["text"])
	f.isID = strings.Trim(values["lead"], "0123456789") == ""
	return f
}

// forms are a text as it is, in XML, in JSON and in a query.
func forms(text string) (list [][]byte) {
	if text == "" {
		return nil
	}
	var inXML bytes.Buffer
	_ = xml.EscapeText(&inXML, []byte(text)) // a buffer takes everything
	inJSON, _ := json.Marshal(text)          // a text has a form
	all := []string{text, inXML.String(), string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(text), url.PathEscape(text)}
	slices.Sort(all)
	for _, form := range slices.Compact(all) {
		list = append(list, []byte(form))
	}
	return list
}

// matches looks at what costs little first.
func (f *filter) matches(e *entry) bool {
	switch {
	case f.operation != "" && e.Operation != f.operation,
		f.user != "" && e.UserID != f.user,
		f.face != "" && (f.face == faceREST) != e.isREST(),
		f.fault != "" && !f.matchesFault(e):
		return false
	}
	return (f.lead == nil || f.hasLead(e)) && (f.text == nil || f.hasText(e))
}

func (f *filter) matchesFault(e *entry) bool {
	switch f.fault {
	case faultAny:
		return e.Fault != nil
	case faultNone:
		return e.Fault == nil
	}
	return e.Fault != nil && strconv.Itoa(int(e.Fault.Code)) == f.fault
}

func (f *filter) hasLead(e *entry) bool {
	return slices.ContainsFunc(f.lead, func(lead []byte) bool {
		return f.hasWord(e.RawRequest, lead) || f.hasWord(e.RawResponse, lead)
	})
}

// hasWord reports whether a document has the lead as a whole: 318815 is not in 3188151, and b@example.com not in a.b@example.com.
func (f *filter) hasWord(doc, word []byte) bool {
	for from := 0; ; from++ {
		i := bytes.Index(doc[from:], word)
		if i < 0 {
			return false
		}
		from += i
		end := from + len(word)
		if (from == 0 || !f.continues(doc[from-1])) && (end == len(doc) || !f.continues(doc[end])) {
			return true
		}
	}
}

// continues reports whether an id or an address goes on with a byte. The id of a path such as 318815.json has ended.
func (f *filter) continues(c byte) bool {
	isWord := c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
	return isWord || !f.isID && strings.IndexByte(".+-@", c) >= 0
}

func (f *filter) hasText(e *entry) bool {
	return slices.ContainsFunc(f.text, func(text []byte) bool {
		in := func(s string) bool { return strings.Contains(s, string(text)) }
		return bytes.Contains(e.RawRequest, text) || bytes.Contains(e.RawResponse, text) || in(e.Path) || in(e.Operation) || in(e.Refused) ||
			in(e.Signed) || e.Fault != nil && in(e.Fault.Message+"\n"+e.Fault.FaultString) || e.Err != nil && in(e.Err.Error())
	})
}
