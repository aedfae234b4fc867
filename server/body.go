package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/charset"
	"github.com/mktows/mktows-go/internal/envelope"
)

// usualSize is what room is made for before the body has come.
const usualSize = 64 << 10

// httpError is a refusal that has no SOAP envelope: who sent the request does not
// speak SOAP, or not over HTTP as agreed.
type httpError struct {
	status int
	header http.Header
	text   string
}

func (e *httpError) Error() string { return fmt.Sprintf("HTTP %d: %s", e.status, e.text) }

// ErrCutOff is in the Err of an [Exchange] whose request did not come to its end: the
// caller went away, or was cut off, while sending it or while it was read.
var ErrCutOff = errors.New("the request was cut off")

// readBody returns the document of a request, or with an error what the journal shows in its place. Its errors are
// *httpError and faults.
func (c *call) readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	encoding, err := checkType(r.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	body := envelope.Until(r.Context(), http.MaxBytesReader(w, r.Body, c.maxBody))
	body, err = decompress(body, r.Header.Get("Content-Encoding"))
	if err != nil {
		return "", c.bodyError(err)
	}
	var doc bytes.Buffer
	if r.ContentLength > 0 { // the caller's word, so believed only for a usual size
		doc.Grow(int(min(r.ContentLength, usualSize)) + bytes.MinRead)
	}
	// One byte more than allowed tells a document that is too large from one that fits.
	rest := io.LimitReader(c.guest.reader(body, c.now), c.maxBody+1)
	if c.lookup != nil {
		if shown, err := c.judge(r.Context(), &doc, rest, encoding); err != nil {
			return shown, err
		}
	}
	if _, err := doc.ReadFrom(rest); err != nil {
		return "", c.bodyError(err)
	}
	if int64(doc.Len()) > c.maxBody {
		return "", c.tooLarge()
	}
	if isGzip(doc.Bytes()) {
		return fmt.Sprintf("[%d bytes of gzip without Content-Encoding, not shown]", doc.Len()), errUnmarked
	}
	text, err := charset.ToUTF8(doc.String(), encoding)
	if err == nil && int64(len(text)) > c.maxBody {
		err = c.tooLarge()
	}
	if err != nil {
		return "", err
	}
	return text, nil
}

// headerSizes are the numbers of bytes in which the header of a long document is looked for: nearly all are in the first.
var headerSizes = []int64{8 << 10, 64 << 10}

// judge reads as much of a document as its header takes, and finds out who sent it, so that nobody who cannot sign has a long one
// kept. A document that is short, or whose header cannot be read yet, is left to be judged as a whole. With an error it returns what
// the journal shows.
func (c *call) judge(ctx context.Context, doc *bytes.Buffer, body io.Reader, encoding string) (string, error) {
	for _, size := range headerSizes {
		if _, err := doc.ReadFrom(io.LimitReader(body, size-int64(doc.Len()))); err != nil {
			return "", c.bodyError(err)
		}
		if int64(doc.Len()) < size { // it has ended
			return "", nil
		}
		start, err := charset.ToUTF8(doc.String(), encoding)
		if err == nil && c.repair {
			start, _ = repair(start)
		}
		if err != nil || c.openHeader(ctx, start) != nil {
			continue
		}
		return start, c.authenticateUser(ctx)
	}
	return "", nil
}

// checkType takes the type of SOAP 1.1, those of other XML, for which the envelope
// decides, and none at all. It returns the name of the charset that is given, if one is. (SOAP 1.1,
// section 6; RFC 7303.)
func checkType(header string) (name string, err error) {
	kind, params, err := mime.ParseMediaType(header)
	if err != nil { // parameters of some old clients cannot be parsed
		kind, _, _ = strings.Cut(strings.ToLower(header), ";")
	}
	switch strings.TrimSpace(kind) {
	case "", "text/xml", "application/xml", "application/soap+xml":
	default:
		return "", &httpError{http.StatusUnsupportedMediaType, nil,
			fmt.Sprintf("Content-Type %.100q is not supported: a SOAP 1.1 call has text/xml; charset=utf-8.", header)}
	}
	name = strings.Trim(params["charset"], "'") // no quotes of HTTP's, but sent for them
	return name, charset.Check(name)
}

// errUnmarked is the fault for a body that nobody can know how to read.
var errUnmarked = fault.New(fault.CodeRequestNotUnderstood, "the body is in gzip format, and no Content-Encoding says so")

// isGzip goes by the first three bytes (RFC 1952, section 2.3.1), which begin no document.
func isGzip(body []byte) bool { return bytes.HasPrefix(body, []byte("\x1f\x8b\x08")) }

// errGzip is why a body cannot be decompressed.
var errGzip = errors.New("the body is not in gzip format as its Content-Encoding says")

func decompress(body io.Reader, encoding string) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(body)
		if err != nil {
			return nil, errors.Join(errGzip, err)
		}
		return gzipReader{r}, nil
	}
	// RFC 9110, section 12.5.3: the answer says what is taken instead.
	return nil, &httpError{http.StatusUnsupportedMediaType, http.Header{"Accept-Encoding": {"gzip"}},
		fmt.Sprintf("Content-Encoding %.100q is not supported: send gzip or none.", encoding)}
}

// gzipReader marks the errors of decompression.
type gzipReader struct{ *gzip.Reader }

func (r gzipReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errors.Join(errGzip, err)
	}
	return n, err
}

// bodyError returns the answer to a body that cannot be read.
func (s *Server) bodyError(err error) error {
	var refused *httpError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &large):
		return s.tooLarge()
	case ended(err):
		return errors.Join(fault.New(fault.CodeRequestNotUnderstood, "reading the request was stopped"), ErrCutOff, err)
	case errors.Is(err, errGzip):
		return fault.New(fault.CodeRequestNotUnderstood, errGzip.Error())
	}
	return errors.Join(fault.New(fault.CodeRequestNotUnderstood, "the body cannot be read to its end"), ErrCutOff, err)
}

// ended reports whether reading has stopped because its context has ended.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (s *Server) tooLarge() error {
	return fault.Newf(fault.CodeRequestNotUnderstood, "the request is larger than %d bytes", s.maxBody)
}
