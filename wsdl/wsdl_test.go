package wsdl_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/wsdl"
)

func document(tb testing.TB, version string) []byte {
	tb.Helper()
	doc, err := wsdl.Document(version)
	if err != nil {
		tb.Fatalf("Document(%q): %v", version, err)
	}
	return doc
}

func TestVersions_oldestFirst(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"2_7", "3_1"}, wsdl.Versions()); diff != "" {
		t.Errorf("Versions() (-want +got):\n%s", diff)
	}
}

func TestDocument_holdsItsVersion(t *testing.T) {
	t.Parallel()
	for _, version := range wsdl.Versions() {
		doc := string(document(t, version))
		for _, want := range []string{", version " + version + ",", "/soap/mktows/" + version + `"`, "SPDX-License-Identifier: Apache-2.0"} {
			if !strings.Contains(doc, want) {
				t.Errorf("the document of %s does not hold %q", version, want)
			}
		}
	}
}

func TestDocument_isACopy(t *testing.T) {
	t.Parallel()
	for _, version := range wsdl.Versions() {
		before := string(document(t, version))
		clear(document(t, version))
		if string(document(t, version)) != before {
			t.Errorf("writing into one document of %s changed the next", version)
		}
	}
}

func TestDocument_unknownVersionNamesTheKnown(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", "2_6", "3_2", "2.7", "mktows_2_7.wsdl"} {
		doc, err := wsdl.Document(version)
		if err == nil {
			t.Errorf("Document(%q) gives %d bytes, want an error", version, len(doc))
			continue
		}
		for _, want := range []string{`"` + version + `"`, "2_7", "3_1"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("Document(%q): the error does not name %s: %v", version, want, err)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version, want string
		ok            bool
	}{
		{"1_4", "2_7", true},
		{"2_0", "2_7", true},
		{"2_2", "2_7", true},
		{"2_7", "2_7", true},
		{"1_10", "2_7", true},
		{"2_8", "3_1", true},
		{"2_10", "3_1", true}, // ten is more than seven, whatever the texts say
		{"3_0", "3_1", true},
		{"3_1", "3_1", true},
		{"3_2", "", false},
		{"4_0", "", false},
		{"99999999999999999999_1", "", false},
		{"", "", false},
		{"_", "", false},
		{"2", "", false},
		{"2_", "", false},
		{"_7", "", false},
		{"2.7", "", false},
		{"2_7_1", "", false},
		{"02_7", "", false},
		{"2_07", "", false},
		{"+2_7", "", false},
		{"-2_7", "", false},
		{" 2_7", "", false},
		{"2_7/", "", false},
		{"v2_7", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.version, func(t *testing.T) {
			t.Parallel()
			if got, ok := wsdl.Nearest(tt.version); got != tt.want || ok != tt.ok {
				t.Errorf("Nearest(%q) = %q, %v, want %q, %v", tt.version, got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestNearest_hasADocument(t *testing.T) {
	t.Parallel()
	for _, version := range wsdl.Versions() {
		if got, ok := wsdl.Nearest(version); got != version || !ok {
			t.Errorf("Nearest(%q) = %q, %v, want the version itself", version, got, ok)
		}
	}
}
