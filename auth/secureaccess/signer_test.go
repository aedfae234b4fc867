package secureaccess_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
)

const (
	exampleKey    = "example-key"
	exampleSecret = "example-secret"
	ann           = "ann@example.com"
	device        = "5F3A9B6E-0C1D-4E2F-8A7B-1234567890AB"
)

// noon is the moment of every test that does not move the clock.
var noon = time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC)

func fixed(t time.Time) func() time.Time { return func() time.Time { return t } }

func newSigner(tb testing.TB, secret string, opts ...secureaccess.SignerOption) *secureaccess.Signer {
	tb.Helper()
	opts = append([]secureaccess.SignerOption{secureaccess.WithClock(fixed(noon))}, opts...)
	s, err := secureaccess.NewSigner(exampleKey, auth.NewSecret(secret), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

type vector struct {
	Name      string `json:"name"`
	Secret    string `json:"secret"`
	Email     string `json:"email"`
	DeviceID  string `json:"deviceId"`
	Timestamp int64  `json:"timestamp"`
	Signature string `json:"signature"`
}

func vectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d vectors", len(all))
	}
	return all
}

func TestSignUntil_equalsPythonAndOpenSSL(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			got, err := newSigner(t, v.Secret).SignUntil(v.Email, v.DeviceID, v.Timestamp)
			if err != nil {
				t.Fatal(err)
			}
			want := secureaccess.SecuritySignature{AccessKey: exampleKey, Signature: v.Signature, Timestamp: v.Timestamp, Email: v.Email}
			if got != want {
				t.Errorf("signature %s, want %s; the rest: %v, want %v", got.Signature, want.Signature, got, want)
			}
			if err := secureaccess.Verify(got, v.DeviceID, auth.NewSecret(v.Secret), time.Unix(v.Timestamp, 0)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSign_expiresOneDayAheadInWholeSeconds(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("UTC-8", -8*60*60)
	for _, c := range []struct {
		name string
		now  time.Time
		opts []secureaccess.SignerOption
		want time.Time
	}{
		{"default", noon, nil, noon.Add(24 * time.Hour)},
		{"a zone changes nothing", noon.In(zone), nil, noon.Add(24 * time.Hour)},
		{"fractions round down", noon.Add(999 * time.Millisecond), nil, noon.Add(24 * time.Hour)},
		{"chosen lifetime", noon, []secureaccess.SignerOption{secureaccess.WithLifetime(time.Hour)}, noon.Add(time.Hour)},
		{"beyond 2038", time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), nil, time.Date(2038, 1, 20, 3, 14, 8, 0, time.UTC)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSigner(t, exampleSecret, append(c.opts, secureaccess.WithClock(fixed(c.now)))...)
			got, err := s.Sign(ann, device)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Expires().Equal(c.want) || got.Timestamp != c.want.Unix() {
				t.Errorf("expires %v (%d), want %v (%d)", got.Expires(), got.Timestamp, c.want, c.want.Unix())
			}
		})
	}
}

func TestSign_refusesWhatCannotBeSigned(t *testing.T) {
	t.Parallel()
	s := newSigner(t, exampleSecret)
	for _, c := range []struct {
		name, email, device string
		timestamp           int64
		field, problem      string
	}{
		{"no email", "", device, 1, "email", "is empty"},
		{"no device id", ann, "", 1, "device id", "is empty: send what the SDK's getDeviceId returns"},
		{"blank device id", ann, " \u00a0", 1, "device id", "is empty"},
		{"blank email", "  ", device, 1, "email", "is empty"},
		{"zero timestamp", ann, device, 0, "timestamp", "is not after 1970"},
		{"negative timestamp", ann, device, -1, "timestamp", "is not after 1970"},
		{"long email", strings.Repeat("a", 321), device, 1, "email", "is too long"},
		{"long device id", ann, strings.Repeat("a", 257), 1, "device id", "is too long"},
		{"broken UTF-8", "ann\xff@example.com", device, 1, "email", "is not proper UTF-8"},
		{"trace of broken UTF-8", ann, "device-\ufffd", 1, "device id", "is not proper UTF-8"},
		{"line break", ann + "\n", device, 1, "email", "holds a control character"},
		{"NUL", ann, "device\x00", 1, "device id", "holds a control character"},
		{"C1 control", ann, "device\u0085", 1, "device id", "holds a control character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sig, err := s.SignUntil(c.email, c.device, c.timestamp)
			var field *secureaccess.FieldError
			if !errors.As(err, &field) || field.Field != c.field || !strings.HasPrefix(field.Problem, c.problem) {
				t.Errorf("error %v, want %s %s", err, c.field, c.problem)
			}
			if sig != (secureaccess.SecuritySignature{}) {
				t.Error("a signature came with the error")
			}
			if c.email != "" && strings.Contains(err.Error(), c.email) {
				t.Errorf("the error quotes the email: %v", err)
			}
		})
	}
	for _, longest := range [][2]string{{strings.Repeat("a", 320), device}, {ann, strings.Repeat("a", 256)}} {
		if _, err := s.SignUntil(longest[0], longest[1], math.MaxInt64); err != nil {
			t.Error(err)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	sig, err := newSigner(t, exampleSecret).Sign(ann, device)
	if err != nil {
		t.Fatal(err)
	}
	expiry := sig.Expires()
	flipped := func(at int) string {
		b := []byte(sig.Signature)
		b[at] = '0' + (b[at]-'0'+1)%10
		return string(b)
	}
	with := func(change func(*secureaccess.SecuritySignature)) secureaccess.SecuritySignature {
		other := sig
		change(&other)
		return other
	}
	type S = secureaccess.SecuritySignature
	for _, c := range []struct {
		name           string
		sig            S
		device, secret string
		now            time.Time
		want           error
	}{
		{"genuine", sig, device, exampleSecret, noon, nil},
		{"in its last second", sig, device, exampleSecret, expiry.Add(999 * time.Millisecond), nil},
		{"expired", sig, device, exampleSecret, expiry.Add(time.Second), secureaccess.ErrExpired},
		{"another device", sig, "device-7", exampleSecret, noon, secureaccess.ErrBadSignature},
		{"another secret", sig, device, "example-other", noon, secureaccess.ErrBadSignature},
		{"another email", with(func(s *S) { s.Email = "bob@example.com" }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"later timestamp", with(func(s *S) { s.Timestamp++ }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"first digit", with(func(s *S) { s.Signature = flipped(0) }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"last digit", with(func(s *S) { s.Signature = flipped(63) }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"upper case", with(func(s *S) { s.Signature = strings.ToUpper(s.Signature) }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"shortened", with(func(s *S) { s.Signature = s.Signature[:63] }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"none", with(func(s *S) { s.Signature = "" }), device, exampleSecret, noon, secureaccess.ErrBadSignature},
		{"forged and expired: its age is not told", with(func(s *S) { s.Signature = flipped(0) }), device, exampleSecret, expiry.Add(time.Hour), secureaccess.ErrBadSignature},
		{"the access key is not signed", with(func(s *S) { s.AccessKey = "another-key" }), device, exampleSecret, noon, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := secureaccess.Verify(c.sig, c.device, auth.NewSecret(c.secret), c.now); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestVerify_refusesWhatCannotHaveBeenSigned(t *testing.T) {
	t.Parallel()
	sig, err := newSigner(t, exampleSecret).Sign(ann, device)
	if err != nil {
		t.Fatal(err)
	}
	for device, secret := range map[string]auth.Secret{"": auth.NewSecret(exampleSecret), "device-7": auth.NewSecret("")} {
		var field *secureaccess.FieldError
		if err := secureaccess.Verify(sig, device, secret, noon); !errors.As(err, &field) {
			t.Errorf("device id %q: %v is no FieldError", device, err)
		}
	}
}

func TestVerify_largestTimestampHasNotExpired(t *testing.T) {
	t.Parallel()
	sig, err := newSigner(t, exampleSecret).SignUntil(ann, device, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if err := secureaccess.Verify(sig, device, auth.NewSecret(exampleSecret), noon); err != nil {
		t.Error(err)
	}
}

func TestNewSigner_reportsEveryMistake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, key, secret string
		opts              []secureaccess.SignerOption
		want              []string
	}{
		{"nothing given", "", "", nil, []string{"the access key is empty", "the access secret is empty"}},
		{"read from a file", "example-key\n", "example-secret\r\n", nil,
			[]string{"the access key has white space", "the access secret has white space"}},
		{"control character", exampleKey, "example\x00secret", nil, []string{"or an invisible character in it"}},
		{"copied from a page", "example-key\u200b", exampleSecret, nil, []string{"or an invisible character in it"}},
		{"not UTF-8", "example\xff", exampleSecret, nil, []string{"the access key is not proper UTF-8"}},
		{"options", exampleKey, exampleSecret,
			[]secureaccess.SignerOption{secureaccess.WithClock(nil), secureaccess.WithLifetime(999 * time.Millisecond)},
			[]string{"the clock is nil", "999ms is less than a second"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := secureaccess.NewSigner(c.key, auth.NewSecret(c.secret), c.opts...)
			if s != nil || err == nil {
				t.Fatalf("signer %v, error %v", s, err)
			}
			if got := strings.Split(err.Error(), "\n"); len(got) != len(c.want) {
				t.Errorf("%d errors, want %d: %q", len(got), len(c.want), got)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if c.secret != "" && strings.Contains(err.Error(), strings.TrimSpace(c.secret)) {
				t.Errorf("the error shows the secret: %q", err)
			}
		})
	}
}

func TestPrinting_hidesSecretAndSignature(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, exampleSecret)
	sig, err := signer.Sign(ann, device)
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{signer, *signer, sig, &sig, []secureaccess.SecuritySignature{sig}} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&printed, nil), slog.NewJSONHandler(&printed, nil)} {
		slog.New(h).Info("signed", "signer", signer, "signature", sig)
	}
	hexSecret := fmt.Sprintf("%x", exampleSecret)
	for _, secret := range []string{exampleSecret, hexSecret, sig.Signature} {
		if strings.Contains(strings.ToLower(printed.String()), secret) {
			t.Errorf("%q was printed:\n%s", secret, &printed)
		}
	}
	for _, public := range []string{exampleKey, ann, "1774872000"} {
		if !strings.Contains(printed.String(), public) {
			t.Errorf("%q was not printed:\n%s", public, &printed)
		}
	}
}

func TestSecuritySignature_JSON(t *testing.T) {
	t.Parallel()
	sig := secureaccess.SecuritySignature{AccessKey: exampleKey, Signature: "00ff", Timestamp: 4102444800, Email: ann}
	got, err := json.Marshal(sig)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"accessKey":"example-key","signature":"00ff","timestamp":4102444800,"email":"ann@example.com"}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
