package leadsync

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// StreamName tells what a stream reads.
type StreamName = store.StreamName

// The streams.
const (
	Activities   = store.Activities   // what happened to all leads
	LeadActivity = store.LeadActivity // the histories of chosen leads
	Leads        = store.Leads        // the leads that were updated
)

// DefaultLookback is how much of the time that the previous run has read is read again.
const DefaultLookback = 2 * time.Hour

// Stream says what to copy. A copy has at most one stream of each name. What it asks for (Types, Fields) is checked with a
// call to the service before it is stored. It may change until a first window is done and has to stay the same after that;
// see AddFields and [Reset].
type Stream struct {
	Name StreamName
	// Since is the time at which the copy begins. The first run needs it. If a later run has an earlier Since, the time
	// between is added to the copy; a later Since is ignored.
	Since time.Time

	// Instance names the Marketo instance, for example by the endpoint's host. A copy is of
	// one instance and refuses others. Empty: not checked.
	Instance string

	// Types are the names of the activities that are wanted, spelt with spaces as in answers, such as "Visit Webpage";
	// none: all, or those that the copy was begun with. Types that a customer has defined are allowed.
	// operations.ActivityName helps with the spelling. Not for Leads.
	Types []string
	// Fields are the SOAP API names of the lead fields that are wanted; none: all, or those
	// that the copy was begun with. For Leads only.
	Fields []string

	// AddFields are fields that the copy is to have in addition to those it was begun with. All leads are then read
	// again from Since on and updated in place. If that run is interrupted, the next one continues it, with or
	// without AddFields. Fields that the copy has already change nothing. For Leads only, without Fields.
	AddFields []string

	// LeadKeys, List and StoredLeads choose the leads of LeadActivity, together: keys as
	// operations.ParseLeadKey reads them, the members of a static list, and all leads
	// that the copy knows. The choice may change from run to run: a new lead is read from Since.
	LeadKeys    []string
	List        string
	StoredLeads bool

	// Lookback is how long before the upper bound of the previous run a run begins to read. 0 stands for
	// DefaultLookback, a negative duration for none.
	Lookback time.Duration
	// LookbackByType is a longer Lookback for activities of a spaced name. One that is
	// shorter than Lookback has no effect.
	LookbackByType map[string]time.Duration

	// Window is the greatest length of a window. 0 stands for 24 hours, by bulk extract for 7 days, or longer if a run would
	// otherwise have more than 100 windows; windows of Leads have at most 30 days and those by bulk extract 31, the longest
	// ranges that the service takes. LeadActivity has windows of leads instead of time.
	Window time.Duration

	// Source is by what the stream is read. It may be another one in each run, and makes no difference to the copy: windows
	// that a run by the other source has left undone are read by this one.
	Source Source
}

// kept is what a store has of the stream.
func (s Stream) kept() store.Stream {
	return store.Stream{Name: s.Name, Instance: s.Instance, Types: s.Types, Fields: s.Fields}
}

// setQuery sets Types and Fields from a query that a store has.
func (s *Stream) setQuery(text string) error {
	had := store.Stream{Name: s.Name}
	err := had.ParseQuery(text)
	s.Types, s.Fields = had.Types, had.Fields
	return err
}

// Validate reports everything that is wrong with the stream, joined. Whether Since is
// needed is known when the copy is opened.
func (s Stream) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) *FieldError {
		e := &FieldError{Stream: s.Name, Field: field, Problem: fmt.Sprintf(format, args...)}
		errs = append(errs, e)
		return e
	}
	if !slices.Contains(store.StreamNames(), s.Name) {
		return fmt.Errorf("stream %q: there is no such stream; there are %v", string(s.Name), store.StreamNames())
	}
	if s.Name == Leads && len(s.Types) > 0 {
		bad("Types", "leads have no activity types; leave them out")
	}
	if s.Name != Leads && len(s.Fields)+len(s.AddFields) > 0 {
		bad("Fields", "only the stream leads has fields; leave them out")
	}
	if len(s.Fields) > 0 && len(s.AddFields) > 0 {
		bad("AddFields", "they are added to those of the copy; leave Fields out")
	}
	if s.Source != Pages && (s.Source != Bulk || s.Name != Activities) {
		bad("Source", "only the stream activities is read by bulk extract; leave it out")
	}
	chosen := len(s.LeadKeys) > 0 || s.List != "" || s.StoredLeads
	if s.Name == LeadActivity && !chosen {
		bad("LeadKeys", "choose leads: by LeadKeys, List or StoredLeads")
	}
	if s.Name != LeadActivity && chosen {
		bad("LeadKeys", "only the stream lead-activity is for chosen leads; leave LeadKeys, List and StoredLeads out")
	}
	for i, name := range s.Types { // what they may be else is known to the service alone
		if strings.TrimSpace(name) == "" {
			bad(fmt.Sprintf("Types[%d]", i), "is empty; leave it out")
		}
	}
	for i, text := range s.LeadKeys {
		if _, err := operations.ParseLeadKey(text); err != nil {
			bad(fmt.Sprintf("LeadKeys[%d]", i), "%v", err)
		}
	}
	s.validateTimes(bad)
	return errors.Join(errs...)
}

// validateTimes is the part of Validate about lookback and window.
func (s Stream) validateTimes(bad func(field, format string, args ...any) *FieldError) {
	for name, d := range s.LookbackByType {
		if len(s.Types) > 0 && !slices.Contains(s.Types, name) {
			bad("LookbackByType", "%q is not among", name).Other = "Types"
		}
		if d < 0 {
			bad("LookbackByType", "%q: %s is negative", name, d)
		}
	}
	if s.Name == Leads && len(s.LookbackByType) > 0 {
		bad("LookbackByType", "leads have no activity types; use Lookback")
	}
	if s.Window < 0 || s.Window > 0 && s.Window < time.Second {
		bad("Window", "%s; the shortest is 1s", s.Window)
	}
	if s.Source == Bulk && s.Window > extract.MaxRange {
		bad("Window", "%s; a bulk extract has 31 days at most", s.Window)
	}
	if s.Name == Leads && s.Window > operations.MaxUpdatedRange-2*time.Second {
		bad("Window", "%s; the service takes 30 days at most (20022)", s.Window)
	}
}

func (s Stream) lookback() time.Duration {
	if s.Lookback == 0 {
		return DefaultLookback
	}
	return max(s.Lookback, 0)
}

// FieldError says what is wrong with a field of a [Stream], or of the [Config] itself.
type FieldError struct {
	Stream  StreamName // whose field it is; empty: it is one of Config
	Field   string     // such as "Types[2]" or "Window"
	Problem string     // what is wrong with the value, and what to do
	Other   string     // the field that the problem is with, which ends the sentence; most often empty
}

func (e *FieldError) Error() string {
	if e.Stream == "" {
		return "leadsync: Config." + e.Field + " " + e.Problem
	}
	text := "stream " + string(e.Stream) + ": " + e.Field + ": " + e.Problem
	if e.Other != "" {
		text += " " + e.Other
	}
	return text
}
