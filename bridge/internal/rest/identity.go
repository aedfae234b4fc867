package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

const (
	identityPath = "/identity/oauth/token"
	// identityTimeout is how long Identity may take for a token.
	identityTimeout = 30 * time.Second
	// maxGrant bounds the answer of Identity, in bytes.
	maxGrant = 64 << 10
)

// token lets calls in until it expires.
type token struct {
	text    string
	expires time.Time
}

// tokens keeps the token of a client: one, fetched when it is needed and none is there that is good.
// It is not fetched early, as Identity gives out the same token with less time left until that has
// expired (Marketo REST API, authentication).
//
// Package oauth2 has such a cache too. A token that the service refuses cannot be taken out of that
// one, and it makes a caller wait longer than the caller's context allows.
type tokens struct {
	fetch func(ctx context.Context) (token, error)
	now   func() time.Time

	mu      sync.Mutex
	current token
	flight  *flight // nil: none is being fetched
}

// flight is a fetch that is under way, and who waits for it.
type flight struct {
	shared  *httpcall.Shared
	done    chan struct{}
	stop    context.CancelFunc
	waiters int

	got      token
	err      error
	panicked any // of the fetch
}

// get returns a token that is good. All who wait share one fetch, each until its context ends; when
// nobody waits any more the fetch ends too.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	if t.current.text != "" && t.now().Before(t.current.expires) {
		defer t.mu.Unlock()
		return t.current.text, nil
	}
	f := t.join(ctx)
	t.mu.Unlock()
	select {
	case <-f.done:
		if f.panicked != nil {
			panic(f.panicked)
		}
		return f.got.text, f.err
	case <-ctx.Done():
		t.leave(f)
		return "", fmt.Errorf("%w, while waiting for a token", httpcall.Ended(ctx))
	}
}

// join joins the fetch that is under way, unless all who waited for it have gone, or begins one. The lock is held.
func (t *tokens) join(ctx context.Context) *flight {
	if f := t.flight; f != nil && f.shared.Err() == nil {
		f.shared.Join(ctx)
		f.waiters++
		return f
	}
	own, stop := context.WithTimeout(context.WithoutCancel(ctx), identityTimeout)
	t.flight = &flight{shared: &httpcall.Shared{Context: own}, done: make(chan struct{}), stop: stop, waiters: 1}
	t.flight.shared.Join(ctx)
	go t.fly(t.flight)
	return t.flight
}

// fly fetches a token. A panic, as of somebody's transport, is for those who wait: they may recover from it.
func (t *tokens) fly(f *flight) {
	defer f.stop()
	f.err = httpcall.ErrNoReply // unless the fetch returns
	defer func() {
		f.panicked = recover()
		t.land(f)
	}()
	f.got, f.err = t.fetch(f.shared)
}

// land ends a fetch.
func (t *tokens) land(f *flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.err == nil {
		t.current = f.got
	}
	if t.flight == f {
		t.flight = nil
	}
	close(f.done)
}

// leave is what a caller does whose context has ended.
func (t *tokens) leave(f *flight) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.waiters--
	if f.waiters == 0 && t.flight == f {
		t.flight = nil
		f.stop()
	}
}

// drop forgets a token that was refused, unless another one has taken its place.
func (t *tokens) drop(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current.text == text {
		t.current = token{}
	}
}

// Authenticate gets a token unless there is one that is good.
func (c *Client) Authenticate(ctx context.Context) error {
	_, err := c.tokens.get(ctx)
	return err
}

// identity gets tokens for a client. The way there is that of package oauth2; what can come back in
// place of a token is read here, since that package does not show it.
type identity struct {
	client *Client
	id     string
	secret auth.Secret
}

// fetch asks Identity for a token. The secret is in the form, so that no log of addresses has it.
func (i identity) fetch(ctx context.Context) (token, error) {
	began := i.client.now()
	cfg := clientcredentials.Config{
		ClientID: i.id, ClientSecret: i.secret.Reveal(), TokenURL: i.client.base.String() + identityPath,
		AuthStyle: oauth2.AuthStyleInParams, // the other one would be tried first, and refused
	}
	got, err := cfg.Token(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: i, CheckRedirect: i.client.http.CheckRedirect}))
	switch {
	case ctx.Err() != nil && err != nil:
		return token{}, fmt.Errorf("no token from Identity within %s: %w", identityTimeout, os.ErrDeadlineExceeded)
	case err != nil:
		return token{}, i.failed(err)
	case !isToken(got.AccessToken):
		return token{}, fault.NewContentError(errors.New("the token from Identity cannot be sent"))
	}
	left, _ := got.Extra("expires_in").(float64) // as plainGrant writes it
	return token{got.AccessToken, began.Add(time.Duration(left) * time.Second)}, nil
}

// tokenLife is how long a token is good from its making on (Marketo REST API, authentication).
const tokenLife = time.Hour

// lifeOf returns how long a token is still good, in whole seconds. One that does not say so is used until
// it is refused, or as long as any is good.
func lifeOf(left Value) time.Duration {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(left.Text), 64)
	if err != nil || !(seconds < tokenLife.Seconds()) { // which NaN is not either
		return tokenLife
	}
	return time.Duration(max(seconds, 0)) * time.Second
}

// failed returns an error without what is secret. Texts of package oauth2 quote answers.
func (i identity) failed(err error) error {
	var refused *fault.Fault
	var status *fault.StatusError
	var decode *fault.DecodeError
	var lost *lostError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("no token from Identity: %w", fault.Classify(refused, fault.Known{Now: i.client.now()}))
	case errors.As(err, &status):
		return fmt.Errorf("no token from Identity: %w", status)
	case errors.As(err, &decode):
		return fmt.Errorf("no token from Identity: %w", decode)
	case errors.As(err, &lost):
		return fmt.Errorf("no token from Identity: the connection failed: %w", lost.err)
	}
	return fmt.Errorf("no token from Identity: %w", fault.NewContentError(errors.New("the answer has none")))
}

// isToken reports whether a text can stand in a header.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// lostError is the end of a connection to Identity.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// RoundTrip makes the exchange for package oauth2, which gets to see an answer only if that may hold a
// token.
func (i identity) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", i.client.userAgent)
	r.Header.Set("Accept", "application/json")
	resp, err := i.client.http.Transport.RoundTrip(r)
	if err != nil {
		if shown := i.hide(err.Error()); shown != err.Error() {
			err = errors.New(shown)
		}
		return nil, &lostError{err}
	}
	defer resp.Body.Close()
	if httpcall.IsRedirect(resp.StatusCode) {
		return nil, fault.NewStatusError(resp.StatusCode, resp.Header.Get("Content-Type"), 0, nil)
	}
	doc, err := httpcall.ReadBody(r.Context(), resp, maxGrant)
	if err != nil {
		return nil, &lostError{err}
	}
	if err := i.refusal(resp, doc); err != nil {
		return nil, err
	}
	resp.Header.Set("Content-Type", jsonType) // or package oauth2 might read the text as a form
	resp.Body = io.NopCloser(strings.NewReader(plainGrant(doc)))
	return resp, nil
}

// plainGrant returns a grant as package oauth2 takes it, which refuses one whose expires_in is no integer.
func plainGrant(doc string) string {
	var g struct {
		Token string `json:"access_token"`
		Left  Value  `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(doc), &g, lenient); err != nil {
		return doc // that package says what is wrong
	}
	text, _ := json.Marshal(map[string]any{"access_token": g.Token, "expires_in": int(lifeOf(g.Left).Seconds())}) // of valid UTF-8
	return string(text)
}

// grant is what Identity may answer besides a token.
type grant struct {
	Error       string `json:"error"`
	Description string `json:"error_description"` // repeats the id of the client
	Errors      []said `json:"errors"`
}

// refusal returns the error of an answer that has no token: a refusal of the client, an envelope
// with an error such as 608, or something else.
func (i identity) refusal(resp *http.Response, doc string) error {
	var g grant
	doc = i.hide(doc)
	err := json.Unmarshal([]byte(doc), &g, lenient)
	switch {
	case err == nil && len(g.Errors) > 0:
		g.Errors[0].Message = i.hide(g.Errors[0].Message)
		return fault.FromREST(g.Errors[0].error("", resp.StatusCode, false), 0, fault.Known{Now: i.client.now()})
	case err == nil && g.Error != "":
		text := i.hide(strings.TrimSuffix(fmt.Sprintf("Identity refused the client: %s, %s", g.Error, g.Description), ", "))
		return fault.FromREST(&fault.RESTError{Code: http.StatusUnauthorized, HTTPStatus: resp.StatusCode, Message: text}, 0, fault.Known{})
	case resp.StatusCode != http.StatusOK || !isJSON(doc):
		return unexpected(resp, doc, i.client.now())
	}
	return nil
}

// hide blots out what is secret in a text.
func (i identity) hide(text string) string { return hidden(text, i.secrets()...) }

// secrets are the secret and the id of the client, which is one in either letter case.
func (i identity) secrets() []string {
	return []string{i.secret.Reveal(), i.id, strings.ToUpper(i.id), strings.ToLower(i.id)}
}
