package recording

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http/httputil"
	"net/textproto"
	"strings"

	"github.com/mktows/mktows-go/internal/charset"
)

// body returns the envelope in what a tool has captured, in UTF-8, and the path of a request. Tools decode what headers of HTTP tell of
// a body, or do not, and leave the headers as they were: so what the body is decides how it is read.
func body(data string) (doc, path string, err error) {
	encoding, chunked := "", false
	for isHead(data) {
		line, _, _ := strings.Cut(data, "\n")
		if method, rest, _ := strings.Cut(line, " "); !strings.HasPrefix(method, "HTTP/") {
			path, _, _ = strings.Cut(rest, " ")
			path, _, _ = strings.Cut(path, "?")
		}
		head, rest := cutHead(data)
		encoding, chunked = charsetOf(head), strings.Contains(strings.ToLower(head.Get("Transfer-Encoding")), "chunked")
		data = rest
	}
	if strings.TrimSpace(data) == "" {
		return "", "", errors.New("is empty: record it again, or take it away")
	}
	if chunked && !isDocument(data) {
		if whole, err := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(data))); err == nil {
			data = string(whole)
		}
	}
	if strings.HasPrefix(data, "\x1f\x8b\x08") { // gzip (RFC 1952, section 2.3.1)
		if data, err = unzip(data); err != nil {
			return "", "", err
		}
	}
	doc, err = charset.ToUTF8(data, strings.ToLower(encoding))
	return strings.TrimLeft(doc, " \t\r\n"), path, err
}

// isHead reports whether a text begins with a head of HTTP: the first line of a request or an answer.
func isHead(data string) bool {
	line, _, more := strings.Cut(data, "\n")
	fields := strings.Fields(line)
	return more && len(fields) > 1 && (strings.HasPrefix(fields[0], "HTTP/") || strings.HasPrefix(fields[len(fields)-1], "HTTP/") && isToken(fields[0]))
}

func isToken(method string) bool {
	return strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// cutHead returns the headers, as far as they can be read, and what follows them.
func cutHead(data string) (textproto.MIMEHeader, string) {
	end, gap := strings.Index(data, "\n\n"), 2
	if i := strings.Index(data, "\r\n\r\n"); i >= 0 && (end < 0 || i < end) {
		end, gap = i, 4
	}
	if end < 0 {
		return nil, ""
	}
	r := textproto.NewReader(bufio.NewReader(strings.NewReader(data[:end] + "\n\n")))
	_, _ = r.ReadLine()
	head, _ := r.ReadMIMEHeader() // what cannot be read tells nothing
	return head, data[end+gap:]
}

// charsetOf returns the charset that a Content-Type gives, empty if it is none that is known.
func charsetOf(head textproto.MIMEHeader) string {
	_, params, _ := mime.ParseMediaType(head.Get("Content-Type"))
	name := strings.Trim(params["charset"], "'")
	if charset.Check(name) != nil {
		return ""
	}
	return name
}

func isDocument(data string) bool {
	return strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(data, "\uFEFF"), " \t\r\n"), "<")
}

func unzip(data string) (string, error) {
	r, err := gzip.NewReader(strings.NewReader(data))
	if err != nil {
		return "", errGzip
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(maxFile)+1))
	switch {
	case err != nil:
		return "", errGzip
	case len(text) > maxFile:
		return "", errors.New("is too large when it is decompressed: no envelope has that size; leave it out")
	}
	return string(text), nil
}

var errGzip = errors.New("is compressed and cannot be decompressed: record it again, or leave it out")
