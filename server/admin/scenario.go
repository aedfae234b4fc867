package admin

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// Scenario is what a mock begins with.
type Scenario struct {
	State  *simulator.State // nil: none
	Rules  []server.Rule
	Clock  func(*Clock) error // sets the clock; nil: it is left alone
	Limits limits.Limits

	LimitsPerUser bool // see server.WithLimitsPerUser

	settings *settingsJSON // nil: none
	data     []byte        // to find places in
}

// scenarioJSON is the form of the file.
type scenarioJSON struct {
	State    *simulator.State `json:"state"`
	Rules    []ruleJSON       `json:"rules"`
	Settings *settingsJSON    `json:"settings"`
	Clock    *clockJSON       `json:"clock"`
	Limits   limitsJSON       `json:"limits"`
}

// clockJSON sets the clock: exactly one of the two.
type clockJSON struct {
	Advance string       `json:"advance,omitempty"` // such as 24h, or -24h
	Set     gen.DateTime `json:"set,omitempty"`
}

// limitsJSON is [limits.Limits].
type limitsJSON struct {
	Calls      int    `json:"calls"`
	Per        string `json:"per"`
	Concurrent int    `json:"concurrent"`
	Daily      int    `json:"daily"`
	PerUser    bool   `json:"perUser"`
}

// ReadScenario reads a scenario file. Its error, a [*PlaceError], names line, column and
// field. Whether the state makes sense is found out by [Scenario.Apply].
func ReadScenario(data []byte) (*Scenario, error) {
	var in scenarioJSON
	if err := decode(data, &in); err != nil {
		return nil, err
	}
	sc := &Scenario{State: in.State, settings: in.Settings, data: data}
	if err := sc.read(&in); err != nil {
		return nil, sc.placed(err)
	}
	return sc, nil
}

func (sc *Scenario) placed(err error) error {
	return placed(sc.data, reflect.TypeFor[scenarioJSON](), err)
}

func (sc *Scenario) read(in *scenarioJSON) error {
	for i := range in.Rules {
		r, err := in.Rules[i].rule()
		if err != nil {
			return under(err, fmt.Sprintf("rules[%d]", i))
		}
		sc.Rules = append(sc.Rules, r)
	}
	if in.Clock != nil {
		set, err := in.Clock.setting()
		if err != nil {
			return under(err, "clock")
		}
		sc.Clock = set
	}
	var err error
	sc.Limits, err = in.Limits.limits()
	sc.LimitsPerUser = in.Limits.PerUser
	return under(err, "limits")
}

// Workspaces returns those of the state, which the simulator has to be made with:
// [simulator.WithWorkspaces].
func (sc *Scenario) Workspaces() []string {
	if sc.State == nil {
		return nil
	}
	return sc.State.Workspaces
}

// Apply sets the clock, loads the state and adds the rules, in this order. The error, a
// [*PlaceError], is about the clock or the state; then no data and no rules were changed.
func (sc *Scenario) Apply(sim *simulator.Simulator, rules *server.Rules, clock *Clock) error {
	if sc.Clock != nil {
		if err := sc.Clock(clock); err != nil {
			return sc.placed(under(err, "clock"))
		}
	}
	if sc.State != nil {
		err := sim.Load(*sc.State)
		var bad *simulator.StateError
		if errors.As(err, &bad) {
			return sc.placed(&simulator.StateError{Path: "state." + bad.Path, Err: bad.Err})
		}
		if err != nil {
			return err
		}
	}
	for _, r := range sc.Rules {
		rules.Add(r)
	}
	return nil
}

// ApplySettings changes the settings of a mock, whose REST API may be nil. The error, a
// [*PlaceError], says what is wrong with them; then nothing has changed.
func (sc *Scenario) ApplySettings(sim *simulator.Simulator, api *rest.Handler) error {
	if sc.settings == nil {
		return nil
	}
	return sc.placed(under(sc.settings.apply(sim, api), "settings"))
}

// setting returns what sets a clock as asked for.
func (in *clockJSON) setting() (func(*Clock) error, error) {
	if (in.Advance == "") == (in.Set == "") {
		return nil, &fieldError{"", `give either "advance" or "set"`}
	}
	if in.Advance != "" {
		d, err := readDuration("advance", in.Advance)
		return func(c *Clock) error { return asField("advance", c.Advance(d)) }, err
	}
	t, err := in.Set.Time()
	if err != nil {
		return nil, &fieldError{"set", fmt.Sprintf("%q is not a time such as 2016-02-01T12:00:00-06:00", string(in.Set))}
	}
	return func(c *Clock) error { return asField("set", c.Set(t)) }, nil
}

func asField(field string, err error) error {
	if err == nil {
		return nil
	}
	return &fieldError{field, err.Error()}
}

func (in *limitsJSON) limits() (limits.Limits, error) {
	l := limits.Limits{Calls: in.Calls, Concurrent: in.Concurrent, Daily: in.Daily}
	var err error
	if l.Per, err = readDuration("per", in.Per); err != nil {
		return l, err
	}
	var bad *limits.FieldError
	if errors.As(l.Validate(), &bad) {
		return l, &fieldError{strings.ToLower(bad.Field), bad.Problem}
	}
	return l, nil
}

// savedJSON is the form of a scenario that is saved.
type savedJSON struct {
	State    simulator.State `json:"state"`
	Rules    []ruleJSON      `json:"rules"`
	Settings settingsJSON    `json:"settings"`
	Clock    clockJSON       `json:"clock"`
}

// getScenario saves the mock as a file for [ReadScenario]. Clients are left out, as their secrets are not shown.
func (h *handler) getScenario(w http.ResponseWriter, _ *request) error {
	out := savedJSON{
		State: h.Simulator.Snapshot(), Rules: []ruleJSON{}, Settings: newSettingsJSON(h.Simulator, h.REST),
		Clock: clockJSON{Set: gen.DateTime(h.Clock.Now().UTC().Format(time.RFC3339))},
	}
	out.Settings.Clients = nil
	for _, r := range h.Rules.List() {
		out.Rules = append(out.Rules, newRuleJSON(r))
	}
	text, err := encode(out)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, pair.ReplaceAll(text, []byte("{$1, $2}")))
	return nil
}
