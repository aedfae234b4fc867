package porttest_test

import (
	"net/http/httptest"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
	"github.com/mktows/mktows-go/internal/testing/porttest"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

func TestSimulator(t *testing.T) {
	t.Parallel()
	porttest.Exercise(t, func(t *testing.T, seed porttest.Seed) porttest.Fixture {
		t.Helper()
		sim, clock := seeded(t, seed)
		return porttest.Fixture{Port: sim, Advance: clock.Advance}
	})
}

// Pages may be shorter than asked for, or empty although more records follow.
func TestSimulator_shortAndEmptyPages(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]simulator.Option{
		"short": simulator.WithShortPages(0.5), "empty": simulator.WithEmptyPages(0.3),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			porttest.ExercisePages(t, func(t *testing.T, seed porttest.Seed) porttest.Fixture {
				t.Helper()
				sim, clock := seeded(t, seed, opt, simulator.WithSeed(1))
				return porttest.Fixture{Port: sim, Advance: clock.Advance, ShortPages: true}
			}, nil)
		})
	}
}

// The same through client, HTTP and server, with both versions of the contract.
func TestWire(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2_7", "3_1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			porttest.Exercise(t, func(t *testing.T, seed porttest.Seed) porttest.Fixture {
				t.Helper()
				sim, clock := seeded(t, seed)
				return porttest.Fixture{Port: connect(t, sim, version), Advance: clock.Advance}
			})
		})
	}
}

// connect serves a port and returns a client of it. Both go by the machine's clock, that
// of the signatures.
func connect(t *testing.T, port gen.Port, version string) gen.Port {
	t.Helper()
	secret := auth.NewSecret("example-key")
	handler, err := server.New(port, server.WithUsers(map[string]auth.Secret{"example_user": secret}))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	c, err := client.New(srv.URL+"/soap/mktows/"+version, auth.Credentials{UserID: "example_user", Key: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// seeded returns a simulator with the data of a seed.
func seeded(t *testing.T, seed porttest.Seed, opts ...simulator.Option) (*simulator.Simulator, *clocktest.Clock) {
	t.Helper()
	at := clocktest.At(seed.Now)
	s := seeding{t, simulator.New(append(opts, simulator.WithClock(at.Now))...)}
	s.leads(seed)
	s.programs(seed)
	s.objects(seed)
	return s.sim, at
}

// seeding puts data into a simulator.
type seeding struct {
	t   *testing.T
	sim *simulator.Simulator
}

func (s seeding) must(_ int64, err error) {
	s.t.Helper()
	s.mustNot(err)
}

func (s seeding) mustNot(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s seeding) leads(seed porttest.Seed) {
	s.t.Helper()
	for _, l := range seed.Leads {
		lead := simulator.Lead{ID: l.ID, Email: l.Email, Fields: make(map[string]string)}
		if l.Cookie != "" {
			lead.Keys = []simulator.LeadKey{{Type: gen.LeadKeyRefCOOKIE, Value: l.Cookie}}
		}
		for _, f := range l.Fields {
			lead.Fields[f.Name] = f.Value
		}
		for _, a := range l.Activities {
			lead.Activities = append(lead.Activities, simulator.Activity{ID: a.ID, Time: simulator.At(a.Time), Type: a.Type, AssetName: a.Asset})
		}
		s.must(s.sim.AddLead(lead))
	}
	for _, l := range seed.Lists {
		s.must(s.sim.AddList(simulator.List{ID: l.ID, Program: l.Program, Name: l.Name, Members: l.Members}))
	}
}

func (s seeding) programs(seed porttest.Seed) {
	s.t.Helper()
	for _, c := range seed.Channels {
		channel := simulator.Channel{Name: c.Name}
		for i, name := range c.Statuses {
			channel.Statuses = append(channel.Statuses, simulator.ProgressionStatus{Name: name, Step: 10 * (i + 1), Success: i == len(c.Statuses)-1})
		}
		s.mustNot(s.sim.AddChannel(channel))
	}
	for _, tag := range seed.Tags {
		s.mustNot(s.sim.AddTag(tag.Type, tag.Values...))
	}
	for _, p := range seed.Programs {
		program := simulator.Program{ID: p.ID, Name: p.Name, Tags: attributes(p.Tags), Tokens: attributes(p.Tokens)}
		if p.Channel != "" {
			program.Tags = append([]simulator.Attribute{{Name: simulator.TagChannel, Value: p.Channel}}, program.Tags...)
		}
		if p.Cost != 0 {
			program.Costs = []simulator.Cost{{Month: seed.Now.Format("2006-01"), Amount: p.Cost}}
		}
		s.must(s.sim.AddProgram(program))
	}
	for _, c := range seed.Campaigns {
		s.must(s.sim.AddCampaign(simulator.Campaign{ID: c.ID, Program: c.Program, Name: c.Name, Sources: c.Sources, Batch: len(c.Sources) == 0}))
	}
}

func (s seeding) objects(seed porttest.Seed) {
	s.t.Helper()
	for _, o := range seed.Opportunities {
		deal := simulator.Opportunity{ID: o.ID, Attributes: attributes(o.Attributes)}
		if o.ExternalKey != (porttest.Pair{}) {
			deal.ExternalKey = &simulator.Attribute{Name: o.ExternalKey.Name, Value: o.ExternalKey.Value}
		}
		if company := int32(o.Company); company != 0 {
			deal.Company = &simulator.Company{ID: &company}
		}
		s.must(s.sim.AddOpportunity(deal))
	}
	for _, r := range seed.Roles {
		s.must(s.sim.AddOpportunityRole(simulator.OpportunityRole{
			ID: r.ID, OpportunityID: r.Opportunity, LeadID: r.Lead, Attributes: attributes(r.Attributes),
		}))
	}
	for _, c := range seed.CustomTypes {
		s.mustNot(s.sim.AddCustomObjectType(simulator.CustomObjectType{
			Name: c.Name, Keys: fields(c.Keys), Fields: fields(c.Attributes), LinkField: c.Link,
		}))
	}
	for _, o := range seed.CustomObjects {
		s.mustNot(s.sim.AddCustomObject(o.Type, attributes(o.Keys), attributes(o.Attributes)))
	}
}

func attributes(pairs []porttest.Pair) []simulator.Attribute {
	list := make([]simulator.Attribute, len(pairs))
	for i, p := range pairs {
		list[i] = simulator.Attribute(p)
	}
	return list
}

func fields(names []string) []simulator.Field {
	list := make([]simulator.Field, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return list
}
