package bridge_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// tape answers what it has been asked before from memory, so that a benchmark measures one side.
type tape struct {
	next http.RoundTripper
	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	header http.Header
	status int
	body   []byte
}

// bodyOf reads the body of a request, and puts it back.
func bodyOf(r *http.Request) []byte {
	if r.Body == nil {
		return nil
	}
	body, _ := io.ReadAll(r.Body) // of memory
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.URL.String() + r.Header.Get("SOAPAction")
	if r.Header.Get("SOAPAction") == "" {
		key += string(bodyOf(r))
	} else {
		_ = bodyOf(r)
	}
	p.mu.Lock()
	one, known := p.kept[key]
	p.mu.Unlock()
	if !known {
		resp, err := p.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		one = kept{resp.Header, resp.StatusCode, body}
		p.mu.Lock()
		p.kept[key] = one
		p.mu.Unlock()
	}
	return &http.Response{StatusCode: one.status, Header: one.header, ContentLength: int64(len(one.body)), Body: io.NopCloser(bytes.NewReader(one.body)), Request: r}, nil
}

// BenchmarkPort is the cost on this side of a lead, a page of 300 leads, and one of 100 activities: by the bridge,
// by the client of the REST API that it has inside, and by the client of the SOAP API.
func BenchmarkPort(b *testing.B) {
	s := mktowstest.NewServer(b, mktowstest.WithDemo(), mktowstest.WithoutLimits())
	s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
	ids := make([]int64, 300)
	for i := range ids {
		ids[i] = s.Seed(simulator.Lead{Email: fmt.Sprintf("bench%d@example.com", i), Fields: map[string]string{"FirstName": "Bench", "LastName": "Mark", "Title": "Lead", "LeadScore": "7"}})[0]
	}
	list, err := s.Sim().AddList(simulator.List{Name: "Bench", Members: ids})
	if err != nil {
		b.Fatal(err)
	}
	api := s.REST()
	recorded := &http.Client{Transport: &tape{next: api.Client.Transport, kept: make(map[string]kept)}}
	over := s.Bridge(bridge.WithHTTPClient(recorded))
	soap, err := client.New(api.URL+"/soap/mktows/2_7", s.Credentials(), client.WithHTTPClient(recorded), client.WithoutLimits(), client.WithClock(s.Clock().Now))
	if err != nil {
		b.Fatal(err)
	}
	base, err := http.NewRequest(http.MethodGet, api.URL, nil)
	if err != nil {
		b.Fatal(err)
	}
	bare, err := rest.New(rest.Config{
		Base: base.URL, ClientID: api.ClientID, ClientSecret: api.ClientSecret, HTTP: recorded, NoLimits: true, Logger: slog.New(slog.DiscardHandler), UserAgent: "test", MaxBody: 64 << 20, Now: s.Clock().Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	types := including(gen.ActivityTypeVisitWebpage, gen.ActivityTypeNewLead, gen.ActivityTypeSendEmail, gen.ActivityTypeOpenEmail, gen.ActivityTypeClickEmail, gen.ActivityTypeChangeDataValue)
	changes := &gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2014-12-01T00:00:00-06:00")}, ActivityFilter: types, BatchSize: gen.Some[int32](100)}
	var fields []string
	if a, err := bare.DescribeLeads(b.Context()); err != nil {
		b.Fatal(err)
	} else {
		for _, f := range a.Records {
			if f.REST != nil {
				fields = append(fields, f.REST.Name)
			}
		}
	}
	token, err := bare.PagingToken(b.Context(), time.Date(2014, 12, 1, 6, 0, 0, 0, time.UTC))
	if err != nil {
		b.Fatal(err)
	}
	for _, one := range []struct {
		name string
		in   gen.Message
		bare func() error
	}{
		{"getLead", &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318815")}, func() error {
			_, err := bare.LeadsByFilter(b.Context(), rest.LeadFilter{Field: "id", Values: []string{"318815"}, Fields: fields})
			return err
		}},
		{"300 leads", &gen.ParamsGetMultipleLeads{LeadSelector: &gen.StaticListSelector{StaticListId: gen.Some(int32(list))}, BatchSize: gen.Some[int32](300)}, func() error {
			_, err := bare.LeadsOfList(b.Context(), list, fields, rest.Page{})
			return err
		}},
		{"100 activities", changes, func() error {
			_, err := bare.Activities(b.Context(), rest.ActivityQuery{Types: []int64{1, 6, 10, 11, 12, 13}, Page: rest.Page{Token: token}})
			return err
		}},
	} {
		for way, call := range map[string]func() error{
			"bridge": func() error { _, err := perform(b.Context(), over, one.in); return err },
			"soap":   func() error { _, err := perform(b.Context(), soap, one.in); return err },
			"rest":   one.bare,
		} {
			b.Run(one.name+"/"+way, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := call(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
