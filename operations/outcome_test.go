package operations_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// Which statuses say that a record is as it was asked for depends on the operation. Those of other operations leave open
// what was done, and so does a status that comes with an error.
func TestOutcome_byOperation(t *testing.T) {
	t.Parallel()
	all := []string{"CREATED", "UPDATED", "DELETED", "MERGED", "UNCHANGED", "SKIPPED", "FAILED", "", "created"}
	for _, tt := range outcomeCases() {
		for _, status := range all {
			err := tt.call(t.Context(), (&recorder{answer: tt.answer(status, "")}).api())
			var refused *fault.SyncError
			done, known := slices.Contains(tt.done, status), status == "SKIPPED" || status == "FAILED"
			if done != (err == nil) || !done && (!errors.As(err, &refused) || errors.Is(err, fault.ErrUnknownOutcome) == known) {
				t.Errorf("%s: status %q: error %v", tt.name, status, err)
			}
			err = tt.call(t.Context(), (&recorder{answer: tt.answer(status, "no room")}).api())
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "no room") || errors.Is(err, fault.ErrUnknownOutcome) == known {
				t.Errorf("%s: status %q with an error: error %v", tt.name, status, err)
			}
		}
	}
}

type outcomeCase struct {
	name   string
	call   func(context.Context, *operations.API) error
	answer func(status, reason string) gen.Message
	done   []string
}

func outcomeCases() []outcomeCase {
	said := func(reason string) gen.Opt[string] {
		if reason == "" {
			return gen.NilOf[string]()
		}
		return gen.Some(reason)
	}
	merge := func(ctx context.Context, api *operations.API) error {
		_, err := api.Leads.Merge(ctx, operations.LeadID(1), []operations.LeadKey{operations.LeadID(2)}, nil)
		return err
	}
	lead := func(ctx context.Context, api *operations.API) error {
		_, err := api.Leads.Sync(ctx, operations.Lead{ID: 1}, nil)
		return err
	}
	leads := func(ctx context.Context, api *operations.API) error {
		s, err := api.Leads.SyncMany(ctx, []operations.Lead{{ID: 1}}, nil)
		return cmp.Or(err, s[0].Err)
	}
	deleted := func(ctx context.Context, api *operations.API) error {
		s, err := api.Objects.Delete(ctx, []operations.ObjectRef{{Type: operations.ObjectOpportunity, ID: 1}}, nil)
		return cmp.Or(err, s[0].Err)
	}
	customDeleted := func(ctx context.Context, api *operations.API) error {
		s, err := api.CustomObjects.Delete(ctx, "Car", []operations.Attributes{carKey}, nil)
		return cmp.Or(err, s[0].Err)
	}
	objects := func(status, reason string) *gen.ArrayOfMObjStatus {
		return objectStatuses(gen.MObjStatus{Status: gen.MObjStatusEnum(status), Error: said(reason)})
	}
	custom := func(status, reason string) *gen.ArrayOfSyncCustomObjStatus {
		return &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: []gen.SyncCustomObjStatus{{Status: gen.SyncStatusEnum(status), Error: said(reason)}}}
	}
	cases := []outcomeCase{
		{"Leads.Sync", lead, func(status, reason string) gen.Message {
			return syncedLead(gen.SyncStatus{Status: gen.LeadSyncStatus(status), Error: said(reason)}, gen.NilOf[gen.LeadRecord]())
		}, []string{"CREATED", "UPDATED", "UNCHANGED"}},
		{"Leads.SyncMany", leads, func(status, reason string) gen.Message {
			return synced(gen.SyncStatus{Status: gen.LeadSyncStatus(status), Error: said(reason)})
		}, []string{"CREATED", "UPDATED", "UNCHANGED"}},
		{"Leads.Merge", merge, func(status, reason string) gen.Message {
			return merged(gen.MergeStatus{Status: gen.LeadMergeStatusEnum(status), Error: said(reason)})
		}, []string{"MERGED"}},
		{"Objects.Delete", deleted, func(status, reason string) gen.Message {
			return &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: objects(status, reason)}}
		}, []string{"DELETED", "UNCHANGED"}},
		{"CustomObjects.Delete", customDeleted, func(status, reason string) gen.Message {
			return &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{DeleteCustomObjStatusList: custom(status, reason)}}
		}, []string{"DELETED", "UNCHANGED"}},
	}
	for how, done := range map[operations.SyncOperation][]string{
		operations.SyncUpsert: {"CREATED", "UPDATED", "UNCHANGED"}, operations.SyncInsert: {"CREATED"}, operations.SyncUpdate: {"UPDATED", "UNCHANGED"},
	} {
		cases = append(cases, outcomeCase{"Objects.Sync " + string(how), func(ctx context.Context, api *operations.API) error {
			s, err := api.Objects.Sync(ctx, how, []operations.Object{deal})
			return cmp.Or(err, s[0].Err)
		}, func(status, reason string) gen.Message {
			return &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objects(status, reason)}}
		}, done}, outcomeCase{"CustomObjects.Sync " + string(how), func(ctx context.Context, api *operations.API) error {
			s, err := api.CustomObjects.Sync(ctx, "Car", how, []operations.CustomObject{{Keys: carKey}})
			return cmp.Or(err, s[0].Err)
		}, func(status, reason string) gen.Message {
			return &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: custom(status, reason)}}
		}, done})
	}
	return cases
}

// The lists of values are those of the schema.
func TestEnumerations(t *testing.T) {
	t.Parallel()
	same(t, operations.SyncOperations(), gen.SyncOperationEnum("").Values())
	same(t, operations.ForeignSysTypes(), gen.ForeignSysType("").Values())
	same(t, operations.ListKeyTypes(), gen.ListKeyType("").Values())
	same(t, operations.ImportModes(), gen.ImportToListModeEnum("").Values())
	same(t, operations.CampaignSources(), gen.ReqCampSourceType("").Values())
	same(t, operations.Comparisons(), gen.ComparisonEnum("").Values())
	for _, o := range operations.SyncOperations() {
		if !o.Valid() || operations.SyncOperation("upsert").Valid() {
			t.Errorf("%q is not told from others", o)
		}
	}
}

func same[T, U ~string](t *testing.T, got []T, want []U) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a T, b U) bool { return string(a) == string(b) }) {
		t.Errorf("got %q, want %q", got, want)
	}
}
