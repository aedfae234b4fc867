package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/httpcall"
)

const soap = envelope.ContentType

// bomb expands to 3 GB where entities are expanded.
const bomb = `<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">` +
	`<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">` +
	`<e:Body>&c;&c;</e:Body></e:Envelope>`

// flood sends so many megabytes in chunks, packed or not.
func flood(megabytes int, packed bool) reply {
	return func(w http.ResponseWriter, _ *exchange) {
		w.Header().Set("Content-Type", soap)
		var out io.Writer = w
		if packed {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer func() { _ = z.Close() }()
			out = z
		}
		for range megabytes {
			if _, err := out.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
				return
			}
		}
	}
}

// emptyMembers sends gzip members without content as long as somebody reads.
func emptyMembers(w http.ResponseWriter, _ *exchange) {
	w.Header().Set("Content-Encoding", "gzip")
	for member := []byte(strings.Repeat(pack(""), 1000)); ; {
		if _, err := w.Write(member); err != nil {
			return
		}
	}
}

// Answers that are none: what the error is and what it says.
func TestAnswer_bad(t *testing.T) {
	t.Parallel()
	good := answerTo(gen.OperationByName("getLead"))
	gzipped := func(body string) reply { return withHeader("Content-Encoding", "gzip", raw(200, soap, body)) }
	type kinds []error
	var (
		status  error = new(fault.StatusError)
		decode  error = new(fault.DecodeError)
		outcome       = fault.ErrUnknownOutcome
	)
	for name, test := range map[string]struct {
		reply reply
		is    kinds    // of the error of mergeLeads
		says  []string // in that error's text
	}{
		"page of a proxy":        {raw(502, "text/html", "<html><body>Bad Gateway</body></html>"), kinds{status, outcome, fault.ErrServer}, []string{"HTTP 502", "text/html", "SOAP envelope", "Bad Gateway"}},
		"page with doctype":      {raw(200, "text/html", "<!DOCTYPE html><html><body>Hello"), kinds{status, outcome}, []string{"HTTP 200", "text/html", "Hello"}},
		"text for XML, too busy": {raw(403, "text/xml", "slow down"), kinds{status}, []string{"HTTP 403", "slow down"}},
		"page for XML, failed":   {raw(502, "text/xml", "<!DOCTYPE html><html>"), kinds{status, outcome, fault.ErrServer}, []string{"HTTP 502"}},
		"page for XML":           {raw(200, "text/xml", "<html><body>Hello</body></html>"), kinds{status, outcome}, []string{"HTTP 200"}},
		"nothing":                {raw(200, soap, ""), kinds{status, outcome}, []string{"HTTP 200", "no readable text"}},
		"nothing at all":         {raw(204, "", ""), kinds{status, outcome}, []string{"HTTP 204", "no content type"}},
		"JSON":                   {raw(200, "application/json", `{"success":true}`), kinds{status, outcome}, []string{"application/json", "success"}},
		"refused by a gateway":   {raw(403, "text/html", "<html>Forbidden"), kinds{status}, []string{"HTTP 403", "proxy and firewall"}},
		"time-out of a proxy":    {raw(408, "text/html", "<html>Request Timeout"), kinds{status, outcome}, []string{"HTTP 408"}},
		"nginx lost patience":    {raw(499, "text/html", "<html>closed"), kinds{status, outcome}, []string{"HTTP 499"}},
		"half an envelope":       {raw(200, soap, good[:len(good)/2]), kinds{decode, outcome}, []string{"HTTP 200", "at byte"}},
		"a beginning":            {raw(200, soap, good[:60]), kinds{decode, outcome}, []string{"HTTP 200", "at byte"}},
		"DTD bomb":               {raw(200, soap, bomb), kinds{decode, outcome}, []string{"DTD"}},
		"another operation's":    {raw(200, soap, answerTo(gen.OperationByName("getTags"))), kinds{decode, outcome}, []string{"successGetTags", "successMergeLeads"}},
		"an answer on 500":       {raw(500, soap, answerTo(gen.OperationByName("mergeLeads"))), kinds{status, outcome}, []string{"HTTP 500"}},
		"UTF-16":                 {raw(200, soap, "\xff\xfe<\x00e\x00"), kinds{decode, outcome}, []string{"UTF-16"}},
		"announced too large":    {raw(200, soap, strings.Repeat(" ", 2<<20)), kinds{decode, outcome, ErrBodyTooLarge}, []string{"1048576", "WithMaxBody"}},
		"100 MB":                 {flood(100, false), kinds{decode, outcome, ErrBodyTooLarge}, []string{"1048576"}},
		"gzip bomb":              {flood(10, true), kinds{decode, outcome, ErrBodyTooLarge}, []string{"1048576"}},
		"gzip without end":       {emptyMembers, kinds{decode, outcome, ErrBodyTooLarge}, nil},
		"gzip that is none":      {gzipped(good), kinds{decode, outcome}, []string{"gzip"}},
		"gzip with a wrong sum":  {gzipped(spoilt(pack(good))), kinds{decode, outcome}, []string{"gzip"}},
		"gzip that breaks off":   {gzipped(pack(good)[:40]), kinds{io.ErrUnexpectedEOF, outcome}, []string{"broke off", "HTTP 200"}},
		"unknown encoding":       {withHeader("Content-Encoding", "br", raw(200, soap, good)), kinds{decode, outcome}, []string{`"br"`, "gzip"}},
		"redirect":               {withHeader("Location", "https://u:p@b.example.com/x?secret=1#s", raw(302, "", "")), kinds{status}, []string{`redirects to "https://b.example.com/x", and that was not followed`, "HTTP 302"}},
		"redirect to a session":  {withHeader("Location", "/login;jsessionid=0176853b", raw(301, "", "")), kinds{status}, []string{`.example.com/login", and that was not followed`}},
		"redirect without place": {raw(307, "", ""), kinds{status}, []string{"redirects to no address that can be read, and that was not followed", "HTTP 307"}},
		"redirect to nowhere":    {withHeader("Location", ":%", raw(308, "", "")), kinds{status}, []string{"redirects to no address that can be read, and", "HTTP 308"}},
		"GET to nowhere":         {withHeader("Location", "https://u:hidden@b.example.com/%zz?token=hidden", raw(302, "", "")), kinds{status}, []string{"redirects to no address that can be read, and", "HTTP 302"}},
		"other line":             {hangUp("SSH-2.0-OpenSSH_9.6\r\n"), kinds{outcome}, []string{"malformed HTTP"}},
		"endless headers":        {hangUp("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20)), kinds{outcome}, []string{"headers"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, test.reply)
			err := call(t.Context(), s.client(t, WithMaxBody(1<<20)), "mergeLeads")
			checkOpError(t, err, "mergeLeads", 1)
			for _, kind := range test.is {
				if !isKind(err, kind) {
					t.Errorf("expected %T %v in %v", kind, kind, err)
				}
			}
			for _, text := range test.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("expected %q in %v", text, err)
				}
			}
			if known := errors.Is(err, fault.ErrUnknownOutcome); known != isKind(outcomeOf(test.is), fault.ErrUnknownOutcome) {
				t.Errorf("unknown outcome %t: %v", known, err)
			}
		})
	}
}

func outcomeOf(is []error) error { return errors.Join(is...) }

func isKind(err, kind error) bool {
	var status *fault.StatusError
	var decode *fault.DecodeError
	switch {
	case errors.As(kind, &status):
		return errors.As(err, &status)
	case errors.As(kind, &decode):
		return errors.As(err, &decode)
	}
	return errors.Is(err, kind)
}

// spoilt changes the checksum at the end.
func spoilt(packed string) string {
	return packed[:len(packed)-8] + "\x00\x00\x00\x00" + packed[len(packed)-4:]
}

func TestAnswer_good(t *testing.T) {
	t.Parallel()
	doc := answerTo(gen.OperationByName("getLead"))
	for name, reply := range map[string]reply{
		"plain":                answer,
		"another content type": raw(200, "text/plain", doc),
		"no content type":      raw(200, "", doc),
		"gzip":                 withHeader("Content-Encoding", "gzip", raw(200, soap, pack(doc))),
		"gzip in two members":  withHeader("Content-Encoding", "GZIP", raw(200, soap, pack(doc[:100])+pack(doc[100:]))),
		"identity":             withHeader("Content-Encoding", "identity", raw(200, soap, doc)),
		"as large as allowed":  raw(200, soap, doc+strings.Repeat(" ", 1<<20-len(doc))),
		"without a length": func(w http.ResponseWriter, _ *exchange) {
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, doc)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, reply)
			c := s.client(t, WithMaxBody(1<<20))
			for range 3 { // pooled readers included
				if err := call(t.Context(), c, "getLead"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// What is announced as too large is not waited for.
func TestAnswer_announcedTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, func(w http.ResponseWriter, x *exchange) {
			w.Header().Set("Content-Length", "1001")
			w.(http.Flusher).Flush()
			<-x.gone
		})
		begin := time.Now()
		err := call(t.Context(), s.client(t, WithMaxBody(1000)), "getLead")
		if took := time.Since(begin); !errors.Is(err, ErrBodyTooLarge) || took != 0 {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

// endingBody is a body that ends its context at some byte, and then goes on.
type endingBody struct {
	io.Reader
	left int
	end  context.CancelFunc
}

func (e *endingBody) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if e.left -= n; e.left <= 0 {
		e.end()
		if err == nil && e.left == 0 {
			err = io.EOF // no other Read comes between the body and its document
		}
	}
	return n, err
}

func (e *endingBody) Close() error { return nil }

// A bomb is not unpacked, and a document not read, for somebody who does not wait for it.
func TestReceive_stopsWithItsContext(t *testing.T) {
	t.Parallel()
	s := start(t, raw(200, soap, ""))
	c := s.client(t)
	bomb := strings.Repeat(pack(strings.Repeat(" ", 1<<20)), 40)
	empty := strings.Repeat(pack(""), 10_000)
	document := strings.Replace(answerTo(gen.OperationByName("syncLead")), "<result>", "<result>"+strings.Repeat("<a/>", 100_000), 1)
	for name, test := range map[string]struct {
		body, encoding string
		at             int
	}{
		"bomb": {bomb, "gzip", 100}, "empty members": {empty, "gzip", 100}, "document": {document, "", len(document)},
	} {
		for _, own := range []bool{false, true} { // the caller's context, or the time of the attempt
			ctx, end := context.WithCancel(t.Context())
			limited, endAttempt := context.WithCancel(ctx)
			body := &endingBody{Reader: strings.NewReader(test.body), left: test.at, end: end}
			if own {
				body.end = endAttempt
			}
			op := gen.OperationByName("syncLead")
			call := &Call{Spec: SpecOf(op, op.NewInput()), Res: op.NewOutput()}
			resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {soap}, "Content-Encoding": {test.encoding}}, Body: body, ContentLength: -1}
			got := httpcall.Response{HTTP: resp}
			got.Doc, got.Err = httpcall.ReadBody(limited, resp, c.maxBody)
			f := c.receive(ctx, limited, call, c.stamp(new(series)), got)
			if f == nil || !f.Maybe || f.Retry || errors.Is(f.Err, context.Canceled) == own || errors.Is(f.Err, os.ErrDeadlineExceeded) != own {
				t.Errorf("%s, the attempt's own end %t: %+v", name, own, f)
			}
			if left := body.Reader.(*strings.Reader).Len(); name != "document" && left < len(test.body)-64<<10 {
				t.Errorf("%s: all but %d of %d bytes were read", name, left, len(test.body))
			}
			end()
			endAttempt()
		}
	}
}

// Shapes that would cost much time are refused, with the bound and the place.
func TestAnswer_hostileShapes(t *testing.T) {
	t.Parallel()
	var attributes strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&attributes, " a%d=''", i)
	}
	good := answerTo(gen.OperationByName("getLead"))
	for new, want := range map[string]string{
		"<result" + attributes.String() + ">": "more than 256 attributes (in SOAP-ENV:Envelope/SOAP-ENV:Body/ns1:successGetLead/result",
		strings.Repeat("<result>", 1000):      "nested more than 256 deep",
	} {
		err := call(t.Context(), start(t, raw(200, soap, strings.Replace(good, "<result>", new, 1))).client(t, WithoutRetry()), "getLead")
		var broken *fault.DecodeError
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestAnswer_errorTellsThePlace(t *testing.T) {
	t.Parallel()
	doc := answerTo(gen.OperationByName("getLead"))
	at := strings.Index(doc, "</SOAP-ENV:Body>")
	doc = doc[:at] + strings.Repeat(" ", 10_000) + "<wrong>" + strings.Repeat(" ", 10_000) + doc[at:]
	s := start(t, raw(200, soap, doc))
	err := call(t.Context(), s.client(t), "getLead")
	var broken *fault.DecodeError
	if !errors.As(err, &broken) {
		t.Fatalf("error %v", err)
	}
	if want := int64(at + 10_000); broken.Offset < want || broken.Offset > want+8 || !strings.Contains(string(broken.Snapshot), "<wrong>") {
		t.Errorf("offset %d, expected about %d; snapshot %q", broken.Offset, want, broken.Snapshot)
	}
}

// What every operation does in every one of these cases.
func TestAllOperations(t *testing.T) {
	t.Parallel()
	for _, op := range gen.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			t.Run("success", func(t *testing.T) { t.Parallel(); succeeds(t, op) })
			t.Run("cancelled", func(t *testing.T) { t.Parallel(); cancelled(t, op) })
			t.Run("faults", func(t *testing.T) { t.Parallel(); faults(t, op) })
			t.Run("no SOAP", func(t *testing.T) { t.Parallel(); noSOAP(t, op) })
		})
	}
}

func succeeds(t *testing.T, op *gen.Operation) {
	s := start(t, answer)
	out, err := op.Call(gen.WithMktowsContext(t.Context(), gen.MktowsContextHeaderInfo{TargetWorkspace: "Europe"}),
		s.client(t), requestOf(op))
	if err != nil || out.ElementName() != op.Output {
		t.Fatalf("answer %v, error %v", out, err)
	}
	x := s.requests()[0]
	if x.op != op || x.stamp.MktowsUserId != userID {
		t.Errorf("the service got a %s of %s", x.op.Name, x.stamp.MktowsUserId)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/xml; charset=utf-8", "Soapaction": `"` + op.SOAPAction + `"`,
		"User-Agent": "mktows-go", "Accept-Encoding": "gzip",
	} {
		if got := x.header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("header %s: %q, expected %q", name, got, want)
		}
	}
	if got := x.workspace != nil && x.workspace.TargetWorkspace == "Europe"; got != op.TakesContext() {
		t.Errorf("header for a workspace: %v", x.workspace)
	}
}

func cancelled(t *testing.T, op *gen.Operation) {
	s := start(t, answer)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, err := op.Call(ctx, s.client(t, WithLimits(Limits{})), requestOf(op))
	checkOpError(t, err, op.Name, 0)
	if !errors.Is(err, context.Canceled) || len(s.requests()) != 0 {
		t.Errorf("answer %v, error %v", out, err)
	}
}

func faults(t *testing.T, op *gen.Operation) {
	for _, code := range fault.Codes() {
		for _, status := range []int{500, 200} {
			s := start(t, refuse(status, code))
			err := call(t.Context(), s.client(t, WithoutRetry()), op.Name)
			checkOpError(t, err, op.Name, 1)
			var f *fault.Fault
			if !errors.As(err, &f) || f.HTTPStatus != status || !errors.Is(err, code) || !errors.Is(err, code.Class()) {
				t.Errorf("HTTP %d, code %v: %v", status, code, err)
			}
			var denied *fault.AuthenticationError
			if errors.As(err, &denied) != errors.Is(code, fault.ErrAuth) || denied != nil && denied.UserID != userID {
				t.Errorf("code %v: %v", code, err)
			}
			unknown := errors.Is(code, fault.ErrServer) && SpecOf(op, requestOf(op)).Safety != fault.ReadOnly
			if errors.Is(err, fault.ErrUnknownOutcome) != unknown {
				t.Errorf("code %v: unknown outcome %t: %v", code, !unknown, err)
			}
		}
	}
}

func noSOAP(t *testing.T, op *gen.Operation) {
	doc := answerTo(op)
	for name, reply := range map[string]reply{
		"page":        raw(502, "text/html", "<html>Bad Gateway"),
		"empty":       raw(200, soap, ""),
		"half":        raw(200, soap, doc[:len(doc)-30]),
		"broken off":  hangUp("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + doc[:100]),
		"bomb":        raw(200, soap, bomb),
		"lost":        hangUp(""),
		"other":       raw(200, soap, strings.ReplaceAll(doc, op.Output, "successNothing")),
		"redirect":    withHeader("Location", "/elsewhere", raw(301, "", "")),
		"over bounds": raw(200, soap, strings.Repeat(" ", 3000)),
	} {
		s := start(t, reply)
		err := call(t.Context(), s.client(t, WithoutRetry(), WithMaxBody(2000)), op.Name)
		checkOpError(t, err, op.Name, 1)
		if fault.FromServer(err) {
			t.Errorf("%s: the service said so: %v", name, err)
		}
		unknown := name != "redirect" && SpecOf(op, requestOf(op)).Safety != fault.ReadOnly
		if errors.Is(err, fault.ErrUnknownOutcome) != unknown {
			t.Errorf("%s: unknown outcome %t: %v", name, !unknown, err)
		}
	}
}

// A server or a proxy may send back what it got. Nothing of that comes out.
func TestSecrets_areNotShown(t *testing.T) {
	t.Parallel()
	echo := func(status int, contentType, format string) reply {
		return func(w http.ResponseWriter, x *exchange) {
			raw(status, contentType, fmt.Sprintf(format, x.body, x.stamp.RequestSignature, key))(w, x)
		}
	}
	for name, reply := range map[string]reply{
		"page": echo(500, "text/html", "<html>You sent %s signed with %s</html><!-- %.0s -->"),
		"escaped": func(w http.ResponseWriter, x *exchange) {
			raw(200, "text/html", strings.ReplaceAll(x.body, "<", "&lt;"))(w, x)
		},
		"the request":         echo(200, soap, "%[1]s"),
		"fault":               echo(500, soap, strings.ReplaceAll(proxyFault, "back end timed out", "signature %[2]s<!--%.0[1]s%.0[3]s-->")),
		"broken":              echo(200, soap, "<x>%[2]s<y a='%[2]s'><!-- %.0[1]s%.0[3]s -->"),
		"a value":             echo(200, soap, fmt.Sprintf(countOf, "%[2]s<!--%.0[1]s%.0[3]s-->")),
		"a value that is cut": echo(200, soap, fmt.Sprintf(countOf, strings.Repeat("x", 40)+"%[2]s<!--%.0[1]s%.0[3]s-->")),
		"a tag":               echo(200, soap, "<%[2]s><!--%.0[1]s%.0[3]s--></x>"),
		"redirect": func(w http.ResponseWriter, x *exchange) {
			withHeader("Location", "https://a.example.com/"+x.stamp.RequestSignature+"?signature="+x.stamp.RequestSignature, raw(302, "", ""))(w, x)
		},
		"content type": func(w http.ResponseWriter, x *exchange) { raw(200, "text/html; x="+x.stamp.RequestSignature, "")(w, x) },
		"capitals": func(w http.ResponseWriter, x *exchange) {
			raw(500, soap, strings.ReplaceAll(proxyFault, "back end", strings.ToUpper(x.stamp.RequestSignature)))(w, x)
		},
		"capitals, redirect": func(w http.ResponseWriter, x *exchange) {
			withHeader("Location", "/"+strings.ToUpper(x.stamp.RequestSignature), raw(302, "", ""))(w, x)
		},
		"capitals, content type": func(w http.ResponseWriter, x *exchange) {
			raw(200, "text/html; x="+strings.ToUpper(x.stamp.RequestSignature), "")(w, x)
		},
		"no HTTP": func(w http.ResponseWriter, x *exchange) {
			hangUp(strings.ToUpper(x.stamp.RequestSignature)+"\r\n")(w, x) // net/http quotes a line without spaces
		},
		"lost":    hangUp(""),
		"refused": refuse(500, fault.CodeAuthenticationFailed),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			s := start(t, reply)
			c := s.client(t, WithRetry(RetryPolicy{MaxAttempts: 2, MaxWait: 1}),
				WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			err := call(t.Context(), c, "getLead")
			shown := fmt.Sprintf("%v %+v %s %q\n%v %+v %#v %s", err, err, err, err, c, c, c, log.String())
			for level := range tree(err) {
				shown += fmt.Sprintf("%v %+v %#v", level, level, level)
			}
			var f *fault.Fault
			var status *fault.StatusError
			if errors.As(err, &f) { // without its methods, as a struct that holds one prints it
				shown += fmt.Sprintf("%#v %+v", *f, *f)
			}
			if errors.As(err, &status) {
				shown += fmt.Sprintf("%q %#v", status.Snippet, *status)
			}
			shown = strings.ToLower(shown)
			for _, x := range s.requests() {
				for _, secret := range []string{x.stamp.RequestSignature[:20], x.stamp.RequestSignature[8:], key} {
					if strings.Contains(shown, secret) {
						t.Errorf("%q is shown in %s", secret, shown)
					}
				}
			}
			if err == nil || log.Len() == 0 {
				t.Errorf("error %v, log %q", err, log.String())
			}
		})
	}
}

// countOf is an answer to getLead with a count that is none.
const countOf = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><m:successGetLead xmlns:m="http://www.marketo.com/mktows/">` +
	`<result><count>%s</count></result></m:successGetLead></e:Body></e:Envelope>`

// tree yields an error and all that it unwraps to.
func tree(err error) iter.Seq[error] {
	return func(yield func(error) bool) {
		for todo := []error{err}; len(todo) > 0; {
			level := todo[0]
			todo = todo[1:]
			if level == nil || !yield(level) {
				return
			}
			switch inner := level.(type) {
			case interface{ Unwrap() []error }:
				todo = append(todo, inner.Unwrap()...)
			case interface{ Unwrap() error }:
				if next := inner.Unwrap(); next != nil {
					todo = append(todo, next)
				}
			}
		}
	}
}
