package admin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// settingsJSON is how a mock behaves. Where it changes something, a part that is missing stays as
// it is; one that is given is taken whole, so that what is missing in it is as at the beginning.
type settingsJSON struct {
	Pages   *simulator.Pages `json:"pages,omitempty"`
	Quirks  *rest.Quirks     `json:"quirks,omitempty"`
	Exports *exportsJSON     `json:"exports,omitempty"`
	// Clients are added, or changed by their id. The others stay.
	Clients []clientJSON `json:"clients,omitempty"`
}

// exportsJSON is [rest.Exports]; what is missing is as the service has it.
type exportsJSON struct {
	Duration string `json:"duration,omitempty"` // such as 5s
	Refresh  string `json:"refresh,omitempty"`
	Volume   *int64 `json:"volume,omitempty"`
}

// clientJSON is [rest.Client]. Its secret is not shown; one that is missing stays.
type clientJSON struct {
	ID          string             `json:"id"`
	Secret      string             `json:"secret,omitempty"`
	Permissions *[]rest.Permission `json:"permissions,omitempty"` // missing: all
}

// newSettingsJSON returns what holds now. api may be nil.
func newSettingsJSON(sim *simulator.Simulator, api *rest.Handler) settingsJSON {
	pages := sim.Pages()
	out := settingsJSON{Pages: &pages}
	if api == nil {
		return out
	}
	s := api.Settings()
	out.Quirks = &s.Quirks
	out.Exports = &exportsJSON{s.Exports.Duration.String(), s.Exports.Refresh.String(), &s.Exports.Volume}
	for _, c := range s.Clients {
		shown := clientJSON{ID: c.ID}
		if c.Permissions != nil {
			shown.Permissions = &c.Permissions
		}
		out.Clients = append(out.Clients, shown)
	}
	return out
}

// apply changes what is given, all of it or, with an error, nothing.
func (in *settingsJSON) apply(sim *simulator.Simulator, api *rest.Handler) error {
	if in.Quirks != nil || in.Exports != nil || in.Clients != nil {
		if api == nil {
			return &fieldError{in.part(), "the REST API is not served: start the mock with it"}
		}
	}
	before := sim.Pages()
	if in.Pages != nil {
		pages := *in.Pages
		pages.Seed = cmp.Or(pages.Seed, before.Seed)
		if err := sim.SetPages(pages); err != nil {
			return &fieldError{"pages", err.Error()}
		}
	}
	err := in.applyREST(api)
	if err != nil && in.Pages != nil {
		return cmp.Or(err, sim.SetPages(before))
	}
	return err
}

// part is the one that is about the REST API, empty for several.
func (in *settingsJSON) part() string {
	switch {
	case in.Exports == nil && in.Clients == nil:
		return "quirks"
	case in.Quirks == nil && in.Clients == nil:
		return "exports"
	case in.Quirks == nil && in.Exports == nil:
		return "clients"
	}
	return ""
}

func (in *settingsJSON) applyREST(api *rest.Handler) error {
	if api == nil {
		return nil
	}
	s := api.Settings()
	if in.Quirks != nil {
		s.Quirks = *in.Quirks
	}
	if in.Exports != nil {
		var err error
		if s.Exports, err = in.Exports.exports(); err != nil {
			return under(err, "exports")
		}
	}
	for i := range in.Clients {
		if err := in.Clients[i].enter(&s); err != nil {
			return under(err, fmt.Sprintf("clients[%d]", i))
		}
	}
	if err := api.Set(s); err != nil {
		return &fieldError{in.part(), err.Error()}
	}
	return nil
}

func (in *exportsJSON) exports() (rest.Exports, error) {
	out := rest.ServiceExports()
	for _, d := range []struct {
		field, text string
		to          *time.Duration
	}{{"duration", in.Duration, &out.Duration}, {"refresh", in.Refresh, &out.Refresh}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.to, err = readDuration(d.field, d.text); err != nil {
			return out, err
		}
	}
	if in.Volume != nil {
		out.Volume = *in.Volume
	}
	return out, nil
}

// enter adds a client to settings, or changes the one with its id.
func (in *clientJSON) enter(s *rest.Settings) error {
	i := slices.IndexFunc(s.Clients, func(c rest.Client) bool { return c.ID == in.ID })
	switch {
	case in.ID == "":
		return &fieldError{"id", "the id is missing"}
	case i < 0 && in.Secret == "":
		return &fieldError{"secret", "a client that is new needs a secret"}
	case i < 0:
		s.Clients = append(s.Clients, rest.Client{ID: in.ID})
		i = len(s.Clients) - 1
	}
	c := &s.Clients[i]
	if in.Secret != "" {
		c.Secret = auth.NewSecret(in.Secret)
	}
	c.Permissions = nil
	if in.Permissions == nil {
		return nil
	}
	for j, p := range *in.Permissions {
		if err := p.Check(); err != nil {
			return &fieldError{fmt.Sprintf("permissions[%d]", j), err.Error()}
		}
	}
	c.Permissions = *in.Permissions
	return nil
}

func (h *handler) getSettings(w http.ResponseWriter, _ *request) error {
	return writeJSON(w, http.StatusOK, newSettingsJSON(h.Simulator, h.REST))
}

func (h *handler) postSettings(w http.ResponseWriter, r *request) error {
	data, err := readBody(w, r, maxBody)
	if err != nil {
		return err
	}
	var in settingsJSON
	if err := decode(data, &in); err != nil {
		return err
	}
	h.changing.Lock() // what is changed is read before
	err = in.apply(h.Simulator, h.REST)
	h.changing.Unlock()
	if err != nil {
		return placed(data, settingsType, err)
	}
	return h.getSettings(w, r)
}
