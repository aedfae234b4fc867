package operations_test

import (
	"slices"
	"testing"

	"github.com/mktows/mktows-go/operations"
)

func TestArgumentError_path(t *testing.T) {
	t.Parallel()
	for field, want := range map[string][]operations.Step{
		"cursor":                        {{"cursor", -1}},
		"losers[2]":                     {{"losers", 2}},
		"Import.Header[3]":              {{"Import", -1}, {"Header", 3}},
		"objects[1].Attributes[0].Name": {{"objects", 1}, {"Attributes", 0}, {"Name", -1}},
		"activity type":                 {{"activity type", -1}},
		"odd[x]":                        {{"odd[x]", -1}},
	} {
		e := &operations.ArgumentError{Field: field}
		if got := e.Path(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", field, got, want)
		}
	}
}
