package secureaccess_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth/secureaccess"
)

const pairFile = "# access key   access secret      when\n" +
	"\r\n" +
	"example-new-key\texample-new-secret from=2026-03-29T14:00:00+02:00\r\n" +
	"  example-old-key example-old-secret  until=2026-03-29T18:00:00Z\n"

func TestReadKeyring(t *testing.T) {
	t.Parallel()
	k, err := secureaccess.ReadKeyring("secrets.txt", strings.NewReader(pairFile))
	if err != nil {
		t.Fatal(err)
	}
	for secret, want := range map[string]secureaccess.Role{oldSecret: secureaccess.Previous, newSecret: secureaccess.Current} {
		if role, err := k.Verify(signedBy(t, secret), device, noon); role != want {
			t.Errorf("%s: %q, %v", secret, role, err)
		}
	}
	if _, err := k.Verify(signedBy(t, oldSecret), device, overlapEnd.Add(1e9)); !errors.Is(err, secureaccess.ErrBadSignature) {
		t.Errorf("after the overlap: %v", err)
	}
}

func TestReadKeyring_errorsNameTheLineAndNoSecret(t *testing.T) {
	t.Parallel()
	const good = "example-key example-secret\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "secrets.txt: it is empty"},
		{"white space", " \n\n", "secrets.txt: it is empty"},
		{"comments only", "# none yet\n", "secrets.txt: there is no access key and secret"},
		{"half a secret", "example-key example-sec", "secrets.txt: its last line has no line break"},
		{"half a second line", good + "example-key", "secrets.txt: its last line has no line break"},
		{"the secret alone", "# key\nexample-secret\n", "secrets.txt:2: one field"},
		{"a secret with a space", "example-key example-secret second-half\n", "secrets.txt:1: field 3 is neither from=TIME nor until=TIME"},
		{"no time", "example-key example-secret from=tomorrow\n", "secrets.txt:1: from= is not a time such as"},
		{"a time without a zone", "example-key example-secret until=2026-03-29T12:00:00\n", "secrets.txt:1: until= is not a time such as"},
		{"a time twice", "example-key example-secret from=2026-03-29T12:00:00Z from=2026-03-29T12:00:00Z\n", "secrets.txt:1: from= is given twice"},
		{"a zero width space", good + "example-key example-secret\u200b\n", "secrets.txt:2: the access secret has white space"},
		{"another encoding", "example-key example-secret\xff\n", "secrets.txt:1: the access secret is not proper UTF-8"},
		{"equal secrets", "example-key example-secret from=2026-03-29T12:00:00Z\nexample-key example-secret until=2026-03-29T12:00:00Z\n",
			"secrets.txt: both access secrets are the same"},
		{"two secrets, no times", good + "example-key example-other-secret\n", "secrets.txt: of two access secrets none says"},
		{"large", good + strings.Repeat("#", 64<<10) + "\n", "secrets.txt: it has more than 65536 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, err := secureaccess.ReadKeyring("secrets.txt", strings.NewReader(c.text))
			var file *secureaccess.FileError
			if k != nil || !errors.As(err, &file) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, %v; want %q", k, err, c.want)
			}
			for _, secret := range []string{"example-secret", "example-sec", "second-half", "tomorrow"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error quotes the file: %v", err)
				}
			}
		})
	}
}

func TestOpenKeyring(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.txt")
	if _, err := secureaccess.OpenKeyring(path); !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), path) != 1 {
		t.Errorf("a file that is missing: %v", err)
	}
	if err := os.WriteFile(path, []byte(pairFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := secureaccess.OpenKeyring(path); err != nil || k.String() != "Keyring(2 pairs)" {
		t.Errorf("%v, %v", k, err)
	}
}

// FuzzReadKeyring: a file that is taken has pairs that sign, and no error quotes a field.
func FuzzReadKeyring(f *testing.F) {
	f.Add(pairFile)
	f.Add("example-key example-secret-of-the-app\n")
	f.Add("example-key example-secret-of-the-app from=0001-01-01T00:00:00Z\n")
	f.Add("example-key example-secret-of-the-app until=9999-12-31T23:59:60Z until=\nx y from=\n")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := secureaccess.ReadKeyring("secrets", strings.NewReader(text))
		if err != nil {
			for line := range strings.Lines(text) {
				noQuote(t, err, strings.Fields(line))
			}
			return
		}
		signer, err := k.Signer(secureaccess.WithClock(fixed(noon)))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := signer.SignUntil(ann, device, noon.Unix())
		if err != nil {
			t.Fatal(err)
		}
		if role, err := k.Verify(sig, device, noon); role != secureaccess.Current || err != nil {
			t.Errorf("%q: %q, %v", text, role, err)
		}
	})
}
