package sync

import (
	"testing"
	"time"
)

// TestLookbackType_freeText: a copy looks further back for types of every name.
func TestLookbackType_freeText(t *testing.T) {
	t.Parallel()
	for _, name := range append([]string{"a=b"}, namesOfOthers...) {
		f := syncFlags{lookbackTypes: []string{name + "=36h"}, names: []string{"activities"}, concurrency: 1}
		f.limitFlags.daily = 1
		if err := f.check(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := f.parsedLookbacks[name]; got != 36*time.Hour {
			t.Errorf("%q: looks back %s", name, got)
		}
	}
}

// namesOfOthers are names of activities that the schema has no value for: some that answers are known to
// hold, some that public programs ask for, and one that a customer has defined.
var namesOfOthers = []string{
	"Add to Nurture", "Change Nurture Track", "Click Shared Link", "Touch Complete", "Attend Event", "Bought a boat, used",
}
