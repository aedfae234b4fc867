package secureaccess_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
)

// The secret of the tests changes at noon, and the old one is accepted for six hours more.
const (
	oldKey, oldSecret = "example-old-key", "example-old-secret"
	newKey, newSecret = "example-new-key", "example-new-secret"
)

var overlapEnd = noon.Add(6 * time.Hour)

func pairOf(key, secret string, from, until time.Time) secureaccess.Pair {
	return secureaccess.Pair{AccessKey: key, Secret: auth.NewSecret(secret), From: from, Until: until}
}

func oldPair() secureaccess.Pair { return pairOf(oldKey, oldSecret, time.Time{}, overlapEnd) }
func newPair() secureaccess.Pair { return pairOf(newKey, newSecret, noon, time.Time{}) }

func newKeyring(tb testing.TB, pairs ...secureaccess.Pair) *secureaccess.Keyring {
	tb.Helper()
	k, err := secureaccess.NewKeyring(pairs...)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// signedBy returns what a signer with one secret makes, which is valid for two days.
func signedBy(tb testing.TB, secret string) secureaccess.SecuritySignature {
	tb.Helper()
	sig, err := newSigner(tb, secret, secureaccess.WithLifetime(48*time.Hour)).Sign(ann, device)
	if err != nil {
		tb.Fatal(err)
	}
	return sig
}

// The whole change, second by second where it counts, forth and, as a clock may jump, back.
func TestKeyring_change(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, newPair(), oldPair()) // in any order
	clock := clocktest.At(noon)
	signer, err := k.Signer(secureaccess.WithClock(clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	byOld, byNew, byOther := signedBy(t, oldSecret), signedBy(t, newSecret), signedBy(t, exampleSecret)
	const none = secureaccess.Role("")
	for _, at := range []struct {
		name             string
		now              time.Time
		signs            string
		oldRole, newRole secureaccess.Role
	}{
		{"a day before", noon.Add(-24 * time.Hour), oldKey, secureaccess.Current, secureaccess.Next},
		{"the last moment before", noon.Add(-1), oldKey, secureaccess.Current, secureaccess.Next},
		{"the change", noon, newKey, secureaccess.Previous, secureaccess.Current},
		{"the last moment of the overlap", overlapEnd.Add(time.Second - 1), newKey, secureaccess.Previous, secureaccess.Current},
		{"after the overlap", overlapEnd.Add(time.Second), newKey, none, secureaccess.Current},
		{"the clock jumps back into the overlap", noon.Add(time.Hour), newKey, secureaccess.Previous, secureaccess.Current},
		{"and to before the change", noon.Add(-time.Hour), oldKey, secureaccess.Current, secureaccess.Next},
		{"and is right again", overlapEnd.Add(time.Hour), newKey, none, secureaccess.Current},
	} {
		clock.Advance(at.now.Sub(clock.Now()))
		sig, err := signer.Sign(ann, device)
		if err != nil || sig.AccessKey != at.signs {
			t.Errorf("%s: %v signs, want %s: %v", at.name, sig, at.signs, err)
		}
		for _, c := range []struct {
			by   secureaccess.SecuritySignature
			want secureaccess.Role
		}{{byOld, at.oldRole}, {byNew, at.newRole}, {byOther, none}} {
			var wantErr error
			if c.want == none {
				wantErr = secureaccess.ErrBadSignature
			}
			if role, err := k.Verify(c.by, device, at.now); role != c.want || !errors.Is(err, wantErr) {
				t.Errorf("%s: verified as %q, %v, want %q", at.name, role, err, c.want)
			}
		}
	}
	want := secureaccess.Counts{Current: 8, Next: 3, Previous: 3, Refused: 8 + 2}
	if got := k.Counts(); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// A signature does not outlive the secret it was made with: the app comes for another one in time.
func TestKeyring_signaturesEndWithTheirSecret(t *testing.T) {
	t.Parallel()
	clock := clocktest.At(noon.Add(-time.Minute))
	signer, err := newKeyring(t, oldPair(), newPair()).Signer(secureaccess.WithClock(clock.Now))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []time.Time{overlapEnd, noon.Add(24*time.Hour + time.Minute)} {
		if sig, err := signer.Sign(ann, device); err != nil || !sig.Expires().Equal(want) {
			t.Errorf("at %v: %v, %v, want %v", clock.Now(), sig, err, want)
		}
		clock.Advance(2 * time.Minute)
	}
}

func TestKeyring_expired(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, oldPair(), newPair())
	sig := signedBy(t, newSecret)
	if role, err := k.Verify(sig, device, sig.Expires().Add(time.Second)); role != secureaccess.Current || !errors.Is(err, secureaccess.ErrExpired) {
		t.Errorf("%q, %v", role, err)
	}
	var field *secureaccess.FieldError
	if role, err := k.Verify(sig, "", noon); role != "" || !errors.As(err, &field) {
		t.Errorf("%q, %v", role, err)
	}
	if got := k.Counts(); got != (secureaccess.Counts{Refused: 2}) {
		t.Errorf("counted %+v", got)
	}
}

func TestKeyring_refuses(t *testing.T) {
	t.Parallel()
	never := time.Time{}
	one := pairOf(oldKey, oldSecret, never, never)
	type pairs = []secureaccess.Pair
	for _, c := range []struct {
		name  string
		pairs pairs
		want  string
	}{
		{"nothing", nil, "there is no access key and secret"},
		{"an empty secret", pairs{pairOf(oldKey, "", never, never)}, "the access secret is empty"},
		{"an empty secret beside another", pairs{one, pairOf(newKey, "", noon, never)}, "the access secret is empty"},
		{"a line break", pairs{pairOf(oldKey, oldSecret+"\n", never, never)}, "white space around it"},
		{"one with an end", pairs{oldPair()}, "has an end, after which nothing would sign"},
		{"equal secrets", pairs{oldPair(), pairOf(newKey, oldSecret, noon, never)}, "both access secrets are the same"},
		{"no change", pairs{oldPair(), pairOf(newKey, newSecret, never, never)}, "none says when it starts to sign"},
		{"two changes in one second", pairs{pairOf(oldKey, oldSecret, noon.Add(1), overlapEnd), newPair()}, "start to sign in the same second"},
		{"no end of the overlap", pairs{one, newPair()}, "the old access secret has no end"},
		{"an end before the change", pairs{pairOf(oldKey, oldSecret, never, noon.Add(-time.Second)), newPair()},
			"ends at 2026-03-29T11:59:59Z, before the new one starts to sign at 2026-03-29T12:00:00Z"},
		{"the new one ends", pairs{oldPair(), pairOf(newKey, newSecret, noon, overlapEnd)}, "the newest access secret has an end"},
		{"three", pairs{oldPair(), newPair(), pairOf("example-key", exampleSecret, overlapEnd, never)}, "only two are accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if k, err := secureaccess.NewKeyring(c.pairs...); k != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v; want %q", k, err, c.want)
			}
			k := newKeyring(t, oldPair(), newPair())
			err := k.Set(c.pairs...)
			if role, _ := k.Verify(signedBy(t, oldSecret), device, noon); err == nil || role != secureaccess.Previous {
				t.Errorf("after the error %v the old secret is %q", err, role)
			}
			if strings.Contains(err.Error(), "-secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// One pair alone signs, whatever its From says and the clock.
func TestKeyring_alone(t *testing.T) {
	t.Parallel()
	signer, err := newKeyring(t, newPair()).Signer(secureaccess.WithClock(fixed(noon.AddDate(-30, 0, 0))))
	if err != nil {
		t.Fatal(err)
	}
	if sig, err := signer.Sign(ann, device); err != nil || sig.AccessKey != newKey {
		t.Errorf("%v, %v", sig, err)
	}
}

// The caller's pairs are not the keyring's: what they do to theirs changes nothing.
func TestKeyring_keepsACopy(t *testing.T) {
	t.Parallel()
	pairs := []secureaccess.Pair{oldPair(), newPair()}
	k := newKeyring(t, pairs...)
	pairs[0], pairs[1] = secureaccess.Pair{}, secureaccess.Pair{}
	if role, err := k.Verify(signedBy(t, newSecret), device, noon); role != secureaccess.Current {
		t.Errorf("%q, %v", role, err)
	}
}

// A request that was under way when the secret changed is answered with one pair, the new one, and not with a half of each.
func TestHandler_changeDuringARequest(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, pairOf(oldKey, oldSecret, time.Time{}, time.Time{}))
	signer, err := k.Signer(secureaccess.WithClock(fixed(noon)))
	if err != nil {
		t.Fatal(err)
	}
	hook := func(*http.Request) (string, error) {
		return ann, k.Set(oldPair(), newPair())
	}
	h, err := secureaccess.NewHandler(signer, hook)
	if err != nil {
		t.Fatal(err)
	}
	sig := signatureIn(t, serve(t, h, post("", jsonType, `{"deviceId":"`+device+`"}`)).Body.String())
	if role, err := k.Verify(sig, device, noon); role != secureaccess.Current || sig.AccessKey != newKey {
		t.Errorf("%v is of the %q secret: %v", sig, role, err)
	}
}

// While the pairs are replaced all the time, key and signature are always of one pair.
func TestKeyring_concurrently(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, pairOf(oldKey, oldSecret, time.Time{}, time.Time{}))
	signer, err := k.Signer(secureaccess.WithClock(fixed(noon)))
	if err != nil {
		t.Fatal(err)
	}
	h, err := secureaccess.NewHandler(signer, byToken, secureaccess.WithEmailLimit(noLimit), secureaccess.WithAddressLimit(noLimit))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 200 {
			pairs := [][]secureaccess.Pair{{oldPair(), newPair()}, {pairOf(oldKey, oldSecret, time.Time{}, time.Time{})}}[i%2]
			if err := k.Set(pairs...); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		all.Go(func() {
			for range 50 {
				sig := signatureIn(t, serve(t, h, post(annToken, jsonType, `{"deviceId":"`+device+`"}`)).Body.String())
				secret := map[string]string{oldKey: oldSecret, newKey: newSecret}[sig.AccessKey]
				if err := secureaccess.Verify(sig, device, auth.NewSecret(secret), noon); err != nil {
					t.Errorf("%v: %v", sig, err)
				}
				if role, err := k.Verify(signedBy(t, oldSecret), device, noon); err != nil {
					t.Errorf("the old secret was not accepted, as %q: %v", role, err)
				}
			}
		})
	}
	all.Wait()
	if got := k.Counts(); got.Current+got.Previous != 200 || got.Refused != 0 {
		t.Errorf("counted %+v", got)
	}
}

func TestKeyring_printsNoSecret(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, oldPair(), newPair())
	signer, err := k.Signer()
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{k, signer, *signer, oldPair(), []secureaccess.Pair{newPair()}, struct{ keys *secureaccess.Keyring }{k}} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	for _, secret := range []string{oldSecret, newSecret, fmt.Sprintf("%x", oldSecret), fmt.Sprintf("%x", newSecret)} {
		if strings.Contains(strings.ToLower(printed.String()), secret) {
			t.Errorf("%q was printed:\n%s", secret, &printed)
		}
	}
	if !strings.Contains(printed.String(), "Keyring(2 pairs)") {
		t.Error(printed.String())
	}
}
