package secureaccess_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth/secureaccess"
)

const bearerFile = "# who may ask\n" +
	"\n" +
	annToken + " " + ann + "\r\n" +
	"  example-token-of-bob==\t \tbob@example.com  \n" +
	"  # a second device\n" +
	"example-token-16 ann@example.com"

func readBearerFile(tb testing.TB, text string) *secureaccess.BearerFile {
	tb.Helper()
	b, err := secureaccess.ReadBearerFile("tokens.txt", strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestBearerFile_authenticates(t *testing.T) {
	t.Parallel()
	b := readBearerFile(t, bearerFile)
	for _, c := range []struct {
		name          string
		authorization []string
		want          string
	}{
		{"space between", []string{"Bearer " + annToken}, ann},
		{"tab between", []string{"Bearer example-token-of-bob=="}, "bob@example.com"},
		{"second token of a user", []string{"Bearer example-token-16"}, ann},
		{"scheme in another case", []string{"bearer " + annToken}, ann},
		{"several spaces", []string{"Bearer   " + annToken}, ann},
		{"no header", nil, ""},
		{"empty header", []string{""}, ""},
		{"no token", []string{"Bearer"}, ""},
		{"unknown token", []string{"Bearer " + annToken + "x"}, ""},
		{"start of a token", []string{"Bearer " + annToken[:16]}, ""},
		{"token in another case", []string{"Bearer " + strings.ToUpper(annToken)}, ""},
		{"token and more", []string{"Bearer " + annToken + " x"}, ""},
		{"another scheme", []string{"Basic " + annToken}, ""},
		{"no scheme", []string{annToken}, ""},
		{"comment", []string{"Bearer #"}, ""},
		{"two headers", []string{"Bearer " + annToken, "Bearer " + annToken}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{Header: http.Header{"Authorization": c.authorization}}
			got, err := b.Authenticate(r)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
			if err != nil && !errors.Is(err, secureaccess.ErrUnauthenticated) {
				t.Errorf("%v is not ErrUnauthenticated", err)
			}
		})
	}
}

func TestBearerFile_asHook(t *testing.T) {
	t.Parallel()
	b := readBearerFile(t, bearerFile)
	h, err := secureaccess.NewHandler(newSigner(t, exampleSecret), b.Authenticate)
	if err != nil {
		t.Fatal(err)
	}
	for token, status := range map[string]int{annToken: 200, "example-token-of-eve": 401, "": 401} {
		if w := serve(t, h, post(token, jsonType, `{"email":"ann@example.com","deviceId":"device-7"}`)); w.Code != status {
			t.Errorf("token %q: status %d, want %d", token, w.Code, status)
		}
	}
	// Bob's token does not sign for Ann.
	w := serve(t, h, post("example-token-of-bob==", jsonType, `{"email":"ann@example.com","deviceId":"device-7"}`))
	if code, _ := refusalOf(t, w); w.Code != http.StatusForbidden || code != "wrong_email" {
		t.Errorf("status %d, code %q", w.Code, code)
	}
}

func TestReadBearerFile_errorsNameTheLineAndNoToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "tokens.txt: no token in it"},
		{"comments only", "# none yet\n\n", "tokens.txt: no token in it"},
		{"token only", "# ann\n" + annToken + "\n", `tokens.txt:2: 1 fields where "token email" has 2`},
		{"three fields", annToken + " ann@example.com # ann\n", `tokens.txt:1: 4 fields where "token email" has 2`},
		{"short token", "example-token-5 ann@example.com", "tokens.txt:1: the token is shorter than 16 characters"},
		{"character not allowed", "example_token,of-ann ann@example.com", "tokens.txt:1: the token holds a character that RFC 6750"},
		{"sign at the wrong end", "=example-token-of-ann ann@example.com", "tokens.txt:1: the token holds a character that RFC 6750"},
		{"wrong order", "ann-with-a-long-name@example.com " + annToken, "tokens.txt:1: the token holds a character"},
		{"no email", annToken + " ann", "tokens.txt:1: the second field is not an email"},
		{"email not UTF-8", annToken + " ann\xff@example.com", "tokens.txt:1: the email is not proper UTF-8"},
		{"token twice", annToken + " ann@example.com\n\n" + annToken + " bob@example.com", "tokens.txt:3: the token is the one of line 1"},
		{"token twice, same user", annToken + " ann@example.com\n" + annToken + " ann@example.com", "tokens.txt:2: the token is the one of line 1"},
		{"endless line", annToken + " ann@example.com\n" + strings.Repeat("x", 1<<17), "tokens.txt:2: the line is longer than 65536 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := secureaccess.ReadBearerFile("tokens.txt", strings.NewReader(c.text))
			if b != nil || err == nil || !strings.HasPrefix(err.Error(), "secureaccess: "+c.want) {
				t.Fatalf("error %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), annToken) || strings.Contains(err.Error(), "xxxx") {
				t.Errorf("the error shows a token: %v", err)
			}
		})
	}
}

func TestOpenBearerFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tokens")
	if err := os.WriteFile(path, []byte(bearerFile), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := secureaccess.OpenBearerFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if email, err := b.Authenticate(post(annToken, jsonType, "")); err != nil || email != ann {
		t.Errorf("%q, %v", email, err)
	}
	missing := filepath.Join(dir, "missing")
	if _, err := secureaccess.OpenBearerFile(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := secureaccess.OpenBearerFile(dir); err == nil || strings.Count(err.Error(), dir) != 1 {
		t.Errorf("a directory: %v", err)
	}
}

func TestBearerFile_printsTheNumberOfTokensOnly(t *testing.T) {
	t.Parallel()
	b := readBearerFile(t, bearerFile)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		for _, value := range []any{b, *b} {
			if got := fmt.Sprintf(verb, value); got != "BearerFile(3 tokens)" {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("read", "file", b)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "file", b)
	if strings.Contains(log.String(), "@") || strings.Contains(log.String(), "token-of") {
		t.Error(log.String())
	}
}
