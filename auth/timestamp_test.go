package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
)

func TestFormatTimestamp(t *testing.T) {
	t.Parallel()
	zone := func(seconds int) *time.Location { return time.FixedZone("", seconds) }
	tests := []struct {
		at   time.Time
		want string
	}{
		{time.Date(2017, 3, 9, 17, 40, 0, 0, zone(-8*3600)), "2017-03-09T17:40:00-08:00"},
		{time.Date(2026, 1, 2, 3, 4, 5, 999_999_999, time.UTC), "2026-01-02T03:04:05+00:00"},
		{time.Date(2026, 1, 2, 3, 4, 5, 0, zone(5*3600+45*60)), "2026-01-02T03:04:05+05:45"},
		{time.Date(2026, 1, 2, 3, 4, 5, 0, zone(-30*60)), "2026-01-02T03:04:05-00:30"},
		{time.Date(1890, 1, 1, 0, 0, 32, 0, zone(19*60+32)), "1890-01-01T00:00:00+00:19"},
		{time.Date(1890, 1, 1, 0, 0, 0, 0, zone(-(19*60 + 32))), "1890-01-01T00:00:32-00:19"},
	}
	for _, tt := range tests {
		if got := auth.FormatTimestamp(tt.at); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.at, got, tt.want)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{ // want as RFC 3339
		{"2017-03-09T17:40:00-08:00", "2017-03-09T17:40:00-08:00"},
		{"2017-03-09T17:40:00-0800", "2017-03-09T17:40:00-08:00"},
		{"2017-03-10T01:40:00Z", "2017-03-10T01:40:00Z"},
		{"2017-03-10T01:40:00+00:00", "2017-03-10T01:40:00Z"},
		{"2017-03-10T01:40:00+0000", "2017-03-10T01:40:00Z"},
		{"2017-03-10T01:40:00-00:00", "2017-03-10T01:40:00Z"},
		{"2017-03-09T17:40:00.5-08:00", "2017-03-09T17:40:00.5-08:00"},
		{"2017-03-09T17:40:00.123456789Z", "2017-03-09T17:40:00.123456789Z"},
		{"2017-03-09T17:40:00.250+0545", "2017-03-09T17:40:00.25+05:45"},
		{"2024-02-29T00:00:00+14:00", "2024-02-29T00:00:00+14:00"},
		{"2015-06-01 10:00:00 -0700", "2015-06-01T10:00:00-07:00"}, // Ruby's Time#to_s
		{"2015-06-01 17:00:00.25 +00:00", "2015-06-01T17:00:00.25Z"},
		{"2015-06-01 10:00:00-07:00", "2015-06-01T10:00:00-07:00"},
		{"2015-06-01T10:00:00 -0700", "2015-06-01T10:00:00-07:00"},
		{"2015-06-01 17:00:00Z", "2015-06-01T17:00:00Z"},
	}
	for _, tt := range tests {
		got, err := auth.ParseTimestamp(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if text := got.Format(time.RFC3339Nano); text != tt.want {
			t.Errorf("%s: got %s, want %s", tt.text, text, tt.want)
		}
		if _, offset := got.Zone(); (offset == 0) != (got.Location() == time.UTC) {
			t.Errorf("%s: location %v", tt.text, got.Location())
		}
	}
}

func TestParseTimestamp_refuses(t *testing.T) {
	t.Parallel()
	tests := []string{
		"", "now", "2017-03-09", "2017-03-09T17:40:00", "2017-03-09T17:40-08:00", "2017-03-09  17:40:00-08:00",
		"2017-03-09t17:40:00z", "2017-03-09T17:40:00z", "2017-03-09T7:40:00-08:00", "2017-03-09T17:40:00,5-08:00",
		"2017-03-09T17:40:00.-08:00", "2017-03-09T17:40:00-08", "2017-03-09T17:40:00-8:00", "2017-03-09T17:40:00-24:00",
		"2017-03-09T17:40:00-08:60", "2017-02-29T17:40:00-08:00", "2017-13-09T17:40:00-08:00", "2017-03-09T24:40:00-08:00",
		"2017-03-09T17:60:00-08:00", "2017-03-09T17:40:60-08:00", " 2017-03-09T17:40:00-08:00", "2017-03-09T17:40:00-08:00\n",
		"2017-03-09T17:40:00-08:001", "2017-03-09T17:40:00ZZ", "12017-03-09T17:40:00Z", "1489110000", "２017-03-09T17:40:00Z",
		"2017-03-09T17:40:00.1234567890Z", "2017-03-09T17:40:00  -08:00", "2017-03-09T17:40:00 Z", "2017-03-09 17:40:00 ", "2017-03-09 17:40:00 UTC", "2017-03-09T17:40:00GMT",
	}
	for _, text := range tests {
		if got, err := auth.ParseTimestamp(text); !errors.Is(err, auth.ErrBadTimestamp) || !got.IsZero() {
			t.Errorf("%q: got %v and error %v, want ErrBadTimestamp", text, got, err)
		}
	}
}

// A time without an offset could be any of a day: the error says that it is this that is
// missing.
func TestParseTimestamp_withoutOffset(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2015-06-01 10:00:00": true, "2015-06-01T10:00:00.5": true, "2015-06-01": false, "yesterday": false,
	} {
		_, err := auth.ParseTimestamp(text)
		if !errors.Is(err, auth.ErrBadTimestamp) || strings.Contains(err.Error(), "no offset") != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzTimestampRoundTrip(f *testing.F) {
	f.Add(int64(1489110000), int64(0), -8*3600)
	f.Add(int64(-2524521600), int64(999_999_999), 19*60+32)
	f.Add(int64(0), int64(1), 0)
	f.Fuzz(func(t *testing.T, seconds, nanos int64, offset int) {
		// Years 1 to 9998, so that no offset leads out of what four digits can say.
		at := time.Unix(seconds%252_000_000_000, nanos).In(time.FixedZone("", offset%86400))
		if at.Year() < 1 || at.Year() > 9998 {
			t.Skip()
		}
		text := auth.FormatTimestamp(at)
		back, err := auth.ParseTimestamp(text)
		if err != nil {
			t.Fatalf("%v was written as %q: %v", at, text, err)
		}
		if want := at.Truncate(time.Second); !back.Equal(want) {
			t.Errorf("%v was written as %q and read as %v", want, text, back)
		}
		if again := auth.FormatTimestamp(back); again != text {
			t.Errorf("%q was written again as %q", text, again)
		}
	})
}

func FuzzParseTimestamp(f *testing.F) {
	f.Add("2017-03-09T17:40:00-08:00", "1")
	f.Add("2017-03-10T01:40:00.25Z", "00")
	f.Add("2017-03-10T01:40:00+0000", ":00")
	f.Add("2015-06-01 10:00:00 -0700", "0")
	f.Add("2015-06-01 10:00:00", " -0700")
	f.Fuzz(func(t *testing.T, text, more string) {
		at, err := auth.ParseTimestamp(text)
		if err != nil {
			return
		}
		if back, err := auth.ParseTimestamp(auth.FormatTimestamp(at)); err != nil || !back.Equal(at.Truncate(time.Second)) {
			t.Errorf("%q: %v came back as %v, %v", text, at, back, err)
		}
		// The signature joins timestamp and user id: only one border may be readable.
		if _, err := auth.ParseTimestamp(text + more); err == nil && more != "" {
			t.Errorf("%q and %q can both be read", text, text+more)
		}
	})
}
