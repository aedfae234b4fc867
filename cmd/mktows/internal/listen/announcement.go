package listen

import (
	"io"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// Announcement is what a server prints once it listens: where it does, and the settings of its clients. In the form
// shell it is a script, whose comments are for people; in the form json it is one line of JSON, since a server goes on
// and whoever started it waits for a line.
type Announcement struct {
	script strings.Builder
	doc    announced
}

// announced is an announcement in JSON.
type announced struct {
	Listening   []string          `json:"listening"`
	REST        string            `json:"rest,omitempty"`
	Admin       string            `json:"admin,omitempty"`
	Environment map[string]string `json:"environment"`
	Withheld    []string          `json:"withheld"` // the secrets that clients need beside that
}

// Comment adds a line for people. It is not a part of JSON.
func (n *Announcement) Comment(text string) { n.script.WriteString("# " + text + "\n") }

// Listening adds an address that the server with this name has opened, with a remark for people.
func (n *Announcement) Listening(server, address, remark string) {
	n.Comment("mktows " + server + ": listening on " + address + remark)
	n.doc.Listening = append(n.doc.Listening, address)
}

// REST adds the endpoint of the REST API, with a remark for people.
func (n *Announcement) REST(endpoint, remark string) {
	n.Comment(remark)
	n.doc.REST = endpoint
}

// Admin adds the address of the administration.
func (n *Announcement) Admin(address string) {
	n.Comment("administration: " + address)
	n.doc.Admin = address
}

// Export adds a variable of the environment of clients.
func (n *Announcement) Export(name, value string) {
	n.script.WriteString("export " + name + "=" + output.ShellQuote(value) + "\n")
	if n.doc.Environment == nil {
		n.doc.Environment = map[string]string{}
	}
	n.doc.Environment[name] = value
}

// Secret adds a variable that is a secret. Only a public placeholder may be told; for any other value withheld says
// where it comes from, and the value is not told.
func (n *Announcement) Secret(name, placeholder, withheld string) {
	if withheld == "" {
		n.Export(name, placeholder)
		return
	}
	n.Comment(name + " is " + withheld)
	n.doc.Withheld = append(n.doc.Withheld, name)
}

// Write writes the announcement in one piece.
func (n *Announcement) Write(w io.Writer, form string) error {
	if form != output.JSON {
		return output.Printf(w, "%s", n.script.String())
	}
	doc := n.doc
	doc.Listening, doc.Withheld = append([]string{}, doc.Listening...), append([]string{}, doc.Withheld...)
	if doc.Environment == nil {
		doc.Environment = map[string]string{}
	}
	line, err := output.EncodeJSON(doc, "")
	if err != nil {
		return err
	}
	return output.Printf(w, "%s\n", line)
}
