package secureaccess

import (
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"
)

// What an [Authenticate] hook answers when it does not name a user. Both may be
// wrapped; their text and that of their wrapping stay on the server.
var (
	// ErrUnauthenticated means nobody is logged in: 401.
	ErrUnauthenticated = errors.New("secureaccess: the request is not authenticated")
	// ErrForbidden means somebody is, who may not have a signature: 403.
	ErrForbidden = errors.New("secureaccess: the user may not have a signature")
)

// Authenticate names the email of the user who sent r, after checking the session,
// token or certificate that r carries. It decides for whom the endpoint signs, so the
// email must come from that check and not from r's own claims. It returns
// [ErrUnauthenticated] or [ErrForbidden] to refuse; any other error is a 500 whose text
// is logged and not sent. It is called concurrently and must leave r.Body unread, unless
// by r.ParseForm.
type Authenticate func(r *http.Request) (email string, err error)

// Handler is the endpoint. A POST with deviceId, and optionally email, as JSON or as a
// form, is answered with a [SecuritySignature] for the authenticated user:
//
//	200  the signature
//	400  invalid_request         the body is malformed, or deviceId is missing or unfit
//	401  unauthenticated         the hook returned ErrUnauthenticated
//	403  cross_site              a page of another site sent the form: see WithTrustedOrigins
//	403  forbidden               the hook returned ErrForbidden
//	403  wrong_email             the request names another than the authenticated user
//	405  method_not_allowed
//	413  body_too_large          more than 8 KiB
//	415  unsupported_media_type  neither application/json nor a URL-encoded form, in UTF-8
//	429  rate_limited            Retry-After says after how many seconds to come again
//	500  internal_error          the hook failed: see the log
//
// Everything but 200 has the body {"error":{"code":"…","message":"…"}}. No answer may be
// cached. A request may leave email out; if it is there it has to be the authenticated
// one, upper and lower case of A to Z being the same and everything else compared byte
// for byte. Signed and returned is always the authenticated spelling. Members of the
// JSON object other than these two are ignored, since apps add their own, while a member
// given twice or anything after the object is refused.
//
// A form that a page of another origin makes a browser send, with the cookie of a user who
// is logged in here, is refused: the browser says so in Sec-Fetch-Site or Origin. Apps
// send neither.
//
// A GET of a path that ends in /openapi.json is answered with the description of the
// endpoint, which [OpenAPI] makes: mount the handler there too, below its own path, if
// clients are to find it. Anybody may read it.
//
// The handler bounds what it reads, not how long it waits: set ReadTimeout on the
// [http.Server], and serve HTTPS.
type Handler struct {
	signer        *Signer
	authenticate  Authenticate
	byAddress     *limiter
	byEmail       *limiter
	clientAddress func(*http.Request) string
	checkDeviceID func(string) error
	crossOrigin   *http.CrossOriginProtection
	log           *slog.Logger
}

var _ http.Handler = (*Handler)(nil)

// NewHandler makes the endpoint. It signs for nobody by default: without a hook there is
// an error and no handler. It reports all mistakes at once.
func NewHandler(signer *Signer, authenticate Authenticate, opts ...HandlerOption) (*Handler, error) {
	c := defaultConfig()
	var errs []error
	if signer == nil {
		errs = append(errs, errors.New("secureaccess: NewHandler: the signer is nil: make one with NewSigner"))
	}
	if authenticate == nil {
		errs = append(errs, errors.New("secureaccess: NewHandler: the Authenticate hook is nil: without one the endpoint would sign for anybody"))
	}
	for _, opt := range opts {
		errs = append(errs, opt(c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Handler{
		signer:        signer,
		authenticate:  authenticate,
		byAddress:     newLimiter(c.byAddress, c.maxClients),
		byEmail:       newLimiter(c.byEmail, c.maxClients),
		clientAddress: c.clientAddress,
		checkDeviceID: c.checkDeviceID,
		crossOrigin:   c.crossOrigin,
		log:           c.log,
	}, nil
}

// ServeHTTP answers one request as the type's documentation says.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if path, ok := strings.CutSuffix(r.URL.EscapedPath(), descriptionPath); ok && reads {
		h.describe(w, r, path)
		return
	}
	sig, err := h.sign(w, r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.log.DebugContext(r.Context(), "secure access: signed", "timestamp", sig.Timestamp)
	h.write(w, r, http.StatusOK, sig)
}

// sign goes from the cheapest check to the dearest, and tells a stranger nothing about
// the form of a good request.
func (h *Handler) sign(w http.ResponseWriter, r *http.Request) (SecuritySignature, error) {
	if r.Method != http.MethodPost {
		return SecuritySignature{}, errMethod
	}
	if isForm(r) && h.crossOrigin.Check(r) != nil {
		return SecuritySignature{}, errCrossSite
	}
	now := h.signer.now()
	if err := limited(h.byAddress.take(network(h.clientAddress(r)), now)); err != nil {
		return SecuritySignature{}, err
	}
	body := readBody(w, r) // before the hook, which may parse the form
	email, err := h.user(r)
	if err != nil {
		return SecuritySignature{}, err
	}
	if err := limited(h.byEmail.take(lowerASCII(email), now)); err != nil {
		return SecuritySignature{}, err
	}
	req, err := body.read(r)
	if err != nil {
		return SecuritySignature{}, err
	}
	return h.signFor(email, req)
}

// isForm reports whether a browser sends the request for a page of any site, with the
// user's cookies, before it asks this server. For JSON it asks first, and no site is
// allowed unless the program around this handler allows it (Fetch standard, CORS).
func isForm(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err != nil || mediaType != "application/json"
}

// user asks the hook, and does not trust it with an email that cannot be signed.
func (h *Handler) user(r *http.Request) (string, error) {
	email, err := h.authenticate(r)
	switch {
	case errors.Is(err, ErrUnauthenticated):
		return "", errUnauthenticated
	case errors.Is(err, ErrForbidden):
		return "", errForbidden
	case err != nil:
		return "", internal(err)
	}
	if err := checkEmail(email); err != nil {
		return "", internal(fmt.Errorf("what the Authenticate hook returned: %w", err))
	}
	return email, nil
}

func (h *Handler) signFor(email string, req request) (SecuritySignature, error) {
	if req.email != nil && lowerASCII(*req.email) != lowerASCII(email) {
		return SecuritySignature{}, errWrongEmail
	}
	if err := checkDeviceID(req.deviceID); err != nil {
		return SecuritySignature{}, invalid(deviceIDMember + " " + err.Problem)
	}
	if h.checkDeviceID(req.deviceID) != nil {
		return SecuritySignature{}, invalid(deviceIDMember + " is not of the form that this app's devices have: send what the SDK's getDeviceId returns")
	}
	return h.signer.Sign(email, req.deviceID)
}

func limited(wait time.Duration) error {
	if wait > 0 {
		return tooMany(wait)
	}
	return nil
}
