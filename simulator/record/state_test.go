package record_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator/record"
)

// The JSON form is read back as it was written; what is empty is left out of it.
func TestState_json(t *testing.T) {
	t.Parallel()
	const text = `{
  "workspaces": ["Default"],
  "fields": [{"name": "Taste", "label": "Taste", "type": "string"}],
  "leads": [
    {
      "id": 7, "email": "a@example.com", "keys": [{"type": "COOKIE", "value": "c"}], "foreignIds": [{"system": "SFDC", "id": "x"}],
      "fields": {"City": "X"}, "added": "2016-02-01T12:00:00-06:00",
      "activities": [
        {"id": 5, "order": 1, "time": "2016-01-01T00:00:00+00:00", "type": "Open Email", "assetName": "A", "campaign": "P.C", "attributes": [{"name": "n", "value": ""}]}
      ]
    }
  ],
  "lists": [{"id": 1001, "program": "P", "name": "L", "members": [7]}],
  "channels": [{"name": "C", "statuses": [{"name": "S", "step": 10, "success": true}]}],
  "tags": [{"type": "Region", "values": ["Asia"]}],
  "programs": [
    {"id": 1, "name": "P", "start": "2016-01-01T00:00:00+00:00", "tags": [{"name": "Channel", "value": "C"}], "costs": [{"id": 1, "month": "2016-01", "amount": 5}]}
  ],
  "campaigns": [{"id": 1, "name": "C", "program": "P", "sources": ["MKTOWS"]}],
  "campaignRuns": [{"campaignId": 1, "campaign": "P.C", "time": "2016-02-01T12:00:00-06:00", "leads": [7]}],
  "objectFields": [{"object": "Opportunity", "name": "Region", "type": "string"}],
  "opportunities": [{"id": 1, "externalKey": {"name": "CrmId", "value": "1"}, "company": {"id": 501}}],
  "opportunityRoles": [{"id": 1, "opportunityId": 1, "leadId": 7}],
  "customObjects": [{"name": "D", "keys": [{"name": "K", "type": "string"}], "records": [{"number": 2, "keys": {"K": "1"}}], "lastNumber": 3}],
  "imports": [{"listId": 1001, "mode": "LISTONLY", "columns": ["Email"], "rows": ["a@example.com"], "done": true, "ignored": 1}],
  "importedTokens": [{"campaign": "P.C", "leadId": 7, "tokens": [{"name": "{{my.a}}", "value": "b"}]}],
  "lastIds": {"lead": 7}
}`
	var st record.State
	if err := json.Unmarshal([]byte(text), &st); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if empty, err := json.Marshal(record.State{}); err != nil || string(empty) != "{}" {
		t.Errorf("an empty state is %s, %v", empty, err)
	}
}
