package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// call is one call on its way through the server.
type call struct {
	*Server
	exchange Exchange

	request   *envelope.Request
	op        *gen.Operation
	guest     *guest
	proved    bool   // it is known who calls
	tooMany   bool   // calls without a right signature have come from its address
	doc       string // as it came
	signature string // never shown
	reason    string // why authentication failed, for the log
	behind    behind // calls that the port has made
}

// serveCall answers a POST.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, v gen.Version) {
	c := &call{Server: s}
	c.exchange.Time, c.exchange.Version = s.now(), v
	if s.proof.on {
		c.exchange.Address = AddressOf(r.RemoteAddr)
	}
	var err error
	c.guest, err = s.lobby.enter(c.exchange.Address, c.exchange.Time, func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now()) // else it is cut when it goes on
	})
	defer c.guest.leave()
	var doc string
	if err == nil {
		doc, err = c.readBody(w, r)
		c.doc = doc
	}
	var answer reply
	if err == nil {
		answer, err = c.answer(r.Context(), doc)
	}
	if err != nil {
		answer = c.refuse(err)
	}
	c.tooMany = !c.proved && c.noteUnproven(r.Context())
	c.record(r.Context(), answer)
	s.sender.Send(w, r, answer.answer())
	if answer.pooled {
		s.keepBuffer(answer.body)
	}
}

// answer takes a document through all steps. The error is the refusal of one of them:
// a fault or an internalError. A place in the limits is given back before the answer
// is sent: who has it may call again at once.
func (c *call) answer(ctx context.Context, doc string) (reply, error) {
	if err := c.open(ctx, doc); err != nil {
		return reply{}, err
	}
	if err := c.authenticateUser(ctx); err != nil {
		return reply{}, err
	}
	pass, refused := c.gates.Enter(c.exchange.UserID, c.exchange.Time)
	if refused != nil {
		return reply{}, limitFault(c.gates.Limits, refused)
	}
	defer pass.Leave()
	if err := c.readInput(); err != nil {
		return reply{}, err
	}
	rule, acts := c.rules.Pick(c.exchange.Operation, c.snapshot)
	c.exchange.Scripted, c.exchange.Drop = acts, rule.Drop
	return c.follow(ctx, rule)
}

// open reads the document up to the element in its body.
func (c *call) open(ctx context.Context, doc string) (err error) {
	c.doc = doc
	if c.repair {
		doc, c.exchange.Repaired = repair(doc)
		c.repaired.Add(int64(c.exchange.Repaired))
	}
	err = c.openHeader(ctx, doc)
	c.notePassed()
	if err != nil {
		return requestFault(err)
	}
	c.op = gen.OperationByInput(c.request.Element)
	if c.op != nil && c.request.Space == soapxml.Namespace {
		c.exchange.Operation = c.op.Name
	}
	return nil
}

// openHeader reads the header.
func (c *call) openHeader(ctx context.Context, doc string) (err error) {
	c.request, err = envelope.OpenRequest(ctx, doc)
	if c.request != nil {
		trimHeaders(c.request.Authentication, c.request.Context)
	}
	if c.request != nil && c.request.Authentication != nil {
		c.signature = c.request.Authentication.RequestSignature
	}
	return err
}

// notePassed notes what the reader has passed over. A name may be any text, the signature's
// too.
func (c *call) notePassed() {
	if c.request == nil {
		return
	}
	c.exchange.Passed = nil
	for _, name := range c.request.Passed() {
		c.exchange.Passed = append(c.exchange.Passed, string(redact([]byte(name), c.signature)))
	}
}

func (c *call) authenticateUser(ctx context.Context) error {
	refused, reason := c.authenticate(ctx, c.request.Authentication, c.exchange.Time)
	if refused != nil {
		c.reason = string(hideDigests([]byte(reason)))
		c.exchange.Refused, c.exchange.Signed = c.reason, c.signed()
		return refused
	}
	c.proved = true
	c.guest.leave()
	if c.lookup != nil {
		c.exchange.UserID = c.request.Authentication.MktowsUserId
	}
	return nil
}

// maxSigned is how much is kept of the text that a caller should have signed, in bytes: usual ones have about fifty.
const maxSigned = 512

// signed is the text whose signature is expected (Marketo SOAP API, authentication signature). It shows no signature, as a caller may
// have put one into the wrong field.
func (c *call) signed() string {
	h := c.request.Authentication
	if h == nil {
		return ""
	}
	text := string(hideDigests([]byte(h.RequestTimestamp + h.MktowsUserId)))
	if len(c.signature) >= minSignature {
		text = auth.HideSignature(text, c.signature)
	}
	return strings.ToValidUTF8(text[:min(len(text), maxSigned)], "")
}

// readInput reads the element in the body.
func (c *call) readInput() error {
	switch {
	case c.request.Space != soapxml.Namespace:
		return fault.Newf(fault.CodeRequestNotUnderstood, "the body holds %.100q in the namespace %.100q, expected a request in %s",
			c.request.Element, c.request.Space, soapxml.Namespace)
	case c.op == nil:
		return fault.Newf(fault.CodeUnsupportedOperation, "the body holds %.100q, which is the request of no operation", c.request.Element)
	}
	in := c.op.NewInput()
	err := c.request.Read(in)
	c.notePassed()
	if err != nil {
		return requestFault(err)
	}
	trimRequest(in)
	c.exchange.Request = in
	c.exchange.Context = c.request.Context
	return nil
}

// follow does what the rule says, and calls the port unless the rule answers for it.
func (c *call) follow(ctx context.Context, rule Rule) (reply, error) {
	if rule.Delay > 0 {
		if err := c.sleep(ctx, rule.Delay); err != nil {
			return reply{}, &internalError{what: "the delay of a rule was cut short", err: err}
		}
	}
	var answer reply
	switch {
	case rule.Drop == DropBeforeWork:
	case rule.Answers():
		answer, c.exchange.Fault = scripted(rule)
	default:
		var err error
		if answer, err = c.work(ctx); err != nil {
			answer = c.refuse(passedOver(err, c.exchange.Passed))
		}
	}
	answer.drop = rule.Drop
	return answer, nil
}

type userKey struct{}

// UserID returns the id of the user whose call it is, for a port that serves several users: ctx is what the port was called with.
// It is empty where nobody has to authenticate.
func UserID(ctx context.Context) string {
	id, _ := ctx.Value(userKey{}).(string)
	return id
}

// work calls the port and encodes its answer, whole or not at all. Whatever panics on
// the way is an error: one bad answer must not end the server.
func (c *call) work(ctx context.Context) (answer reply, err error) {
	defer func() {
		if value := recover(); value != nil {
			answer, err = reply{}, panicError(value, debug.Stack())
		}
	}()
	ctx = context.WithValue(ctx, userKey{}, c.exchange.UserID)
	if c.journal != nil {
		ctx = context.WithValue(ctx, behindKey{}, &c.behind)
	}
	if h := c.exchange.Context; h != nil && c.op.TakesContext() {
		ctx = gen.WithMktowsContext(ctx, *h)
	}
	out, err := c.op.Call(ctx, c.port, c.exchange.Request)
	if err != nil {
		return reply{}, err
	}
	c.exchange.Response = out
	doc, err := envelope.AppendResponse(c.buffer(), c.exchange.Version, out)
	if err != nil {
		return reply{}, &internalError{what: "the port's answer cannot be encoded", err: err}
	}
	answer = envelopeReply(http.StatusOK, doc)
	answer.pooled = true
	return answer, nil
}

// refuse returns the reply for an error: an envelope with a fault, or plain HTTP.
func (c *call) refuse(err error) reply {
	var plain *httpError
	if errors.As(err, &plain) {
		c.exchange.Err = plain
		return textReply(plain.status, plain.header, plain.text)
	}
	f, internal := portFault(err)
	f = withoutDigests(f)
	switch {
	case internal != nil:
		c.exchange.Err = internal
	case errors.Is(err, ErrCutOff):
		c.exchange.Err = err
	}
	c.exchange.Fault = f
	return envelopeReply(http.StatusInternalServerError, envelope.AppendFault(nil, f))
}

// record gives the exchange to log and journal.
func (c *call) record(ctx context.Context, answer reply) {
	e := &c.exchange
	e.Duration = c.now().Sub(e.Time)
	if answer.drop == NoDrop || answer.drop == DropHalfAnswer {
		e.Status = answer.status
	}
	if c.observe != nil {
		c.observe(ctx, *e, Size{Request: len(c.doc), Response: len(answer.answer().Sent())})
	}
	if c.tooMany {
		return
	}
	c.logCall(ctx)
	if c.journal != nil {
		full := c.snapshot()
		full.Calls = c.behind.list()
		full.RawResponse = redact(bytes.Clone(answer.answer().Sent()), c.signature)
		c.journal(full)
	}
}

// snapshot returns the exchange as far as it has got, with the document.
func (c *call) snapshot() Exchange {
	e := c.exchange
	e.RawRequest = redact([]byte(c.doc), c.signature)
	return e
}

func (c *call) logCall(ctx context.Context) {
	e := &c.exchange
	attrs := []slog.Attr{
		slog.String("op", e.Operation), slog.String("version", e.Version.String()), slog.String("user", e.UserID),
		slog.Int("status", e.Status), slog.Duration("duration", e.Duration),
	}
	if e.Fault != nil {
		attrs = append(attrs, slog.Int("fault", int(e.Fault.Code)))
	}
	if len(e.Passed) > 0 {
		attrs = append(attrs, slog.Any("passed_over", e.Passed))
	}
	if c.reason != "" {
		attrs = append(attrs, slog.String("reason", c.reason))
	}
	if e.Scripted {
		attrs = append(attrs, slog.Bool("scripted", true), slog.String("drop", e.Drop.String()))
	}
	c.log.LogAttrs(ctx, slog.LevelInfo, "call", attrs...)
	var internal *internalError
	// A caller that has gone away is no failure of the server.
	if errors.As(e.Err, &internal) && ctx.Err() == nil {
		c.log.LogAttrs(ctx, slog.LevelError, internal.what, slog.String("op", e.Operation),
			slog.Any("error", internal.err), slog.String("stack", string(internal.stack)))
	}
}
