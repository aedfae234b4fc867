package secureaccess_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestSign_agreesWithPython signs random inputs here and in testdata/sign.py.
func TestSign_agreesWithPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not there: random inputs were not compared with Python's hmac")
	}
	seed := uint64(time.Now().UnixNano())
	inputs, ours := randomVectors(t, rand.New(rand.NewPCG(seed, 0)), 500)
	cmd := exec.CommandContext(t.Context(), python, "testdata/sign.py")
	cmd.Stdin = inputs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	theirs := strings.Fields(string(out))
	if len(theirs) != len(ours) {
		t.Fatalf("seed %d: %d signatures from Python, want %d", seed, len(theirs), len(ours))
	}
	for i, v := range ours {
		if v.Signature != theirs[i] {
			t.Errorf("seed %d: %+v: Python says %s", seed, v, theirs[i])
		}
	}
}

// randomVectors returns signed inputs and, one JSON object a line, what Python reads.
func randomVectors(t *testing.T, r *rand.Rand, n int) (*bytes.Buffer, []vector) {
	t.Helper()
	var lines bytes.Buffer
	all := make([]vector, n)
	for i := range all {
		v := vector{
			Secret:    "s" + randomText(r, r.IntN(80)) + "s", // no white space at its ends
			Email:     randomText(r, 1+r.IntN(20)) + "@example.com",
			DeviceID:  randomText(r, r.IntN(40)) + "d", // not blank
			Timestamp: 1 + r.Int64N(1<<uint(1+r.IntN(62))),
		}
		if err := json.NewEncoder(&lines).Encode(v); err != nil {
			t.Fatal(err)
		}
		sig, err := newSigner(t, v.Secret).SignUntil(v.Email, v.DeviceID, v.Timestamp)
		if err != nil {
			t.Fatal(err)
		}
		v.Signature = sig.Signature
		all[i] = v
	}
	return &lines, all
}

// randomText has n bytes or a few more: mostly ASCII, some from everywhere in Unicode.
func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		c := rune(' ' + r.IntN('~'-' '+1))
		if r.IntN(4) == 0 {
			c = rune(r.IntN(unicode.MaxRune + 1))
		}
		if unicode.IsPrint(c) && c != unicode.ReplacementChar {
			b.WriteRune(c)
		}
	}
	return b.String()
}
