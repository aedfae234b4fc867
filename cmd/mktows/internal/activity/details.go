package activity

import (
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// quiet has the attributes that tell a reader little: ids of things that are named as well, and what is the same in
// all visits of a web page. They are shown last, where a narrow table cuts them off.
var quiet = map[string]bool{
	"Attribute Name": true, "Campaign Run ID": true, "Choice Number": true, "Client IP Address": true,
	"Created At": true, "Created Date": true, "Form Fields": true, "List ID": true, "Mailing ID": true,
	"Message Id": true, "Opportunity ID": true, "Program ID": true, "Source": true, "Step ID": true,
	"User Agent": true, "Webform ID": true, "Webpage ID": true,
}

// details sums up the attributes of an activity in one line, the telling ones first. An old value and the new one
// that replaced it are shown together. Empty values are left out, and so is the lead's id, which has its own place.
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

// detail returns the text for one attribute, or "" if there is nothing to show or if another attribute shows it too:
// the attribute "Old X" is shown with "New X".
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

// change shows the change of a value. For a field of the lead the attributes are called Old Value and New Value, and
// the name of the field is shown already as the activity's asset.
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
