package sync

import (
	"cmp"
	"strings"

	"github.com/mktows/mktows-go/leadsync"
)

// choiceFlags has the flag for each field of leadsync.Stream, for messages.
var choiceFlags = map[string]string{
	"Fields": "--field", "AddFields": "--add-field", "Types": "--type", "LookbackByType": "--lookback-type", "LeadKeys": "--leads", "List": "--list",
	"Window": "--window", "Lookback": "--lookback",
}

// flagOf returns the flag for a field of leadsync.Stream, or the name of the field if no flag sets it.
func flagOf(field string) string { return cmp.Or(choiceFlags[field], field) }

// choiceError says that the service refused what a stream asks for, such as a field that it does not have. It names
// the flag to correct, and whether something was stored already.
type choiceError struct {
	refused *leadsync.RefusedError
	cause   error
}

// Error names the flag to correct and says whether anything was stored: if windows ask for the refused choice
// already, correcting the flag is not always enough.
func (e choiceError) Error() string {
	r := e.refused
	text := "the service refuses what the stream " + string(r.Stream) + " asks for: " + r.Err.Error()
	cure := "\nsee what the service says"
	if flag := choiceFlags[r.Field]; flag != "" {
		cure = "\ncorrect " + flag + " (" + strings.Join(r.Values, ", ") + ")"
	}
	if r.Stored {
		return text + cure + `, or "mktows sync reset --stream ` + string(r.Stream) + `" if the copy has to start over; no other window of the run was begun`
	}
	return text + cure + "; nothing was stored"
}

func (e choiceError) Unwrap() error { return e.cause }
