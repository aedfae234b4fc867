package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/limits"
)

// tenant is a Tenant at work.
type tenant struct {
	Tenant

	log      *slog.Logger
	key      auth.Secret
	secret   auth.Secret // of the REST client
	bridge   *bridge.Bridge
	fresh    func() (*bridge.Bridge, error) // makes one that has no token yet
	away     atomic.Bool                    // the last call got no answer of the REST API
	port     *histories                     // over the bridge
	filler   *filler                        // nil: its copy is not filled here
	instance string                         // the host of its REST API
	budget   *budget                        // shared with all gateways of the state; nil: the process counts
}

// tenants makes all tenants and notes what is wrong with them.
func (p *problems) tenants(log *slog.Logger, base []bridge.Option) map[string]*tenant {
	all := make(map[string]*tenant, len(p.config.Tenants))
	first := make(map[string]int)
	budgets := p.budgets()
	p.places = make(map[string]place)
	for i, s := range p.config.PositionKeys {
		p.positions = append(p.positions, p.secret(fmt.Sprintf("positionKeys[%d]", i), "key of positions", s))
	}
	if len(p.positions) > 0 {
		base = append(slices.Clone(base), bridge.WithPositionKeys(p.positions...))
	}
	if len(p.config.Tenants) == 0 {
		p.add("tenants", "there are none: name at least one user of the SOAP API and its REST credentials")
	}
	for i := range p.config.Tenants {
		field := fmt.Sprintf("tenants[%d]", i)
		t := p.tenant(field, &p.config.Tenants[i], log, budgets, base)
		if before, twice := first[t.UserID]; twice && t.UserID != "" {
			p.add(field+".userID", "%q is the user of tenants[%d] as well: a user id says which instance is meant, so it can stand here once", t.UserID, before)
			continue
		}
		first[t.UserID] = i
		all[t.UserID] = t
	}
	return all
}

// budgets returns the limits of each instance.
func (p *problems) budgets() map[string]limits.Limits {
	all := make(map[string]limits.Limits)
	for i, in := range p.config.Instances {
		field := fmt.Sprintf("instances[%d]", i)
		host := instanceOf(in.Endpoint)
		if host == "" {
			p.add(field+".endpoint", "%.200q is no web address, such as https://ACCOUNT.mktorest.com/rest", in.Endpoint)
			continue
		}
		if _, twice := all[host]; twice {
			p.add(field+".endpoint", "the instance %s has a budget above: leave one", host)
		}
		l := limits.Limits{
			Calls: in.Limits.Calls, Per: time.Duration(in.Limits.Per), Concurrent: in.Limits.Concurrent, Daily: in.Limits.Daily, Reserve: in.Limits.Reserve,
		}
		all[host] = l
		if wrong := new(limits.FieldError); errors.As(l.Or(limits.Advised()).Validate(), &wrong) {
			p.add(field+".limits."+strings.ToLower(wrong.Field), "%s", wrong.Problem)
			delete(all, host)
		}
	}
	used := func(host string) bool {
		return slices.ContainsFunc(p.config.Tenants, func(t Tenant) bool { return instanceOf(t.REST.Endpoint) == host })
	}
	for i, in := range p.config.Instances {
		if host := instanceOf(in.Endpoint); host != "" && !used(host) {
			p.add(fmt.Sprintf("instances[%d].endpoint", i), "no tenant uses the instance %s: it is misspelt, or can go", host)
		}
	}
	return all
}

// instanceOf returns the host of an endpoint, by which instances are told apart, however it is spelt; empty if it is no address.
func instanceOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	name, port := httpcall.HostPort(u)
	if name == "" {
		return ""
	}
	if port == httpcall.DefaultPort(u.Scheme) {
		port = ""
	}
	return strings.TrimSuffix(net.JoinHostPort(name, port), ":")
}

// tenant makes one tenant.
func (p *problems) tenant(field string, in *Tenant, log *slog.Logger, budgets map[string]limits.Limits, base []bridge.Option) *tenant {
	t := &tenant{Tenant: *in, log: log, instance: instanceOf(in.REST.Endpoint)}
	if in.UserID == "" {
		p.add(field+".userID", "is missing: give the user id that the program sends in its AuthenticationHeader")
	}
	p.filledIn(field+".userID", in.UserID)
	p.filledIn(field+".rest.endpoint", in.REST.Endpoint)
	p.filledIn(field+".rest.clientID", in.REST.ClientID)
	if strings.TrimSpace(in.UserID) != in.UserID {
		p.add(field+".userID", "%.100q begins or ends with white space, which is taken off what programs send: remove it", in.UserID)
	}
	t.key = p.secret(field+".key", "secret key", in.Key)
	t.Names = p.config.resolve(in.Names)
	secret := p.secret(field+".rest.clientSecret", "client secret", in.REST.ClientSecret)
	t.secret = secret
	for i, name := range in.Off {
		if gen.OperationByName(name) == nil {
			p.add(fmt.Sprintf("%s.off[%d]", field, i), "%.100q is none of the 23 operations; they are spelt as in the WSDL, such as syncLead", name)
		}
	}
	if in.ReadOnly && in.DryRun {
		p.add(field+".dryRun", "is set beside readOnly: with the one writes are refused, with the other noted; leave one")
	}
	opts := append(slices.Clone(base), p.options(field, in)...)
	most, known := budgets[t.instance]
	if known || p.shared != nil {
		opts = append(opts, bridge.WithLimits(most))
	}
	if p.shared != nil {
		t.budget = p.shared.budget(t.instance, most)
		opts = append(opts, bridge.WithLimiter(t.budget), bridge.WithImports(p.shared))
	}
	var settings *copySettings
	if in.Copy != nil {
		settings = p.copy(field+".copy", t, secret)
	}
	if !t.key.IsZero() && t.key.Reveal() == secret.Reveal() && !httpcall.IsLocal(in.REST.Endpoint) {
		t.log.Warn("the key of a tenant is its client secret as well: programs sign with the key of the SOAP API, which is another one", "tenant", in.UserID)
	}
	t.fresh = func() (*bridge.Bridge, error) {
		return bridge.New(in.REST.Endpoint, bridge.Credentials{ClientID: in.REST.ClientID, ClientSecret: secret}, opts...)
	}
	b, err := t.fresh()
	if err != nil {
		endpoint := new(bridge.EndpointError)
		wrong := errors.As(err, &endpoint)
		if wrong {
			p.add(field+".rest.endpoint", "%s", endpoint.Problem)
		}
		switch {
		case in.REST.ClientID == "":
			p.add(field+".rest.clientID", "is missing: take it from Admin > Integration > LaunchPoint")
		case !wrong && !secret.IsZero():
			p.add(field+".rest", "%v", err)
		}
		return t
	}
	t.bridge, t.port = b, &histories{Bridge: b}
	if settings != nil && settings.target != "" {
		t.port.copy = p.tenantCopy(t, settings)
		if settings.fill != nil {
			t.filler = p.filler(field+".copy.fill", t, settings, secret, most, opts)
		}
	}
	return t
}

// gaps are what stands for the operator's own values in the configurations that come with the gateway.
var gaps = []string{"USER-ID-OF-THE-OLD-PROGRAM", "the user id that the old program has", "CLIENT-ID", "00000000-0000-0000-0000-000000000000"}

// filledIn notes a value that is still the one of a configuration that was handed out.
func (p *problems) filledIn(field, value string) {
	if slices.Contains(gaps, value) || strings.HasPrefix(value, "https://ACCOUNT.") {
		p.add(field, "%q stands for a value of your own: fill it in", value)
	}
}

// options returns the options of a tenant's bridge.
func (p *problems) options(field string, in *Tenant) (opts []bridge.Option) {
	for _, system := range slices.Sorted(maps.Keys(in.ForeignIDFields)) {
		if kind := gen.ForeignSysType(system); !kind.Valid() || in.ForeignIDFields[system] == "" {
			p.add(field+".foreignIDFields", "%.40q is not one of %v, or has no field: give the name of a lead field, such as CUSTOM: externalID", system, kind.Values())
			continue
		}
		opts = append(opts, bridge.WithForeignIDField(gen.ForeignSysType(system), in.ForeignIDFields[system]))
	}
	for _, workspace := range slices.Sorted(maps.Keys(in.Partitions)) {
		if workspace == "" || in.Partitions[workspace] == "" {
			p.add(field+".partitions", "a workspace or its partition has no name: give both, such as Default: Default")
			continue
		}
		opts = append(opts, bridge.WithPartition(workspace, in.Partitions[workspace]))
	}
	if in.Zone != "" {
		zone, err := time.LoadLocation(in.Zone)
		if err != nil {
			p.add(field+".zone", "%.100q is no time zone, such as America/New_York", in.Zone)
		} else {
			opts = append(opts, bridge.WithLocation(zone))
		}
	}
	if path := p.config.resolve(in.Names); path != "" {
		if _, err := bridge.LoadNames(path); err != nil {
			p.add(field+".names", "%v", err)
		} else {
			opts = append(opts, bridge.WithNames(path))
		}
	}
	if in.PageTime < 0 {
		p.add(field+".pageTime", "is negative: leave it out for the default")
	} else if in.PageTime != 0 {
		opts = append(opts, bridge.WithPageTime(time.Duration(in.PageTime)))
	}
	if in.Retention < 0 {
		p.add(field+".retention", "is negative: leave it out for the default")
	} else if in.Retention != 0 {
		opts = append(opts, bridge.WithRetention(time.Duration(in.Retention)))
	}
	if in.OwnerEmailField != "" {
		opts = append(opts, bridge.WithOwnerEmailField(in.OwnerEmailField))
	}
	if in.DefaultRole != "" {
		opts = append(opts, bridge.WithDefaultRole(in.DefaultRole))
	}
	if in.AllActivityTypes {
		opts = append(opts, bridge.WithAllActivityTypes())
	}
	if in.UpdatesByAnyActivity {
		opts = append(opts, bridge.WithUpdatesByAnyActivity())
	}
	return opts
}
