package client

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
)

// BenchmarkRoundTrip fetches a page of activities: through a transport that answers at
// once, which leaves the client's own work, and over HTTP on a connection in memory.
func BenchmarkRoundTrip(b *testing.B) {
	for _, records := range []int{1, 100} {
		page := activityPage(b, records)
		b.Run(fmt.Sprintf("transport/records=%d", records), func(b *testing.B) {
			c, err := New("https://mktows.example.com/soap/mktows/3_1", credentials, WithoutLimits(),
				WithHTTPClient(&http.Client{Transport: canned(page)}))
			if err != nil {
				b.Fatal(err)
			}
			roundTrips(b, c, len(page))
		})
		b.Run(fmt.Sprintf("memory/records=%d", records), func(b *testing.B) {
			roundTrips(b, start(b, raw(200, soap, page)).client(b), len(page))
		})
	}
}

func roundTrips(b *testing.B, c *Client, size int) {
	in := &gen.ParamsGetLeadActivity{
		LeadKey:   &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"},
		BatchSize: gen.Some[int32](100),
	}
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := c.GetLeadActivity(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// canned sends the request nowhere and answers with the document.
func canned(doc string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {soap}}, ContentLength: int64(len(doc)),
			Body: io.NopCloser(strings.NewReader(doc)), Request: r,
		}, nil
	}
}

func activityPage(b *testing.B, records int) string {
	record := gen.ActivityRecord{
		Id: gen.Some[int64](12025714), MarketoGUID: "12025714", ActivityDateTime: "2015-09-04T16:07:16-05:00",
		ActivityType: "Visit Webpage", MktgAssetName: gen.Some("start"), MktPersonId: "318815",
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "Webpage URL", AttrValue: "/start.html?a=1&b=2"}, {AttrName: "Lead ID", AttrValue: "318815"},
		}}),
	}
	list := &gen.LeadActivityList{ReturnCount: int32(records), NewStartPosition: &gen.StreamPosition{}}
	list.ActivityRecordList = gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: make([]gen.ActivityRecord, records)})
	for i := range records {
		list.ActivityRecordList.Value.ActivityRecord[i] = record
	}
	doc, err := envelope.AppendResponse(nil, gen.V3_1, &gen.SuccessGetLeadActivity{LeadActivityList: list})
	if err != nil {
		b.Fatal(err)
	}
	return string(doc)
}
