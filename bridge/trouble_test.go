package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// lostWrites are writes, each with the call of the REST API that does it.
func lostWrites() map[string]gen.Message {
	return map[string]gen.Message{
		"POST /rest/v1/leads.json":                                   &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("new@example.com")}},
		"POST /rest/v1/leads/{leadId}/merge.json":                    &gen.ParamsMergeLeads{WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("IDNUM", "318818")}}, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("IDNUM", "318819")}}}}},
		"POST /rest/v1/campaigns/{campaignId}/trigger.json":          &gen.ParamsRequestCampaign{Source: gen.ReqCampSourceTypeMKTOWS, CampaignId: gen.Some[int32](1201), LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*leadKey(gen.LeadKeyRefIDNUM, "318817")}})},
		"POST /rest/v1/campaigns/{campaignId}/schedule.json":         &gen.ParamsScheduleCampaign{ProgramName: simulator.DemoProgram, CampaignName: simulator.DemoBatchCampaign},
		"POST /rest/v1/customobjects/{customObjectName}.json":        &gen.ParamsSyncCustomObjects{ObjTypeName: simulator.DemoCustomObject, Operation: gen.Some(gen.SyncOperationEnumINSERT), CustomObjList: &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{device("SN-7")}}},
		"POST /rest/v1/customobjects/{customObjectName}/delete.json": &gen.ParamsDeleteCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("SerialNumber", "SN-1001")}}}}},
	}
}

// The answer of a write is lost after it was done: nobody says that it failed, and it is not done twice.
func TestWrites_answerLost(t *testing.T) {
	t.Parallel()
	for call, in := range lostWrites() {
		for _, drop := range []server.Drop{mktowstest.DropAfterWork, mktowstest.DropHalfAnswer} {
			t.Run(fmt.Sprint(in.ElementName(), " ", drop), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := mktowstest.NewServer(t, mktowstest.WithDemo())
					s.Inject(mktowstest.Rule{Operation: call, Drop: drop})
					_, err := perform(t.Context(), bridgeTo(t, s), in)
					var unknown *fault.UnknownOutcomeError
					var op *fault.OpError
					operation := gen.OperationByInput(in.ElementName()).Name
					if !errors.As(err, &unknown) || unknown.Op != operation || !errors.As(err, &op) || op.Op != operation {
						t.Errorf("%v", err)
					}
					s.RequireCalls(t, call, 1)
				})
			})
		}
	}
}

// A write that the service has refused is done once it takes it.
func TestWrites_refusedFirst(t *testing.T) {
	t.Parallel()
	for call, in := range lostWrites() {
		t.Run(in.ElementName(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mktowstest.NewServer(t, mktowstest.WithDemo())
				for _, code := range []fault.Code{606, 615, 608} {
					s.Inject(mktowstest.Rule{Operation: call, Code: code, Times: 1})
				}
				if _, err := perform(t.Context(), bridgeTo(t, s), in); err != nil {
					t.Error(err)
				}
				s.RequireCalls(t, call, 4)
			})
		})
	}
}

// A part of a batch that was lost is told apart from what was written before, and from what was not sent.
func TestSyncMultipleLeads_partly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithDemo())
		s.Inject(mktowstest.Rule{Operation: "POST /rest/v1/leads.json", Skip: 1, Code: 611, Times: 1})
		out, err := bridgeTo(t, s).SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{
			record("one@example.com"), record("one@example.com", attribute("FirstName", "Again")),
		}}})
		if err != nil {
			t.Fatal(err)
		}
		list := out.Result.SyncStatusList.SyncStatus
		if list[0].Status != gen.LeadSyncStatusCREATED || list[1].Status != gen.LeadSyncStatusFAILED || !strings.Contains(list[1].Error.Value, "may or may not") {
			t.Errorf("%+v", list)
		}
	})
}

// body is a rule that answers with a document.
func body(call, doc string) mktowstest.Rule {
	return mktowstest.Rule{Operation: call, Body: []byte(doc)}
}

// What makes no sense is a clear fault, and no page with something left out.
func TestReads_strangeAnswers(t *testing.T) {
	t.Parallel()
	const leads = "GET /rest/v1/leads.json"
	for name, test := range map[string]struct {
		rule mktowstest.Rule
		in   gen.Message
		text []string
	}{
		"a lead id beyond 32 bits": {body(leads, `{"success":true,"result":[{"id":4294967297,"email":"a@example.com"}]}`), &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "1")}, []string{"20011", "4294967297 does not fit the 32 bits"}},
		"a lead without an id":     {body(leads, `{"success":true,"result":[{"email":"a@example.com"}]}`), &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "1")}, []string{`lacks the member "id"`}},
		"a date that is none": {
			body("GET /rest/v1/activities.json", `{"success":true,"result":[{"leadId":7,"marketoGUID":"g","activityDate":"soon","activityTypeId":12}],"nextPageToken":"T","moreResult":false}`),
			&gen.ParamsGetLeadChanges{StartPosition: new(gen.StreamPosition)}, []string{"soon", "is no time"},
		},
		"HTML": {body(leads, "<html>Log in</html>"), &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "1")}, []string{"HTTP 200 with text/html", "instead of JSON of the REST API"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := demoServer(t)
			s.Inject(test.rule)
			_, err := perform(t.Context(), bridgeTo(t, s), test.in)
			for _, want := range test.text {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in %v", want, err)
				}
			}
		})
	}
}

// Characters that XML cannot carry do not come through: a server over the bridge could not answer.
func TestReads_controlCharacters(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	s.Inject(body("GET /rest/v1/leads.json", `{"success":true,"result":[{"id":7,"email":"a\u0000@example.com","firstName":"\u0007Ad\u000ba\ufffe\n"}]}`))
	out, err := bridgeTo(t, s).GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "7")})
	if err != nil {
		t.Fatal(err)
	}
	lead := out.Result.LeadRecordList.Value.LeadRecord[0]
	if lead.Email.Value != "a@example.com" || lead.LeadAttributeList.Value.Attribute[0].AttrValue != "Ada\n" {
		t.Errorf("%+v", lead)
	}
	if _, err := gen.Marshal(out, gen.V3_1); err != nil {
		t.Error(err)
	}
}

// A token that expires in the middle of a run of pages is replaced, and no record is lost or comes twice.
func TestPages_tokenExpires(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	b := bridgeTo(t, s)
	want := changeIDs(t, b, 300, threeTypes, nil)
	got := changeIDs(t, b, 40, threeTypes, func() { s.Clock().Advance(59 * time.Minute) })
	if fmt.Sprint(want) != fmt.Sprint(got) || len(got) < 100 {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
}

// A paging token that the service takes no more is made anew from the place that was reached.
func TestPages_pagingTokenRefused(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	want := changeIDs(t, bridgeTo(t, s), 300, threeTypes, nil)
	pages := 0
	got := changeIDs(t, bridgeTo(t, s), 40, threeTypes, func() {
		if pages++; pages%2 == 0 {
			s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/activities.json", Code: 1003, Text: "Invalid nextPageToken", Times: 1})
		}
	})
	if fmt.Sprint(want) != fmt.Sprint(got) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
}

// Whichever call the service refuses the token of, also one that the bridge has just been given and two in a row, nothing is
// lost and nothing comes twice.
func TestPages_anyPagingTokenRefused(t *testing.T) {
	t.Parallel()
	s := demoServer(t, mktowstest.WithSimulator(simulator.WithPageLimit(3)))
	history := gen.ParamsGetLeadActivity{
		LeadKey: leadKey(gen.LeadKeyRefIDNUM, fmt.Sprint(simulator.DemoLeadID)), ActivityFilter: threeTypes, BatchSize: gen.Some[int32](1),
	}
	from := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2015-09-01T00:00:00-05:00")}
	for name, read := range map[string]func() []string{
		"history": func() []string { ids, _ := historyIDs(t, history, bridgeTo(t, s)); return ids },
		"changes": func() (ids []string) {
			out, err := bridgeTo(t, s).GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{StartPosition: from, ActivityFilter: threeTypes, BatchSize: gen.Some[int32](9)})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
				ids = append(ids, r.MarketoGUID)
			}
			return ids
		},
	} {
		before := len(s.Exchanges("GET /rest/v1/activities.json"))
		want := read()
		calls := len(s.Exchanges("GET /rest/v1/activities.json")) - before
		for skip := range calls {
			remove := s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/activities.json", Code: 1003, Text: "Invalid nextPageToken", Skip: skip, Times: 2})
			got := read()
			remove()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s, call %d: %d records %v, want %d", name, skip+1, len(got), got, len(want))
			}
		}
		if calls < 3 || len(want) < 4 {
			t.Errorf("%s: %d records by %d calls are too few", name, len(want), calls)
		}
	}
}

var threeTypes = including(gen.ActivityTypeVisitWebpage, gen.ActivityTypeNewLead, gen.ActivityTypeSendEmail)

// changeIDs reads the changes of a year and calls something between the pages.
func changeIDs(t *testing.T, port gen.Port, size int32, filter gen.Opt[gen.ActivityTypeFilter], between func()) []string {
	t.Helper()
	var ids []string
	at := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2014-12-01T00:00:00-06:00")}
	for more := true; more; {
		out, err := port.GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{
			StartPosition: at, BatchSize: gen.Some(size), ActivityFilter: filter,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
			ids = append(ids, r.MarketoGUID)
		}
		at, more = out.Result.NewStartPosition, out.Result.RemainingCount > 0
		if between != nil {
			between()
		}
	}
	return ids
}

// Nothing that a bridge says or logs is secret.
func TestBridge_saysNothingSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := mktowstest.NewServer(t, mktowstest.WithDemo())
		s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads.json", Code: 608, Times: 2})
		b := bridgeTo(t, s, bridge.WithLogger(logger))
		_, _ = b.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318815")})
		fmt.Fprintf(&log, "%v %+v %#v", b, b, b)
		for _, secret := range []string{mktowstest.RESTClientID, mktowstest.RESTClientSecret, ":sim"} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%q is shown", secret)
			}
		}
		if !strings.Contains(log.String(), "repeating a call") {
			t.Error("nothing was logged")
		}
	})
}

// Who has gone gets no call.
func TestBridge_callerGone(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	b := bridgeTo(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, op := range gen.Operations() {
		if _, err := op.Call(ctx, b, op.NewInput()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", op.Name, err)
		}
	}
	s.RequireCalls(t, "", 0)
}
