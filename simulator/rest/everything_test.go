package rest_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// Two hundred callers do everything at once by both APIs, while files are made, and settings, rules, clock and state
// change: nothing panics, and afterwards both APIs tell of the same leads.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	b := demo(t, simulator.WithEmptyPages(0.3), simulator.WithShortPages(0.3), rest.WithExports(rest.Exports{Volume: 1 << 40}))
	start, token := b.sim.Snapshot(), b.since(noon.Add(-20*365*24*time.Hour))
	send := func(method, uri, body string) string {
		r := b.request(method, uri, strings.NewReader(body), map[bool]string{true: jsonType}[body != ""])
		w := httptest.NewRecorder()
		b.api.ServeHTTP(w, r)
		return w.Body.String()
	}
	export := func(path, body string) {
		_, after, _ := strings.Cut(send("POST", path+"/create.json", body), `"exportId":"`)
		id, _, _ := strings.Cut(after, `"`)
		for _, call := range []string{"POST enqueue", "GET status", "GET file"} {
			method, name, _ := strings.Cut(call, " ")
			send(method, path+"/"+id+"/"+name+".json", "")
		}
	}
	api, _ := b.api.(*rest.Handler)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			lead := fmt.Sprintf(`{"email":"c%d@example.com","firstName":"F%d"}`, i%17, i)
			for range 3 {
				switch i % 20 {
				case 0:
					send("POST", "/rest/v1/leads.json", `{"input":[`+lead+`]}`)
				case 1:
					send("DELETE", fmt.Sprintf("/rest/v1/leads.json?id=%d", 318821+i%9), "")
				case 2:
					send("POST", fmt.Sprintf("/rest/v1/leads/318815/merge.json?leadIds=%d", 318821+i%7), "")
				case 3:
					export("/bulk/v1/activities/export", `{"filter":{"createdAt":{"startAt":"2015-09-01T00:00:00Z","endAt":"2015-09-30T00:00:00Z"}}}`)
				case 4:
					export("/bulk/v1/leads/export", `{"fields":["id","email"],"filter":{"staticListId":1042}}`)
				case 5:
					export("/bulk/v1/customobjects/device/export", `{"filter":{"staticListId":1042}}`)
				case 6:
					send("GET", "/rest/v1/activities.json?activityTypeIds=1,12,13&listId=1042&nextPageToken="+token, "")
				case 7:
					send("GET", "/rest/v1/activities/leadchanges.json?fields=email&nextPageToken="+token, "")
				case 8:
					s := api.Settings()
					s.Quirks.MissingIDs = int64(i % 5)
					if err := api.Set(s); err != nil {
						t.Error(err)
					}
				case 9:
					if err := b.sim.SetPages(simulator.Pages{Limit: i % 7, Empty: 0.5}); err != nil {
						t.Error(err)
					}
				case 10:
					b.rules.Add(server.Rule{Operation: "POST /rest/v1/leads.json", Code: 1007, Records: []int{0}, Times: 1})
				case 11:
					send("POST", "/rest/v1/lists/1042/leads.json?id=318816,318817", "")
					send("DELETE", "/rest/v1/lists/1042/leads.json?id=318816", "")
				case 12:
					_, _ = b.sim.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some(fmt.Sprintf("c%d@example.com", i%17))}})
				case 13:
					_, _ = b.sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"}})
				case 14:
					send("GET", "/rest/v1/leads.json?filterType=leadPartitionId&filterValues=1", "")
				case 15:
					send("POST", "/rest/v1/customobjects/device.json", fmt.Sprintf(`{"input":[{"SerialNumber":"S%d"}]}`, i))
					send("POST", "/rest/v1/customobjects/device/delete.json", fmt.Sprintf(`{"input":[{"SerialNumber":"S%d"}]}`, i))
				case 16:
					if err := b.sim.Load(start); i == 16 && err != nil {
						t.Error(err)
					}
				case 17:
					b.clock.Advance(time.Second)
					_ = b.sim.Snapshot()
				case 18:
					send("GET", "/rest/v1/stats/usage.json", "")
					send("GET", "/bulk/v1/activities/export.json", "")
				default:
					send("POST", "/rest/v1/opportunities.json", `{"input":[{"externalOpportunityId":"o","name":"N"}]}`)
				}
			}
		})
	}
	all.Wait()
	for _, e := range b.journal {
		if e.Err != nil {
			t.Errorf("%s: %v", e.Operation, e.Err)
		}
	}
	b.rules.Clear()
	for _, id := range b.sim.LeadIDs() {
		byREST := b.get("/rest/v1/leads.json?filterType=id&filterValues=%d&fields=email", id).column("email")
		got, err := b.sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: fmt.Sprint(id)}})
		if err != nil {
			t.Error(err)
			continue
		}
		list, _ := got.Result.LeadRecordList.Get()
		bySOAP, _ := list.LeadRecord[0].Email.Get()
		if byREST != bySOAP && !(byREST == "<nil>" && bySOAP == "") {
			t.Errorf("lead %d: %s by the REST API, %s by the SOAP API", id, byREST, bySOAP)
		}
	}
}
