package simulator

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/instance"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/soap"
	"github.com/mktows/mktows-go/simulator/record"
)

// Simulator is a Marketo instance in memory. Make it with [New]; the zero value is of
// no use. It is safe for concurrent use.
type Simulator struct {
	held // for package simulator/rest

	instance *instance.Instance
	soap     soap.Service
}

// held is an instance that no exported name leads to.
type held = instance.Held

var _ gen.Port = (*Simulator)(nil)

// Option sets one thing about a [Simulator].
type Option func(*config)

// config is what the options set.
type config instance.Options

// WithClock sets the simulator's clock. Default, also for nil: time.Now.
func WithClock(now func() time.Time) Option {
	return func(o *config) {
		if now != nil {
			o.Now = now
		}
	}
}

// maxPage is the greatest page of any operation.
const maxPage = 1000

// WithPageLimit sets how many records a page has at most, whatever batchSize asks for:
// with a small one, a few records make many pages. The limit of an operation, such as
// 100 for getLeadActivity, stays; numbers outside 1 to 1,000 mean that limit.
func WithPageLimit(n int) Option {
	return func(o *config) {
		if n < 1 || n > maxPage {
			n = maxPage
		}
		o.Pages.Limit = n
	}
}

// WithRoughCounts makes remainingCount 1 wherever more records follow, unless exactly
// one activity type is asked for. With several types it is not a count in the service
// either (Marketo SOAP API, getLeadActivity); a program that trusts it fails here.
// By default remainingCount is exact.
func WithRoughCounts() Option { return func(o *config) { o.Pages.Rough = true } }

// WithShortPages makes a page shorter than asked for with the given probability,
// although more records follow.
func WithShortPages(probability float64) Option {
	return func(o *config) { o.Pages.Short = probability }
}

// WithEmptyPages makes a page empty with the given probability, although more records
// follow: only remainingCount 0 is the end. With a probability of 1 or more no
// reading ends.
func WithEmptyPages(probability float64) Option {
	return func(o *config) { o.Pages.Empty = probability }
}

// WithSeed sets the seed of all that is random. Default: a random one, see
// [Simulator.Seed].
func WithSeed(seed uint64) Option { return func(o *config) { o.Pages.Seed = seed } }

// defaultWorkspace is the only one of a subscription that has not enabled workspaces.
const defaultWorkspace = "Default"

// WithWorkspaces enables workspaces, each with one partition, beside Default. Names are
// compared without regard to letter case, because the published samples write
// "default".
func WithWorkspaces(names ...string) Option {
	return func(o *config) {
		for _, name := range names {
			if _, ok := leads.Workspace(o.Workspaces, name); !ok {
				o.Workspaces = append(o.Workspaces, name)
			}
		}
	}
}

// importDuration is how long an import takes if no option says otherwise.
const importDuration = 5 * time.Second

// WithImportDuration sets how long an import takes by the simulator's clock, default
// five seconds. With 0 or less importToList answers COMPLETE at once.
func WithImportDuration(d time.Duration) Option {
	return func(o *config) { o.ImportDuration = d }
}

// New returns a simulator without leads.
func New(opts ...Option) *Simulator {
	o := config{
		Now: time.Now, Pages: record.Pages{Limit: maxPage, Seed: rand.Uint64()}, Workspaces: []string{defaultWorkspace}, ImportDuration: importDuration,
	}
	for _, opt := range opts {
		opt(&o)
	}
	i := instance.New(instance.Options(o))
	return &Simulator{instance.Hold(i), i, soap.Service{Instance: i}}
}

// Seed returns the seed of all that is random, for printing where a test fails, so
// that it can be repeated with [WithSeed].
func (s *Simulator) Seed() uint64 { return s.instance.Pages().Seed }

// Pages returns how the simulator pages.
func (s *Simulator) Pages() Pages { return s.instance.Pages() }

// SetPages changes how the simulator pages, while it is used too. What is random begins anew,
// with the seed. The error says what is wrong; then nothing changes.
func (s *Simulator) SetPages(p Pages) error {
	isProbability := func(f float64) bool { return f >= 0 && f <= 1 }
	switch {
	case p.Limit < 0 || p.Limit > maxPage:
		return fmt.Errorf("simulator: the limit of pages is %d, not 0 to %d", p.Limit, maxPage)
	case !isProbability(p.Short) || !isProbability(p.Empty):
		return fmt.Errorf("simulator: the probabilities of short and empty pages are %g and %g, not 0 to 1", p.Short, p.Empty)
	}
	s.instance.SetPages(p)
	return nil
}
