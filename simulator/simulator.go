package simulator

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// Simulator is a Marketo instance in memory. Make it with [New]; the zero value is of
// no use. It is safe for concurrent use.
type Simulator struct {
	now       func() time.Time
	pageLimit int
	rough     bool
	dice      dice
	updated   updatedLeads
	importFor time.Duration

	workspaces []string // the first is the default one

	mu        sync.RWMutex // guards all that follows
	leads     leadTable
	fields    leadFields
	store     store
	timelines timelines // of all leads
	lists     listTable
	imports   importTable
	objects   objectTable
	programs  programTable
	campaigns campaignTable
	custom    customObjectTable
}

var _ gen.Port = (*Simulator)(nil)

// Option sets one thing about a [Simulator].
type Option func(*Simulator)

// WithClock sets the simulator's clock. Default, also for nil: time.Now.
func WithClock(now func() time.Time) Option {
	return func(s *Simulator) {
		if now != nil {
			s.now = now
		}
	}
}

// maxPage is the greatest page of any operation.
const maxPage = 1000

// WithPageLimit sets how many records a page has at most, whatever batchSize asks for:
// with a small one, a few records make many pages. The limit of an operation, such as
// 100 for getLeadActivity, stays; numbers outside 1 to 1,000 mean that limit.
func WithPageLimit(n int) Option {
	return func(s *Simulator) {
		if n < 1 || n > maxPage {
			n = maxPage
		}
		s.pageLimit = n
	}
}

// WithRoughCounts makes remainingCount 1 wherever more records follow, unless exactly
// one activity type is asked for. With several types it is no count in the service
// either (Marketo SOAP API, getLeadActivity); a program that trusts it fails here.
// By default remainingCount is exact.
func WithRoughCounts() Option { return func(s *Simulator) { s.rough = true } }

// WithShortPages makes a page shorter than asked for with the given probability,
// although more records follow.
func WithShortPages(probability float64) Option {
	return func(s *Simulator) { s.dice.short = probability }
}

// WithEmptyPages makes a page empty with the given probability, although more records
// follow: only remainingCount 0 is the end. With a probability of 1 or more no
// reading ends.
func WithEmptyPages(probability float64) Option {
	return func(s *Simulator) { s.dice.empty = probability }
}

// WithSeed sets the seed of all that is random. Default: a random one, see
// [Simulator.Seed].
func WithSeed(seed uint64) Option { return func(s *Simulator) { s.dice.seed = seed } }

// New returns a simulator without leads.
func New(opts ...Option) *Simulator {
	s := &Simulator{
		now: time.Now, pageLimit: maxPage, workspaces: []string{defaultWorkspace}, fields: newLeadFields(), importFor: importDuration,
	}
	s.dice.seed = rand.Uint64()
	for _, opt := range opts {
		opt(s)
	}
	s.dice.source = rand.New(rand.NewPCG(s.dice.seed, 0))
	return s
}

// Seed returns the seed of all that is random, for printing where a test fails, so
// that it can be repeated with [WithSeed].
func (s *Simulator) Seed() uint64 { return s.dice.seed }

// dice decides what is random. The lock is its own: readers of the simulator share
// theirs.
type dice struct {
	seed         uint64
	short, empty float64

	mu     sync.Mutex
	source *rand.Rand
}

// shorten returns how many of n records a page gets; it may be none if mayBeEmpty.
func (d *dice) shorten(n int, mayBeEmpty bool) int {
	if n == 0 || d.short <= 0 && d.empty <= 0 {
		return n
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case mayBeEmpty && d.source.Float64() < d.empty:
		return 0
	case n > 1 && d.source.Float64() < d.short:
		return 1 + d.source.IntN(n-1)
	}
	return n
}
