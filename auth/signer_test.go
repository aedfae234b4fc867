package auth_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
)

type vector struct{ key, timestamp, user, signature, why string }

// vectors reads testdata/signatures.tsv, whose head tells where the values come from.
func vectors(tb testing.TB) []vector {
	tb.Helper()
	f, err := os.Open("testdata/signatures.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []vector
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		c := strings.Split(lines.Text(), "\t")
		if len(c) != 5 {
			tb.Fatalf("not five columns: %q", lines.Text())
		}
		out = append(out, vector{c[0], c[1], c[2], c[3], c[4]})
	}
	if len(out) < 14 {
		tb.Fatalf("only %d vectors", len(out))
	}
	return out
}

func TestSign_vectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.why, func(t *testing.T) {
			t.Parallel()
			if got := auth.Sign(v.user, auth.NewSecret(v.key), v.timestamp); got != v.signature {
				t.Errorf("signature %s, want %s", got, v.signature)
			}
		})
	}
}

func TestSign_agreesWithOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: only the recorded values are compared")
	}
	for _, v := range vectors(t) {
		t.Run(v.why, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), openssl, "dgst", "-sha1", "-hmac", v.key)
			cmd.Stdin = strings.NewReader(v.timestamp + v.user)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("openssl: %v", err)
			}
			// "SHA1(stdin)= 0176…"; what stands before the sign differs between versions.
			_, want, _ := strings.Cut(strings.TrimSpace(string(out)), "= ")
			if got := auth.Sign(v.user, auth.NewSecret(v.key), v.timestamp); got != want {
				t.Errorf("signature %s, openssl says %s", got, want)
			}
		})
	}
}

func TestSigner_StampAt(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 3, 10, 1, 40, 0, 999_999_999, time.UTC)
	west := time.FixedZone("", -8*3600)
	tests := []struct {
		name    string
		partner string
		opts    []auth.Option
		want    auth.Stamp
	}{
		{
			name: "offset as in the published sample", opts: []auth.Option{auth.WithLocation(west)},
			want: auth.Stamp{
				UserID: "example_user", Timestamp: "2017-03-09T17:40:00-08:00",
				Signature: "0176853b8471c6d4477206402d7d6e21826d6ebd",
			},
		},
		{
			name: "with partner, which is not signed", partner: "example_partner", opts: []auth.Option{auth.WithLocation(west)},
			want: auth.Stamp{
				UserID: "example_user", Timestamp: "2017-03-09T17:40:00-08:00", PartnerID: "example_partner",
				Signature: "0176853b8471c6d4477206402d7d6e21826d6ebd",
			},
		},
		{
			name: "UTC by default",
			want: auth.Stamp{
				UserID: "example_user", Timestamp: "2017-03-10T01:40:00+00:00",
				Signature: "0f4da8ab273ce69a7e010224df59e154b5eee235",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			creds := auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key"), PartnerID: tt.partner}
			signer, err := auth.NewSigner(creds, tt.opts...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fields(tt.want), fields(signer.StampAt(at))); diff != "" {
				t.Errorf("stamp (-want +got):\n%s", diff)
			}
		})
	}
}

// fields lays a stamp open for comparison: printed, it hides its signature.
func fields(s auth.Stamp) [4]string {
	return [4]string{s.UserID, s.Signature, s.Timestamp, s.PartnerID}
}

func TestSigner_freshStampEachTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signer := mustSigner(t, auth.WithClock(func() time.Time { return now }))
	first := signer.Stamp()
	now = now.Add(time.Second)
	second := signer.Stamp()
	if first.Timestamp != "2026-01-02T03:04:05+00:00" || second.Timestamp != "2026-01-02T03:04:06+00:00" {
		t.Errorf("timestamps %s, %s do not follow the clock", first.Timestamp, second.Timestamp)
	}
	if first.Signature == second.Signature {
		t.Error("the second stamp has the first one's signature")
	}
}

func TestSigner_defaultClock(t *testing.T) {
	t.Parallel()
	if err := auth.Verify(mustSigner(t).Stamp(), auth.NewSecret(keyText), time.Now(), time.Minute); err != nil {
		t.Error(err)
	}
}

func TestSigner_clockOffset(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signer := mustSigner(t, auth.WithClock(func() time.Time { return now }))
	for _, offset := range []time.Duration{-90 * time.Minute, 2 * time.Second, 0} {
		signer.SetClockOffset(offset) // replaces the one before, does not add to it
		if got, want := signer.Stamp().Timestamp, auth.FormatTimestamp(now.Add(offset)); got != want {
			t.Errorf("offset %s: timestamp %s, want %s", offset, got, want)
		}
		if got := signer.ClockOffset(); got != offset {
			t.Errorf("offset %s, want %s", got, offset)
		}
	}
	signer.SetClockOffset(time.Hour)
	if got, want := signer.StampAt(now).Timestamp, auth.FormatTimestamp(now); got != want {
		t.Errorf("StampAt added the offset: %s, want %s", got, want)
	}
}

func TestSigner_concurrentUse(t *testing.T) {
	t.Parallel()
	signer := mustSigner(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				signer.SetClockOffset(time.Duration(i) * time.Second)
				if err := auth.Verify(signer.Stamp(), auth.NewSecret(keyText), time.Now(), time.Minute); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestNewSigner_badOptions(t *testing.T) {
	t.Parallel()
	_, err := auth.NewSigner(auth.Credentials{Key: auth.NewSecret("example-key")},
		auth.WithClock(nil), nil, auth.WithLocation(nil))
	requireErrorParts(t, err, []string{
		"user id is empty", "WithClock: the clock is nil", "option 2 is nil", "WithLocation: the location is nil",
	})
}

func BenchmarkStamp(b *testing.B) {
	signer, err := auth.NewSigner(credentials())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = signer.Stamp()
	}
}
