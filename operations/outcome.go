package operations

import "github.com/mktows/mktows-go/fault"

// Outcome is what became of a record that was written. Answers may have others than
// those listed here: they are passed on as they are.
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

// Done reports whether the record is now as it was asked for. It is false for an
// outcome that is not known here.
func (o Outcome) Done() bool {
	switch o {
	case OutcomeCreated, OutcomeUpdated, OutcomeDeleted, OutcomeMerged, OutcomeUnchanged:
		return true
	}
	return false
}

// failure is a *fault.SyncError for an outcome that is not Done, else nil. A record whose
// outcome is not known here must not pass for written, nor for refused.
func failure(op string, i int, lead int64, o Outcome, reason string) error {
	if o.Done() {
		return nil
	}
	if reason == "" && o != OutcomeFailed {
		reason = "its status is " + string(o)
	}
	err := &fault.SyncError{Index: i, LeadID: lead, Reason: reason}
	if o == OutcomeFailed || o == OutcomeSkipped {
		return err
	}
	return &fault.UnknownOutcomeError{Op: op, Err: err}
}

// SyncOperation says what a sync does with records that are new and with those that exist
// (WSDL: SyncOperationEnum).
type SyncOperation string

// The sync operations.
const (
	Upsert SyncOperation = "UPSERT" // create what is new, update what exists
	Insert SyncOperation = "INSERT" // create what is new, skip what exists
	Update SyncOperation = "UPDATE" // update what exists, skip what is new
)

// SyncOperations returns all sync operations, in the order of the schema.
func SyncOperations() []SyncOperation { return []SyncOperation{Upsert, Insert, Update} }

// Valid reports whether the schema lists the operation. Letter case counts.
func (o SyncOperation) Valid() bool { return o == Upsert || o == Insert || o == Update }

func (o SyncOperation) check(field string) error { return checkChoice(field, o, SyncOperations()) }
