package auth_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
)

const keyText = "example-key-never-shown"

// The ways in which a user's program may hold credentials.
type (
	openValue     struct{ Creds auth.Credentials }
	openPointer   struct{ Creds *auth.Credentials }
	hiddenValue   struct{ creds auth.Credentials }
	hiddenPointer struct{ creds *auth.Credentials }
	hiddenSigner  struct{ signer *auth.Signer }
	hiddenKey     struct{ key auth.Secret }
	hiddenAny     struct{ any any }
	embedding     struct{ auth.Credentials }
)

func credentials() auth.Credentials {
	return auth.Credentials{UserID: "example_user", Key: auth.NewSecret(keyText), PartnerID: "example_partner"}
}

// holders returns values that hold the key in every way that a printer treats differently.
func holders(t *testing.T) map[string]any {
	t.Helper()
	creds := credentials()
	signer, err := auth.NewSigner(creds)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"secret":                    creds.Key,
		"pointer to secret":         &creds.Key,
		"secret, unexported":        hiddenKey{creds.Key},
		"credentials":               creds,
		"pointer to credentials":    &creds,
		"exported field":            openValue{creds},
		"exported pointer field":    openPointer{&creds},
		"unexported field":          hiddenValue{creds},
		"unexported pointer field":  hiddenPointer{&creds},
		"pointer to unexported":     &hiddenValue{creds},
		"unexported interface":      hiddenAny{creds},
		"unexported signer":         hiddenSigner{signer},
		"pointer, unexported chain": &hiddenAny{&hiddenSigner{signer}},
		"embedded":                  embedding{creds},
		"map value":                 map[string]auth.Credentials{"a": creds},
		"map key":                   map[auth.Credentials]int{creds: 1},
		"map of unexported":         map[string]hiddenValue{"a": {creds}},
		"slice":                     []auth.Credentials{creds},
		"array of pointers":         [1]*auth.Credentials{&creds},
		"signer":                    signer,
	}
}

// requireHidden fails when text shows the secret, plainly or as its bytes.
func requireHidden(t *testing.T, text, secret string) {
	t.Helper()
	decimals := strings.Trim(fmt.Sprint([]byte(secret)), "[]")
	forms := []string{
		secret, hex.EncodeToString([]byte(secret)), fmt.Sprintf("% x", secret),
		decimals, fmt.Sprintf("%#v", []byte(secret))[len("[]byte{"):],
	}
	for _, form := range forms {
		if strings.Contains(strings.ToLower(text), strings.ToLower(strings.Trim(form, "{}"))) {
			t.Errorf("shows the secret: %s", text)
		}
	}
}

func TestSecret_fmtShowsNothing(t *testing.T) {
	t.Parallel()
	verbs := []string{
		"%v", "%+v", "%#v", "%q", "%#q", "%+q", "%s", "%10.3s", "%x", "%X", "% x", "%#x", "%d", "%c",
		"%U", "%t", "%e", "%b", "%o", "%O", "%p", "%T", "%w", "%!", "%z", "%[2]v", "no verb",
	}
	for name, value := range holders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range verbs {
				requireHidden(t, fmt.Sprintf(verb, value), keyText)
			}
			requireHidden(t, fmt.Sprint(value), keyText)
			requireHidden(t, fmt.Errorf("with %v", value).Error(), keyText)
		})
	}
}

// Printers that go deeper than fmt, such as those of assertion libraries, follow
// pointers through unexported fields. Nothing that reflection reaches may be the key.
func TestSecret_reflectionReachesNothing(t *testing.T) {
	t.Parallel()
	for name, value := range holders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(reflect.ValueOf(value), map[uintptr]bool{}, func(text string) { requireHidden(t, text, keyText) })
		})
	}
}

// walk calls visit with every string and byte slice that can be reached from v.
func walk(v reflect.Value, seen map[uintptr]bool, visit func(string)) {
	switch v.Kind() {
	case reflect.String:
		visit(v.String())
	case reflect.Interface:
		walk(v.Elem(), seen, visit)
	case reflect.Pointer:
		if !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			walk(v.Elem(), seen, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), seen, visit)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walk(it.Key(), seen, visit)
			walk(it.Value(), seen, visit)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			visit(string(v.Bytes()))
		}
		for i := range v.Len() {
			walk(v.Index(i), seen, visit)
		}
	}
}

func TestSecret_walkFindsAPlainString(t *testing.T) {
	t.Parallel()
	found := 0
	plain := keyText
	value := struct{ a any }{map[string]any{"k": []any{&plain, []byte(keyText)}}}
	walk(reflect.ValueOf(value), map[uintptr]bool{}, func(text string) {
		if text == keyText {
			found++
		}
	})
	if found != 2 {
		t.Errorf("found %d of 2 plain secrets", found)
	}
}

func TestSecret_encodersShowNothing(t *testing.T) {
	t.Parallel()
	for name, value := range holders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// An encoder may fail, for instance on a map: what it has written must be clean all the same.
			asJSON, _ := json.Marshal(value)
			asXML, _ := xml.Marshal(value)
			var asGob bytes.Buffer
			_ = gob.NewEncoder(&asGob).Encode(value)
			for _, out := range [][]byte{asJSON, asXML, asGob.Bytes()} {
				requireHidden(t, string(out), keyText)
			}
		})
	}
}

func TestSecret_slogShowsNothing(t *testing.T) {
	t.Parallel()
	for name, value := range holders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
				slog.New(h).With("with", value).Info("message", "value", value, slog.Group("group", "in", value))
			}
			requireHidden(t, out.String(), keyText)
		})
	}
}

func TestSecret_showsThePlaceholder(t *testing.T) {
	t.Parallel()
	creds := credentials()
	tests := map[string]string{
		fmt.Sprint(creds.Key):                   "[redacted]",
		creds.Key.String():                      "[redacted]",
		creds.Key.GoString():                    "[redacted]",
		creds.Key.LogValue().String():           "[redacted]",
		fmt.Sprintf("%+v", creds):               "{UserID:example_user Key:[redacted] PartnerID:example_partner}",
		fmt.Sprintf("%x", auth.Secret{}):        "[redacted]",
		fmt.Sprintf("%v", mustJSON(t, creds)):   `{"UserID":"example_user","Key":"[redacted]","PartnerID":"example_partner"}`,
		fmt.Sprintf("%v", mustSigner(t)):        `auth.Signer("example_user")`,
		fmt.Sprintf("%#v", mustSigner(t)):       `auth.Signer("example_user")`,
		fmt.Sprintf("%v", hiddenAny{}):          "{<nil>}",
		fmt.Sprintf("%v", auth.Credentials{}):   "{ [redacted] }",
		fmt.Sprintf("%+v", (*auth.Secret)(nil)): "<nil>",
	}
	for got, want := range tests {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func mustSigner(t *testing.T, opts ...auth.Option) *auth.Signer {
	t.Helper()
	s, err := auth.NewSigner(credentials(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// panicVariable asks the test binary, run again by itself, to die of a panic.
const panicVariable = "AUTH_TEST_PANIC_WITH"

// The run time prints the value of a panic without fmt, so it is looked at from outside.
func TestSecret_panicShowsNothing(t *testing.T) {
	t.Parallel()
	if name := os.Getenv(panicVariable); name != "" {
		panic(holders(t)[name])
	}
	for name := range holders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSecret_panicShowsNothing$")
			cmd.Env = append(os.Environ(), panicVariable+"="+name, "GOTRACEBACK=all")
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "panic: ") {
				t.Fatalf("did not panic: %v\n%s", err, out)
			}
			requireHidden(t, string(out), keyText)
		})
	}
}

func TestSecret_gobRefuses(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(credentials()); err == nil {
		t.Error("gob took credentials: read back, they would have no key")
	}
}

func TestSecret_configured(t *testing.T) {
	t.Parallel()
	var fromJSON, fromXML auth.Credentials
	if err := json.Unmarshal([]byte(`{"UserID":"example_user","Key":" example-key\n"}`), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(`<c><UserID>example_user</UserID><Key>example-key</Key></c>`), &fromXML); err != nil {
		t.Fatal(err)
	}
	if got := fromJSON.Key.Reveal(); got != " example-key\n" {
		t.Errorf("from JSON: %q: the text was changed", got)
	}
	if got := fromXML.Key.Reveal(); got != "example-key" {
		t.Errorf("from XML: %q", got)
	}
}

func TestSecret_placeholderIsNotASecret(t *testing.T) {
	t.Parallel()
	var creds auth.Credentials
	err := json.Unmarshal([]byte(mustJSON(t, credentials())), &creds)
	if err == nil || !strings.Contains(err.Error(), "placeholder") {
		t.Errorf("reading printed credentials back: got error %v", err)
	}
}

func TestSecret_comparison(t *testing.T) {
	t.Parallel()
	a, b, other := auth.NewSecret("a"), auth.NewSecret("a"), auth.NewSecret("b")
	copied := a
	if a != copied || (auth.Credentials{}) != (auth.Credentials{}) {
		t.Error("copies are not ==")
	}
	if !a.Equal(b) || a.Equal(other) || a.Equal(auth.Secret{}) || !(auth.Secret{}).Equal(auth.NewSecret("")) {
		t.Error("Equal does not compare the texts")
	}
	if !(auth.Secret{}).IsZero() || !auth.NewSecret("").IsZero() || a.IsZero() {
		t.Error("IsZero does not tell the empty secret")
	}
	if got := (auth.Secret{}).Reveal(); got != "" {
		t.Errorf("zero secret reveals %q", got)
	}
}

func TestStamp_showsNoSignature(t *testing.T) {
	t.Parallel()
	stamp := mustSigner(t).StampAt(time.Date(2017, 3, 9, 17, 40, 0, 0, time.UTC))
	values := map[string]any{
		"value": stamp, "pointer": &stamp, "slice": []auth.Stamp{stamp}, "map": map[string]auth.Stamp{"a": stamp},
		"field": struct{ Stamp auth.Stamp }{stamp}, "embedded": struct{ auth.Stamp }{stamp},
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d", "%z"} {
				fmt.Fprintf(&out, verb+"\n", value)
			}
			slog.New(slog.NewTextHandler(&out, nil)).Info("message", "stamp", value)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("message", "stamp", value)
			out.WriteString(mustJSON(t, value))
			requireHidden(t, out.String(), stamp.Signature)
			if !strings.Contains(out.String(), "example_user") || !strings.Contains(out.String(), "2017-03-09T17:40:00+00:00") {
				t.Errorf("shows too little: %s", out.String())
			}
		})
	}
}

func TestStamp_text(t *testing.T) {
	t.Parallel()
	stamp := auth.Stamp{UserID: "example_user", Signature: "0176", Timestamp: "2017-03-09T17:40:00-08:00"}
	want := `auth.Stamp{UserID:"example_user", Signature:[redacted], Timestamp:"2017-03-09T17:40:00-08:00"}`
	if got := stamp.GoString(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	stamp.PartnerID = "example_partner"
	if got := fmt.Sprint(stamp); !strings.Contains(got, `PartnerID:"example_partner"`) {
		t.Errorf("no partner id in %s", got)
	}
	if got := fmt.Sprint(stamp.LogValue()); !strings.Contains(got, "example_partner") {
		t.Errorf("no partner id in %s", got)
	}
}

func TestHideSignature(t *testing.T) {
	t.Parallel()
	const signature = "0176853b8471c6d4477206402d7d6e21826d6ebd"
	upper := strings.ToUpper(signature)
	tests := []struct{ text, signature, want string }{
		{"", signature, ""},
		{"nothing here", signature, "nothing here"},
		{signature, signature, "[redacted]"},
		{upper, signature, "[redacted]"},
		{signature, upper, "[redacted]"},
		{"a " + signature + " B " + upper + signature + " Ü\xff", signature, "a [redacted] B [redacted][redacted] Ü\xff"},
		{"İ" + signature + "Z", signature, "İ[redacted]Z"},
		{"A", "", "A"},
		{"@[`{AZ", "az", "@[`{[redacted]"},
		{signature[:39], signature, signature[:39]},
	}
	for _, tt := range tests {
		if got := auth.HideSignature(tt.text, tt.signature); got != tt.want {
			t.Errorf("%q without %q: %q, want %q", tt.text, tt.signature, got, tt.want)
		}
	}
}
