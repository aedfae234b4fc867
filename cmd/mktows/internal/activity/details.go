package activity

import (
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// quiet are attributes that tell a reader little: numbers of things that have names, and
// what is the same in all visits. They come last.
var quiet = map[string]bool{
	"Attribute Name": true, "Campaign Run ID": true, "Choice Number": true, "Client IP Address": true,
	"Created At": true, "Created Date": true, "Form Fields": true, "List ID": true, "Mailing ID": true,
	"Message Id": true, "Opportunity ID": true, "Program ID": true, "Source": true, "Step ID": true,
	"User Agent": true, "Webform ID": true, "Webpage ID": true,
}

// details sums up the attributes in one line, the telling ones first. A value and the one
// that it took the place of are one piece; what is empty is left out, and so is the lead's
// id, which the reader has asked for.
func details(a *operations.Activity) string {
	var telling, rest []string
	for _, at := range a.Attributes {
		piece := detail(a.Attributes, at)
		switch {
		case piece == "":
		case quiet[at.Name]:
			rest = append(rest, piece)
		default:
			telling = append(telling, piece)
		}
	}
	return strings.Join(append(telling, rest...), "; ")
}

func detail(all operations.Attributes, at operations.Attribute) string {
	if what, isNew := strings.CutPrefix(at.Name, "New "); isNew {
		if old, ok := all.Get("Old " + what); ok {
			return change(what, old, at.Value)
		}
	}
	if what, isOld := strings.CutPrefix(at.Name, "Old "); isOld {
		if _, ok := all.Get("New " + what); ok {
			return "" // told with the new one
		}
	}
	if at.Value == "" || at.Name == "Lead ID" {
		return ""
	}
	return at.Name + ": " + at.Value
}

// change shows what became of a value. That of a field has the field's name as its asset.
func change(what, from, to string) string {
	if what != "Value" {
		what += ": "
	} else {
		what = ""
	}
	if from != "" {
		from += " "
	}
	if to == "" {
		to = "(empty)"
	}
	return what + from + "→ " + to
}
