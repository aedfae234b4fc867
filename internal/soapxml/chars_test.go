package soapxml

import (
	"strings"
	"testing"
)

// The ends of the ranges of XML 1.0 (Fifth Edition), productions [4] and [4a], and what lies just outside them.
const (
	firstRunes = "\u00C0\u00D6\u00D8\u00F6\u00F8\u02FF\u0370\u037D\u037F\u1FFF\u200C\u200D\u2070\u218F\u2C00\u2FEF\u3001\uD7FF" +
		"\uF900\uFDCF\uFDF0\uFFFD\U00010000\U000EFFFF"
	laterRunes = "\u00B7\u0300\u036F\u203F\u2040"
	otherRunes = "\u00B6\u00B8\u00BF\u00D7\u00F7\u037E\u2000\u200B\u200E\u203E\u2041\u206F\u2190\u2BFF\u2FF0\u3000\uE000\uF8FF" +
		"\uFDD0\uFDEF\uFFFE\uFFFF\U000F0000\U0010FFFF"
)

func TestIsName_borders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		runes        string
		first, later bool
	}{
		{"_:azAZ" + firstRunes, true, true},
		{"-.09" + laterRunes, false, true},
		{otherRunes, false, false},
	} {
		for _, r := range tt.runes {
			if got := isName(string(r)); got != tt.first {
				t.Errorf("%U alone is a name: %t", r, got)
			}
			if got := isName("a" + string(r)); got != tt.later {
				t.Errorf("a and %U are a name: %t", r, got)
			}
		}
	}
	if isName("") {
		t.Error("nothing is a name")
	}
}

func TestIsChar_borders(t *testing.T) {
	t.Parallel()
	for _, r := range "\t\n\r \uD7FF\uE000\uFFFD\U00010000\U0010FFFF" {
		if !IsChar(r) {
			t.Errorf("%U is refused", r)
		}
	}
	for _, r := range []rune{0, 8, 0xB, 0xC, 0xE, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x110000} {
		if IsChar(r) {
			t.Errorf("%U is taken", r)
		}
	}
}

// What is quoted has 64 bytes at most, and no half of a rune.
func TestClip(t *testing.T) {
	t.Parallel()
	x := strings.Repeat("x", 63)
	for text, want := range map[string]string{
		"": "", x + "y": x + "y", x + "yz": x + "y…", x + "é": x + "…", x[1:] + "é": x[1:] + "é", x[1:] + "éz": x[1:] + "é…",
	} {
		if got := clip(text); got != want {
			t.Errorf("%q is clipped to %q, want %q", text, got, want)
		}
	}
}
