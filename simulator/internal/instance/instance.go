// Package instance is one simulated Marketo: the tables of leads, activities, lists and the rest, with one lock and
// one clock for all of them. The faces of the simulator, such as the SOAP service, work on it.
//
// One lock is enough, because every operation is short, and it makes each operation atomic. Tables know each other
// only by small interfaces, which each of them declares for what it needs, and leave locking to the instance.
package instance

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/campaigns"
	"github.com/mktows/mktows-go/simulator/internal/customobjects"
	"github.com/mktows/mktows-go/simulator/internal/exports"
	"github.com/mktows/mktows-go/simulator/internal/folders"
	"github.com/mktows/mktows-go/simulator/internal/imports"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/programs"
	"github.com/mktows/mktows-go/simulator/internal/usage"
	"github.com/mktows/mktows-go/simulator/record"
)

// Options are what an instance is made with. They do not change.
type Options struct {
	Now            func() time.Time
	Pages          record.Pages  // as at the beginning: see [Instance.SetPages]
	Workspaces     []string      // the first is the default one
	ImportDuration time.Duration // how long an import takes
}

// Tables are all that an instance holds.
type Tables struct {
	Activities    *activity.Table
	Leads         *leads.Table
	Lists         *lists.Table
	Programs      *programs.Table
	Campaigns     *campaigns.Table
	Objects       *objects.Table
	CustomObjects *customobjects.Table
	Companies     *customobjects.Type
	SalesPersons  *customobjects.Type
	Folders       *folders.Table
	Exports       *exports.Table
	SmartLists    exports.SmartLists
	Imports       *imports.Table
}

// Instance is a Marketo instance in memory. Make it with [New]. It is safe for concurrent
// use: its tables may be used between [Instance.View] or [Instance.Change] and the call of
// what these return.
type Instance struct {
	Options

	pages atomic.Pointer[record.Pages]
	dice  dice
	due   atomic.Int64 // Unix nanoseconds when the first import ends; 0: none goes on

	mu sync.RWMutex // guards the tables
	*Tables

	// Usage counts the calls of the REST API. It has a lock of its own.
	Usage usage.Table
}

// New returns an empty instance.
func New(o Options) *Instance {
	i := &Instance{Options: o}
	i.SetPages(o.Pages)
	i.Tables = i.newTables()
	return i
}

// newTables returns empty tables that are connected with each other. The order is that of their dependencies.
func (i *Instance) newTables() *Tables {
	t := &Tables{Activities: activity.New(i.Now), Programs: programs.New(i.Now), CustomObjects: customobjects.New(i.Now), Folders: folders.New(i.Now), Exports: exports.New(i.Now)}
	t.Companies, t.SalesPersons = customobjects.NewCompanies(i.Now), customobjects.NewSalesPersons(i.Now)
	t.Leads = leads.New(i.Now, i.Workspaces, t.Activities)
	t.Lists = lists.New(i.Now, t.Leads, t.Activities)
	t.Objects = objects.New(i.Now, t.Leads, t.Programs.Objects())
	t.Campaigns = campaigns.New(i.Now, t.Programs, t.Leads)
	t.Imports = imports.New(i.Now, i.ImportDuration, t.Leads, t.Lists)
	t.Leads.Own(t.Lists)
	t.Leads.Own(t.Objects)
	return t
}

// View locks the instance for reading and returns the function that unlocks it; defer i.View()() is the usual form.
// Imports whose time is over are written first, for which the write lock is needed for a moment.
func (i *Instance) View() (unlock func()) {
	if i.importsDue() {
		i.Change()()
	}
	i.mu.RLock()
	return i.mu.RUnlock
}

// Change locks the instance for writing and returns the function that unlocks it. Imports whose time is over are
// written first.
func (i *Instance) Change() (unlock func()) {
	i.mu.Lock()
	if i.importsDue() {
		i.Imports.Run(i.Now())
	}
	return func() {
		i.due.Store(i.Imports.Due())
		i.mu.Unlock()
	}
}

// importsDue reports whether an import has ended and is not written yet. It reads an atomic number, so that it costs
// nothing in each call that only reads.
func (i *Instance) importsDue() bool {
	due := i.due.Load()
	return due != 0 && due <= i.Now().UnixNano()
}

// replace replaces the tables by others that nobody else knows. Whoever reads at this moment keeps the lock, so it
// sees either all of the old ones or all of the new.
func (i *Instance) replace(next *Tables) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.Tables = next
	i.due.Store(next.Imports.Due())
}

// Reset removes everything that the instance holds. Random numbers start over with the same seed.
func (i *Instance) Reset() {
	i.replace(i.newTables())
	i.Usage.Replace(nil)
	i.dice.restart(i.pages.Load())
}
