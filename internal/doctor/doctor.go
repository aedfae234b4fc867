package doctor

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// API is one of the two that an instance can be called over.
type API string

// The APIs.
const (
	REST API = "REST"
	SOAP API = "SOAP"
)

// Subject is what is looked at: an instance, and how it is called.
type Subject struct {
	API      API
	Endpoint string
	// Settings say where each value came from, such as "client id from MKTOWS_CLIENT_ID". They hold no values.
	Settings []string
	// Invalid is why the settings cannot be used, as far as it is not about the endpoint; nil: they can.
	Invalid error
	// InvalidEndpoint is what is wrong with the endpoint; nil: nothing.
	InvalidEndpoint error
	Bridge          *bridge.Bridge // over REST; may be nil beside an error
	Port            gen.Port       // over SOAP; may be nil beside an error
	// Names is the file of names that the bridge has, and NamesFile what it is called; nil: none.
	Names     *bridge.NamesFile
	NamesFile string
	// NamesSetting is what names that file; empty: the variable of the environment.
	NamesSetting string
	// Secrets are blotted out wherever they occur: secrets and what else nobody is to see, such as client ids.
	Secrets []string
	// Transport is how the endpoint is reached: its proxy, its connections, whom it trusts. It is copied, not changed.
	// nil: as http.DefaultTransport.
	Transport *http.Transport
	Now       func() time.Time // nil: time.Now
	// Step is how long one check may take; 0: DefaultStep.
	Step time.Duration
}

// DefaultStep is long enough for a call of an instance that is well.
const DefaultStep = 10 * time.Second

// Names of the checks of what was set.
const (
	CheckSettings = "settings"
	CheckEndpoint = "endpoint"
)

// State is how a check came out.
type State string

// How a check can come out.
const (
	OK         State = "ok"
	Warn       State = "warn"
	Fail       State = "fail"
	NotChecked State = "not checked"
)

// Check is one thing that was looked at.
type Check struct {
	Name  string `json:"check"`
	State State  `json:"state"`
	Found string `json:"found"`
	Cure  string `json:"cure,omitempty"`
	Err   error  `json:"-"` // of a check that failed, for exit codes: its text may show more than Found
}

// Report is what was found.
type Report struct {
	API        API         `json:"api"`
	Endpoint   string      `json:"endpoint"` // empty: it is wrong, and may hold a password
	Checks     []Check     `json:"checks"`
	Operations []Operation `json:"operations"`

	stopped *Check
}

// Stopped returns the check that failed and without which no operation could be looked at, or nil.
func (r *Report) Stopped() *Check { return r.stopped }

// Failed returns the first check that failed, or nil.
func (r *Report) Failed() *Check {
	for i := range r.Checks {
		if r.Checks[i].State == Fail {
			return &r.Checks[i]
		}
	}
	return nil
}

// Examine looks at a subject. It always returns a report; when ctx ends, what was not looked at says so.
func Examine(ctx context.Context, s *Subject) *Report {
	e := &examination{Subject: *s, report: &Report{API: s.API}, granted: make(map[string]bridge.PermissionCheck)}
	if e.Now == nil {
		e.Now = time.Now
	}
	e.Step = cmp.Or(e.Step, DefaultStep)
	e.run(ctx)
	e.blot()
	return e.report
}

var errNoURL = errors.New("the endpoint is not the URL of a host")

// ErrRemoved is the error of a check of an endpoint that is the vendor's for the SOAP API.
var ErrRemoved = errors.New("the vendor has removed the SOAP service")

// examination is the work on a report.
type examination struct {
	Subject

	report  *Report
	began   time.Time // of the step
	url     *url.URL
	granted map[string]bridge.PermissionCheck
}

// run makes the checks until one fails that the others depend on.
func (e *examination) run(ctx context.Context) {
	steps := []func(context.Context) bool{e.settings, e.endpoint, e.way, e.credentials}
	for _, step := range steps {
		if !step(ctx) {
			e.operationsUnchecked()
			return
		}
	}
	if e.API == SOAP {
		e.askOperations(ctx)
		return
	}
	e.permissions(ctx)
	e.names(ctx)
	e.judgeOperations()
}

// add adds a check.
func (e *examination) add(name string, state State, found, cure string) {
	e.report.Checks = append(e.report.Checks, Check{Name: name, State: state, Found: found, Cure: cure})
}

// fail adds a check that failed, and returns that nothing can follow.
func (e *examination) fail(name string, err error, found, cure string) bool {
	e.report.Checks = append(e.report.Checks, Check{Name: name, State: Fail, Found: found, Cure: cure, Err: err})
	return false
}

// step runs a part of the work within the time of a step.
func (e *examination) step(ctx context.Context, do func(context.Context)) {
	e.began = time.Now()
	limited, cancel := context.WithTimeout(ctx, e.Step)
	defer cancel()
	do(limited)
}

func (e *examination) settings(context.Context) bool {
	if e.Invalid != nil {
		return e.fail(CheckSettings, e.Invalid, e.Invalid.Error(), "")
	}
	e.add(CheckSettings, OK, strings.Join(e.Settings, "; "), "")
	return true
}

func (e *examination) endpoint(context.Context) bool {
	u, err := url.Parse(e.Endpoint)
	switch {
	case e.InvalidEndpoint != nil:
		return e.fail(CheckEndpoint, e.InvalidEndpoint, e.InvalidEndpoint.Error(), "")
	case err != nil || u.Host == "" || u.User != nil:
		return e.fail(CheckEndpoint, errNoURL, errNoURL.Error(), "")
	case e.API == SOAP && httpcall.IsRemovedSOAP(u.Hostname()):
		return e.fail(CheckEndpoint, ErrRemoved, "Adobe removed the SOAP service on 31 July 2026, and "+u.Hostname()+" with it",
			"call the REST API: set MKTOWS_REST_ENDPOINT, MKTOWS_CLIENT_ID and MKTOWS_CLIENT_SECRET")
	}
	e.url, e.report.Endpoint = u, e.Endpoint
	e.add(CheckEndpoint, OK, e.Endpoint, "")
	return true
}

// blot takes what nobody is to see out of the report: answers may quote it.
func (e *examination) blot() {
	var pairs []string
	for _, secret := range e.Secrets {
		if secret != "" {
			pairs = append(pairs, secret, hidden, strings.ToUpper(secret), hidden, strings.ToLower(secret), hidden, url.QueryEscape(secret), hidden)
		}
	}
	blotter := strings.NewReplacer(pairs...)
	for i := range e.report.Checks {
		c := &e.report.Checks[i]
		c.Found, c.Cure = blotter.Replace(c.Found), blotter.Replace(c.Cure)
	}
	for i := range e.report.Operations {
		o := &e.report.Operations[i]
		o.Why = blotter.Replace(o.Why)
	}
}

// hidden stands in the place of what is blotted out.
const hidden = "[hidden]"
