package rest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// identityPath is where tokens are given out (Marketo REST API, authentication).
const identityPath = "/identity/oauth/token"

// tokenLife is how long a token is good (Marketo REST API, authentication).
const tokenLife = time.Hour

// token lets a client in until it expires.
type token struct {
	text, client string
	expires      time.Time
	before       string // the one that the client had before
}

// tokens holds the tokens of clients: the latest of each, and the one before if nobody has been
// told yet that it has expired.
type tokens struct {
	life time.Duration

	mu       sync.Mutex
	byClient map[string]*token
	byText   map[string]*token
}

// give returns the token of a client: the same one until it has expired.
func (t *tokens) give(client string, now time.Time) token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byText == nil {
		t.byClient, t.byText = make(map[string]*token), make(map[string]*token)
	}
	if latest := t.byClient[client]; latest != nil && now.Before(latest.expires) && t.byText[latest.text] != nil {
		return *latest
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	made := &token{text: fmt.Sprintf("%x-%x-%x-%x-%x:sim", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]), client: client, expires: now.Add(t.life)}
	if latest := t.byClient[client]; latest != nil {
		delete(t.byText, latest.before) // nobody was told of it in a token's life
		made.before = latest.text
	}
	t.byClient[client], t.byText[made.text] = made, made
	return *made
}

// check returns the client of a token. The first use of one that has expired is 602, later ones
// are 601 (Marketo's blog on the REST API).
func (t *tokens) check(text string, now time.Time) (client string, refused *problem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.byText[text]
	switch {
	case found == nil:
		return "", refusal(codeTokenInvalid)
	case !now.Before(found.expires):
		delete(t.byText, text)
		return "", refusal(codeTokenExpired)
	}
	return found.client, nil
}

// authorize lets a call in that has the header "Authorization: Bearer" and a token. Without the
// header it is 603: the service sends that in place of 600 since 2022.
func (c *call) authorize() *problem {
	kind, text, _ := strings.Cut(c.http.Header.Get("Authorization"), " ")
	if kind == "" && c.settings.Quirks.QueryToken {
		kind, text = "Bearer", c.http.URL.Query().Get("access_token")
	}
	switch {
	case kind == "" || text == "":
		return refusal(codeDenied)
	case !strings.EqualFold(kind, "Bearer"):
		return refusal(codeTokenInvalid)
	}
	var refused *problem
	c.user, refused = c.tokens.check(strings.TrimSpace(text), c.exchange.Time)
	if _, known := c.settings.clients[c.user]; refused == nil && !known {
		return refusal(codeTokenInvalid)
	}
	return refused
}

// grant is what Identity answers.
type grant struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // what is left, in seconds
	Scope       string `json:"scope"`
}

// oauthError is Identity's refusal, with HTTP status 401.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// identity answers a request for a token, by query or by form. It does not count within the
// limits.
func (c *call) identity(ctx context.Context) *reply {
	if c.http.Method != http.MethodGet && c.http.Method != http.MethodPost {
		return c.fail(refusal(codeMethod))
	}
	c.exchange.Operation = c.http.Method + " " + identityPath
	c.op = &operation{method: c.http.Method, path: identityPath, takes: takesForm}
	if c.http.Method == http.MethodGet {
		c.op.takes = takesNothing
	}
	if err := c.read(); err != nil {
		return c.fail(err)
	}
	return c.follow(ctx, c.grant)
}

// grant checks a client and gives it its token. The description of a refusal repeats the id of
// the client, as the service's does.
func (c *call) grant() *reply {
	id := c.params.Get("client_id")
	client, known := c.settings.clients[id]
	switch {
	case c.params.Get("grant_type") != "client_credentials":
		return jsonReply(http.StatusUnauthorized, oauthError{"unsupported_grant_type", "Unsupported grant type: " + clip(c.params.Get("grant_type"))})
	case !known:
		return jsonReply(http.StatusUnauthorized, oauthError{"unauthorized", "No client with requested id: " + clip(id)})
	case !client.Secret.Equal(auth.NewSecret(c.params.Get("client_secret"))):
		return jsonReply(http.StatusUnauthorized, oauthError{"unauthorized", "Bad client credentials"})
	}
	c.exchange.UserID = id
	given := c.tokens.give(id, c.exchange.Time)
	left := given.expires.Sub(c.exchange.Time)
	return jsonReply(http.StatusOK, grant{given.text, "bearer", int(left.Seconds()), id + "@simulator.example"})
}

// clip bounds what an answer repeats of a request.
func clip(text string) string { return fmt.Sprintf("%.100s", text) }
