package cli

import (
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
)

// pythonSigner is the rule in a few lines of another language: HMAC-SHA256 over email and
// device id, keyed with MKTO, secret and timestamp.
const pythonSigner = `
import hashlib, hmac, sys
secret, email, device, timestamp = [a.encode("utf-8", "surrogateescape") for a in sys.argv[1:]]
print(hmac.new(b"MKTO" + secret + timestamp, email + device, hashlib.sha256).hexdigest())
`

// TestSecureAccessSign_python compares random signatures with Python's.
func TestSecureAccessSign_python(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	text := func(alphabet string) string {
		letters := []rune(alphabet)
		var b strings.Builder
		for range 1 + random.IntN(30) {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for range 10 {
		secret, email, device := text("abcXYZ0189+/="), text("abcäß山0.-_")+"@example.com", text("0123456789abcdef-")
		timestamp := strconv.FormatInt(946684800+random.Int64N(4102444800-946684800), 10) // the years 2000 to 2099
		want, err := exec.CommandContext(t.Context(), python, "-c", pythonSigner, secret, email, device, timestamp).Output()
		if err != nil {
			t.Fatal(err)
		}
		env := environment{secureaccess.VarAccessKey: "example-key", secureaccess.VarAccessSecret: secret}
		// The values may begin with a dash.
		r := run(t, env, "", "secure-access", "sign", "--email="+email, "--uuid="+device, "--timestamp="+timestamp)
		if r.code != exit.OK || r.stdout != string(want) {
			t.Errorf("%q %q %q %s: %q, Python has %q: %s", secret, email, device, timestamp, r.stdout, want, r.stderr)
		}
	}
}
