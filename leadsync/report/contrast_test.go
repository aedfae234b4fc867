package report_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// colors are the variables of the style sheet, in light and in dark.
func colors(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	css, err := os.ReadFile(filepath.Join("page", "page.css"))
	if err != nil {
		t.Fatal(err)
	}
	light = map[string]string{}
	before, rest, found := strings.Cut(string(css), "@media screen and (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	variables := regexp.MustCompile(`--(\w+): (#[0-9a-f]{6});`)
	for _, m := range variables.FindAllStringSubmatch(before, -1) {
		light[m[1]] = m[2]
	}
	dark = map[string]string{}
	after, _, _ := strings.Cut(rest, "\n}")
	for _, m := range variables.FindAllStringSubmatch(after, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// luminance is the relative luminance of WCAG 2.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		t.Fatalf("color %q: %v", color, err)
	}
	linear := func(c uint64) float64 {
		v := float64(c&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestColors_contrast keeps to WCAG 2 AA: 4.5 for text, 3 for what is drawn.
func TestColors_contrast(t *testing.T) {
	t.Parallel()
	light, dark := colors(t)
	for name, c := range map[string]map[string]string{"light": light, "dark": dark} {
		atLeast := func(least float64, fore, back string) {
			t.Helper()
			if got := contrast(t, c[fore], c[back]); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f", name, fore, back, got)
			}
		}
		for _, text := range []string{"ink", "soft", "link", "good", "warn", "bad"} {
			atLeast(4.5, text, "paper")
			atLeast(4.5, text, "panel")
		}
		for _, drawn := range []string{"strong", "focus", "h6", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"} {
			atLeast(3, drawn, "paper")
		}
		turn := map[string]int{"light": 6, "dark": 5}[name] // the first level with the other text
		for level := 1; level <= 8; level++ {
			text := "low"
			if level >= turn {
				text = "high"
			}
			atLeast(4.5, text, "h"+strconv.Itoa(level))
		}
	}
}
