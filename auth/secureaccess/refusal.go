package secureaccess

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// refusal is an answer other than a signature. Code and message go to the client, the
// cause to the log.
type refusal struct {
	status        int
	code, message string
	header, value string // one more header, if any
	cause         error
}

func (e *refusal) Error() string { return "secureaccess: " + e.message }

var (
	errMethod = &refusal{status: http.StatusMethodNotAllowed, code: "method_not_allowed",
		message: "use POST", header: "Allow", value: http.MethodPost}
	// RFC 6750, 3, asks for at least one parameter after the scheme.
	errUnauthenticated = &refusal{status: http.StatusUnauthorized, code: "unauthenticated",
		message: "log in first", header: "WWW-Authenticate", value: `Bearer realm="secure access"`}
	errCrossSite = &refusal{status: http.StatusForbidden, code: "cross_site",
		message: "the form comes from a page of another origin: send it from the app or from this site"}
	errForbidden = &refusal{status: http.StatusForbidden, code: "forbidden",
		message: "this user may not have a signature"}
	errWrongEmail = &refusal{status: http.StatusForbidden, code: "wrong_email",
		message: "email is not the logged-in user's: send that one or leave it out"}
	errMediaType = &refusal{status: http.StatusUnsupportedMediaType, code: "unsupported_media_type",
		message: "send application/json or application/x-www-form-urlencoded, in UTF-8"}
	errTooLarge = &refusal{status: http.StatusRequestEntityTooLarge, code: "body_too_large",
		message: "the body is larger than " + strconv.Itoa(maxBody) + " bytes"}
	errNotAnObject = invalid(`the body is not a JSON object such as {"deviceId":"…"}`)
	errUnreadable  = invalid("the body could not be read to its end as what its Content-Type says")
)

func invalid(message string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "invalid_request", message: message}
}

func internal(cause error) *refusal {
	return &refusal{status: http.StatusInternalServerError, code: "internal_error",
		message: "the server failed: try again later", cause: cause}
}

func tooMany(wait time.Duration) *refusal {
	seconds := strconv.FormatFloat(math.Ceil(wait.Seconds()), 'f', 0, 64)
	return &refusal{status: http.StatusTooManyRequests, code: "rate_limited",
		message: "too many requests: try again in " + seconds + " s", header: "Retry-After", value: seconds}
}

// bodyError keeps the text of lower layers, which may quote the body, from the client.
func bodyError(err error) error {
	var known *refusal
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &tooLarge):
		return errTooLarge
	}
	return errUnreadable
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		no = internal(err)
	}
	h.logRefusal(r, no)
	if no.header != "" {
		w.Header().Set(no.header, no.value)
	}
	type body struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	h.write(w, r, no.status, map[string]body{"error": {no.code, no.message}})
}

func (h *Handler) logRefusal(r *http.Request, no *refusal) {
	log := h.log.With("status", no.status, "code", no.code)
	switch {
	case no.cause == nil:
		log.InfoContext(r.Context(), "secure access: refused")
	case r.Context().Err() != nil: // the app hung up, and the hook's database call with it
		log.InfoContext(r.Context(), "secure access: the client went away")
	default:
		log.ErrorContext(r.Context(), "secure access: failed", "error", withoutCredentials(r, no.cause.Error()))
	}
}

// write sends an answer that nobody on the way may keep or take for something else.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, status int, answer any) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		h.log.DebugContext(r.Context(), "secure access: the client went away", "error", err)
	}
}

// withoutCredentials removes credentials from a hook's error, which may have quoted them: the error of a failed look-up of
// a token often contains the URL, and the URL the token.
func withoutCredentials(r *http.Request, text string) string {
	var secrets []string
	for _, value := range r.Header.Values("Authorization") {
		_, credentials, _ := strings.Cut(value, " ")
		secrets = append(secrets, strings.TrimSpace(credentials))
	}
	for _, cookie := range r.Cookies() {
		secrets = append(secrets, cookie.Value)
	}
	for _, s := range secrets {
		if len(s) < 8 { // "1" is no secret, and would leave nothing readable
			continue
		}
		text = strings.ReplaceAll(text, s, auth.Secret{}.String())
		text = strings.ReplaceAll(text, url.QueryEscape(s), auth.Secret{}.String())
	}
	return text
}
