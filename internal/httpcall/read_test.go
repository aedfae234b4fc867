package httpcall

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Unpacking stops at the bound, not where the packed bytes end.
func TestReadBody_stopsUnpacking(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	z := gzip.NewWriter(&text)
	_, _ = io.WriteString(z, strings.Repeat(" ", 16<<20))
	_ = z.Close()
	packed := strings.NewReader(text.String())
	resp := &http.Response{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: io.NopCloser(packed), ContentLength: -1}
	_, err := ReadBody(context.Background(), resp, 1<<20)
	if !errors.Is(err, ErrBodyTooLarge) || packed.Len() < 8<<10 {
		t.Errorf("%d of %d packed bytes are left, error %v", packed.Len(), packed.Size(), err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const year = 365 * 24 * time.Hour
	tests := map[string]struct {
		value, date string
		want        time.Duration
	}{
		"none":                    {"", "", 0},
		"seconds":                 {"7", "", 7 * time.Second},
		"zero":                    {"0", "", 0},
		"white space":             {" 7 ", "", 7 * time.Second},
		"long":                    {"86400", "", 24 * time.Hour},
		"a year":                  {"31536000", "", year},
		"more than a year":        {"31536001", "", year},
		"more than 32 bits":       {"4294967303", "", year},
		"more than a Duration":    {"9223372037", "", year},
		"more than 64 bits":       {"18446744073709551623", "", year},
		"very many digits":        {strings.Repeat("9", 100), "", year},
		"negative":                {"-7", "", 0},
		"fraction":                {"1.5", "", 0},
		"words":                   {"soon", "", 0},
		"date":                    {"Sun, 01 Mar 2026 12:00:30 GMT", "", 30 * time.Second},
		"date, old form":          {"Sunday, 01-Mar-26 12:00:30 GMT", "", 30 * time.Second},
		"date that has passed":    {"Sun, 01 Mar 2026 11:59:59 GMT", "", 0},
		"year 9999":               {"Fri, 31 Dec 9999 23:59:59 GMT", "", year},
		"by the server's clock":   {"Sun, 01 Mar 2026 18:00:30 GMT", "Sun, 01 Mar 2026 18:00:00 GMT", 30 * time.Second},
		"passed there":            {"Sun, 01 Mar 2026 18:00:30 GMT", "Sun, 01 Mar 2026 18:01:00 GMT", 0},
		"server's clock absurd":   {"Sun, 01 Mar 2026 12:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", 30 * time.Second},
		"server's clock unclear":  {"Sun, 01 Mar 2026 12:00:30 GMT", "noon", 30 * time.Second},
		"seconds need no clock":   {"7", "Sun, 01 Mar 2026 18:00:00 GMT", 7 * time.Second},
		"a day that is not there": {"Sun, 32 Mar 2026 12:00:30 GMT", "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := &http.Response{Header: http.Header{"Retry-After": {test.value}, "Date": {test.date}}}
			if got := RetryAfter(resp, now); got != test.want {
				t.Errorf("got %s, expected %s", got, test.want)
			}
		})
	}
}

// Reading an answer of unknown length takes a memory of its size, not one that has grown with it.
func TestReadBody_memory(t *testing.T) {
	text := strings.Repeat("x", 1<<20)
	read := func() {
		resp := &http.Response{Body: io.NopCloser(strings.NewReader(text)), ContentLength: -1}
		if got, err := ReadBody(context.Background(), resp, 2<<20); err != nil || got != text {
			t.Fatal(len(got), err)
		}
	}
	if n := testing.AllocsPerRun(100, read); n > 20 { // 7, more with the race detector, by which pools drop some
		t.Errorf("%v allocations", n)
	}
}
