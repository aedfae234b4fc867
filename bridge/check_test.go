package bridge_test

import (
	"slices"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator/rest"
)

// Every permission that an operation needs is among those that can be asked for.
func TestPermissions(t *testing.T) {
	t.Parallel()
	known := bridge.Permissions()
	for _, op := range bridge.Operations() {
		for _, p := range op.Permissions {
			if !slices.Contains(known, p.Name) {
				t.Errorf("%s needs %s", op.Name, p.Name)
			}
		}
	}
}

func TestCheckPermission(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithREST(
		rest.WithClient(mktowstest.RESTClientID, auth.NewSecret(mktowstest.RESTClientSecret), rest.ReadLead, rest.ReadCompany, rest.ReadCampaign)))
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/campaigns.json", Code: 611})
	b := bridgeTo(t, s, bridge.WithoutRetry())
	for name, want := range map[string]bridge.PermissionCheck{
		"Read-Only Lead":      {State: bridge.PermissionGranted, Read: "GET /rest/v1/leads.json", Needed: true},
		"Read-Write Lead":     {State: bridge.PermissionMissing, Read: "GET /rest/v1/lists/{listId}/leads/ismember.json", Needed: true},
		"Read-Only Company":   {State: bridge.PermissionGranted, Read: "GET /rest/v1/companies/describe.json"},
		"Execute Campaign":    {State: bridge.PermissionNotChecked, Needed: true},
		"Read-Only Campaign":  {State: bridge.PermissionNotChecked, Read: "GET /rest/v1/campaigns.json", Needed: true},
		"Read-Only Telephone": {State: bridge.PermissionNotChecked},
	} {
		got := b.CheckPermission(t.Context(), name)
		if isUnknown := got.Unknown != nil; isUnknown != (name == "Read-Only Campaign") {
			t.Errorf("%s: %v", name, got.Unknown)
		}
		want.Name, got.Unknown = name, nil
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if calls, err := b.CallsToday(t.Context()); err != nil || calls < 3 {
		t.Errorf("%d, %v", calls, err)
	}
}
