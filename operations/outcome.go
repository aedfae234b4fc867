package operations

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
)

// Outcome is what became of a record that was written. Answers may have others than
// those listed here: they are passed on as they are. Whether the record is now as it was asked for
// tells the Err beside it, since that depends on the operation too.
type Outcome string

// The outcomes.
const (
	OutcomeCreated   Outcome = "CREATED"
	OutcomeUpdated   Outcome = "UPDATED"
	OutcomeDeleted   Outcome = "DELETED"
	OutcomeMerged    Outcome = "MERGED"
	OutcomeUnchanged Outcome = "UNCHANGED" // nothing had to be done
	// OutcomeSkipped: the operation asked for leaves such a record alone, an insert one
	// that exists, an update one that is new.
	OutcomeSkipped Outcome = "SKIPPED"
	OutcomeFailed  Outcome = "FAILED"
)

// done returns the outcomes that say that a record is now as it was asked for. Which they are depends on the operation of
// the WSDL and, where it syncs, on what the sync is to do.
func done(op string, how SyncOperation) []Outcome {
	switch {
	case op == opMergeLeads:
		return []Outcome{OutcomeMerged}
	case op == opDeleteMObjects, op == opDeleteCustomObjects:
		return []Outcome{OutcomeDeleted, OutcomeUnchanged}
	case how == SyncInsert:
		return []Outcome{OutcomeCreated}
	case how == SyncUpdate:
		return []Outcome{OutcomeUpdated, OutcomeUnchanged}
	}
	return []Outcome{OutcomeCreated, OutcomeUpdated, OutcomeUnchanged}
}

// told is what an answer says of one record.
type told struct {
	index   int   // place of the record in the request
	lead    int64 // Marketo id of the lead, or 0
	outcome Outcome
	reason  string // the service's text
}

// failure is a *fault.SyncError for an outcome that is not one of done, else nil. A record whose outcome is not known
// here, is none of this operation or comes with an error must not pass for written, nor for refused.
func (t told) failure(op string, done []Outcome) error {
	finished := slices.Contains(done, t.outcome)
	t.reason = strings.TrimSpace(t.reason)
	switch {
	case finished && t.reason == "":
		return nil
	case finished:
		t.reason = "its status is " + string(t.outcome) + ", and yet it has an error: " + t.reason
	case t.reason == "" && t.outcome != OutcomeFailed:
		t.reason = "its status is " + string(t.outcome)
	}
	err := &fault.SyncError{Index: t.index, LeadID: t.lead, Reason: t.reason}
	if t.outcome == OutcomeFailed || t.outcome == OutcomeSkipped {
		return err
	}
	return &fault.UnknownOutcomeError{Op: op, Err: err}
}

// SyncOperation says what a sync does with records that are new and with those that exist
// (WSDL: SyncOperationEnum).
type SyncOperation string

// The sync operations.
const (
	SyncUpsert SyncOperation = "UPSERT" // create what is new, update what exists
	SyncInsert SyncOperation = "INSERT" // create what is new, skip what exists
	SyncUpdate SyncOperation = "UPDATE" // update what exists, skip what is new
)

// SyncOperations returns all sync operations, in the order of the schema.
func SyncOperations() []SyncOperation { return []SyncOperation{SyncUpsert, SyncInsert, SyncUpdate} }

// Valid reports whether the schema lists the operation. Letter case counts.
func (o SyncOperation) Valid() bool { return o == SyncUpsert || o == SyncInsert || o == SyncUpdate }

func (o SyncOperation) check(field string) error { return checkChoice(field, o, SyncOperations()) }
