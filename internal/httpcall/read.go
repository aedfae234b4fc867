package httpcall

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/envelope"
)

// ErrBodyTooLarge says that an answer has more bytes than were allowed.
var ErrBodyTooLarge = errors.New("the answer is too large")

// farthestClock is how far clocks can be apart: one without a battery begins in 1970. A date beyond that is no clock's, such
// as one in the year 9999, and the difference need not fit into a time.Duration.
const farthestClock = 100 * 365 * 24 * time.Hour

// ServerDate returns the header Date of an answer that was received then, if it can be that of a clock.
func ServerDate(resp *http.Response, received time.Time) (time.Time, bool) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	return date.UTC(), err == nil && date.Sub(received).Abs() <= farthestClock
}

// longestWait is what a longer one counts as: it is more than anybody waits, and far from what
// a time.Duration has no room for.
const longestWait = 365 * 24 * time.Hour

// RetryAfter reads the header of that name: seconds or a date (RFC 9110, 10.2.3). The date is by the
// clock of the answer's own Date, if there is one, since the clock here may be wrong.
func RetryAfter(resp *http.Response, now time.Time) time.Duration {
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && seconds > uint64(longestWait/time.Second):
		return longestWait
	case err == nil:
		return time.Duration(seconds) * time.Second //nolint:gosec // bounded above
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, ok := ServerDate(resp, now); ok {
		now = date
	}
	return min(max(0, at.Sub(now)), longestWait)
}

var (
	gzipReaders sync.Pool // of *gzip.Reader
	bodyBuffers sync.Pool // of *bytes.Buffer
)

// mostKept is the size up to which the buffer of a body is kept for another one.
const mostKept = 4 << 20

// ReadBody reads the whole body, unpacked, of at most so many bytes. The answer's
// strings share the memory of the string that is returned.
func ReadBody(ctx context.Context, resp *http.Response, most int64) (string, error) {
	if resp.ContentLength > most {
		return "", tooLarge(most)
	}
	packed := &io.LimitedReader{R: envelope.Until(ctx, resp.Body), N: most + 1} // or a stream of empty members would never end
	var body io.Reader = packed
	expansion := int64(1)
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := openGzip(packed)
		if err != nil {
			return "", unpackError(err)
		}
		defer gzipReaders.Put(z)
		body, expansion = &io.LimitedReader{R: z, N: most + 1}, 8
	default:
		return "", unreadable(fmt.Errorf("Content-Encoding %.40q was not asked for, expected gzip or none", encoding))
	}
	text, err := readString(body, resp.ContentLength*expansion)
	if packed.N == 0 || int64(len(text)) > most {
		return "", tooLarge(most)
	}
	return text, err
}

// unreadable is the error of the body of an answer of either API.
func unreadable(err error) error {
	e := fault.NewDecodeError(nil, -1, err)
	e.Document = "answer"
	return e
}

func tooLarge(most int64) error {
	return unreadable(fmt.Errorf(
		"%w: more than %d bytes; ask for smaller pages, or allow more with WithMaxBody", ErrBodyTooLarge, most))
}

func openGzip(r io.Reader) (*gzip.Reader, error) {
	if z, ok := gzipReaders.Get().(*gzip.Reader); ok {
		return z, z.Reset(r)
	}
	return gzip.NewReader(r)
}

// readString reads to the end, by a buffer that is kept: most answers do not say how long they are, and one that grew with
// each would cost several times its size. The hint is how much to expect, if known; it is not trusted with more than mostKept.
func readString(r io.Reader, hint int64) (string, error) {
	text, ok := bodyBuffers.Get().(*bytes.Buffer)
	if !ok {
		text = new(bytes.Buffer)
	}
	defer func() {
		if text.Cap() <= mostKept {
			text.Reset()
			bodyBuffers.Put(text)
		}
	}()
	text.Grow(int(min(max(hint, 512), mostKept)))
	_, err := text.ReadFrom(r)
	return text.String(), unpackError(err)
}

// unpackError tells what gzip finds wrong from what the connection does.
func unpackError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return unreadable(fmt.Errorf("gzip: %w", err))
	}
	return err
}
