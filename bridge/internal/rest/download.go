package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// errNotWhole says that a file has to be asked for once more.
var errNotWhole = errors.New("the file did not come whole")

// download is the way of a file to this machine. An attempt goes on where the one before broke off. The methods of a nil one
// are those of a call that has no file.
type download struct {
	file    *File
	size    int64 // that the file has to have
	maxBody int64 // of an answer in place of the file

	best    int64  // how far an attempt has come
	etag    string // of the file that is being read, if the service tells it
	problem error  // of this attempt, but for the connection's
	alive   *time.Timer
	idle    time.Duration
}

// download puts the file of an export into a file of this machine.
func (c *Client) download(ctx context.Context, id string, size int64, patient bool, to *File) error {
	r := newRead(exportFilePath, id)
	w, err := r.wire()
	k := &call{wire: w, name: http.MethodGet + " " + r.name, safety: fault.ReadOnly, reads: true, limit: r.limit}
	if err != nil {
		return &CallError{Call: k.name, Err: err}
	}
	if !patient {
		k.tell = http.StatusNotFound
	}
	k.file = &download{file: to, size: size, maxBody: c.maxBody}
	k.decode = func(resp *http.Response, doc string) error { return k.file.end(resp, doc, c.now()) }
	return c.make(ctx, k)
}

// addTo asks for what is missing, and for no compression: a place in a compressed file is another one.
func (d *download) addTo(h http.Header) {
	if d == nil {
		return
	}
	h.Set("Accept", "*/*")
	h.Set("Accept-Encoding", "identity")
	if d.file.size > 0 {
		h.Set("Range", "bytes="+number(d.file.size)+"-")
	}
}

// whileAlive returns the context of an attempt, which ends when nothing has come for a time: how long the whole file takes
// depends on its size.
func (d *download) whileAlive(ctx context.Context, idle time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	d.idle, d.problem = idle, nil
	d.alive = time.AfterFunc(idle, cancel)
	return ctx, func() { d.alive.Stop(); cancel() }
}

// advanced reports whether the last attempt has come further than all before.
func (d *download) advanced() bool {
	if d == nil || d.file.size <= d.best {
		return false
	}
	d.best = d.file.size
	return true
}

// reader returns what reads the answer, nil where it is no file.
func (d *download) reader() func(context.Context, *http.Response) (string, error) {
	if d == nil {
		return nil
	}
	return d.read
}

// read takes the file out of an answer. An answer that is none is returned as a text.
func (d *download) read(ctx context.Context, resp *http.Response) (doc string, err error) {
	if !isFile(resp) {
		return httpcall.ReadBody(ctx, resp, d.maxBody)
	}
	if d.problem = d.place(resp); d.problem != nil {
		return "", nil
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{d}, resp.Body, make([]byte, 32<<10))
	if d.problem != nil || d.file.size == d.size { // what happened to the connection after the last byte does not matter
		return "", nil
	}
	return "", err
}

// isFile reports whether an answer is a file or a part of one. A failure is JSON; a proxy says its own in HTML.
func isFile(resp *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	coding := strings.ToLower(resp.Header.Get("Content-Encoding"))
	return (resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusPartialContent) &&
		(coding == "" || coding == "identity") && kind != jsonType && kind != "text/html"
}

// place makes the file ready for the bytes of an answer: behind those that are there, if they go on exactly there and are of
// the same file, and else at the beginning.
func (d *download) place(resp *http.Response) error {
	etag := resp.Header.Get("ETag")
	if resp.StatusCode == http.StatusOK {
		d.etag = etag
		if n := resp.ContentLength; n >= 0 && n != d.size {
			return fmt.Errorf("%w: it has %d bytes, its job says %d", errNotWhole, n, d.size)
		}
		return d.file.reset()
	}
	begin, total, ok := contentRange(resp.Header.Get("Content-Range"))
	if ok && begin == d.file.size && (total < 0 || total == d.size) && (etag == d.etag || etag == "" || d.etag == "") {
		return nil
	}
	if err := d.file.reset(); err != nil {
		return err
	}
	return fmt.Errorf("%w: what came after %d bytes of %d is part of another file (Content-Range %.100q, ETag %.100q)",
		errNotWhole, d.best, d.size, resp.Header.Get("Content-Range"), etag)
}

// contentRange reads a header such as "bytes 10-19/200"; the total is -1 where it is not told (RFC 9110, 14.4).
func contentRange(text string) (begin, total int64, ok bool) {
	spec, isBytes := strings.CutPrefix(text, "bytes ")
	first, rest, _ := strings.Cut(spec, "-")
	_, size, cut := strings.Cut(rest, "/")
	begin, err := strconv.ParseInt(first, 10, 64)
	total = -1
	if size != "*" && err == nil {
		total, err = strconv.ParseInt(size, 10, 64)
	}
	return begin, total, isBytes && cut && err == nil
}

// Write puts bytes into the file. More than it may have are the end of the attempt.
func (d *download) Write(p []byte) (n int, err error) {
	d.alive.Reset(d.idle)
	if d.file.size+int64(len(p)) > d.size {
		d.problem = damaged("the file is longer than the %d bytes that its job says", d.size)
		return 0, d.problem
	}
	n, d.problem = d.file.Write(p)
	return n, d.problem
}

// end returns what is wrong after an answer.
func (d *download) end(resp *http.Response, doc string, now time.Time) error {
	switch {
	case d.problem != nil:
		return d.problem
	case !isFile(resp):
		return d.refusal(resp, doc, now)
	case d.file.size < d.size:
		return fmt.Errorf("%w: it ends after %d of %d bytes", errNotWhole, d.file.size, d.size)
	}
	return nil
}

// refusal returns the error of an answer in place of the file.
func (d *download) refusal(resp *http.Response, doc string, now time.Time) error {
	if resp.StatusCode == http.StatusNotFound && !isJSON(doc) { // also for a while after a job was Completed
		return unexpectedAs(resp, doc, now, "there is no such file")
	}
	if _, err := answerOf[Record](resp, doc, now); err != nil {
		return err
	}
	return fault.NewContentError(errors.New("an answer without a file in place of the file"))
}
