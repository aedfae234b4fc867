// Package sqltest helps tests of the stores on SQL databases: a window that was begun, and pages of activities.
package sqltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// BenchmarkPage is how many activities a commit has.
const BenchmarkPage = 1000

// OneWindow plans a window and begins it.
func OneWindow(tb testing.TB, s store.Store) store.Fence {
	tb.Helper()
	return OneWindowOf(tb, s, store.Activities)
}

// OneWindowOf plans a window of a stream and begins it.
func OneWindowOf(tb testing.TB, s store.Store, name store.StreamName) store.Fence {
	tb.Helper()
	ctx := context.Background()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, windows, err := s.Plan(ctx, store.Stream{Name: name}, func(store.StreamState) (store.Planned, error) {
		return store.Planned{
			Since: since, Upper: since.AddDate(1, 0, 0),
			Windows: []store.Window{{From: since, To: since.AddDate(1, 0, 0), Fresh: since}},
		}, nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	w, err := s.Begin(ctx, windows[0].ID)
	if err != nil {
		tb.Fatal(err)
	}
	return w.Fence()
}

// Page returns the nth page of activities that follow each other in time. Their GUIDs are numbers that grow, like
// those of the service, which matters for the speed of indexes.
func Page(random *rand.Rand, n int) []store.ActivityRow {
	zone := time.FixedZone("", -6*3600)
	rows := make([]store.ActivityRow, BenchmarkPage)
	for i := range rows {
		id := n*BenchmarkPage + i
		a := operations.Activity{
			ID: int64(id), HasID: true, GUID: strconv.Itoa(783_000_000 + id), LeadID: 1_000_000 + random.Int64N(50_000),
			Time: time.Date(2026, 1, 1, 0, 0, id, 0, zone), Type: "Visit Webpage", AssetName: "www.example.com/pricing/index.html",
		}
		for _, name := range []string{
			"Webpage ID", "Webpage URL", "Referrer URL", "Client IP Address", "User Agent", "Message Id", "Created At", "Query Parameters",
		} {
			a.Attributes = append(a.Attributes, operations.Attribute{Name: name, Value: fmt.Sprint("value of ", name, " ", id)})
		}
		rows[i] = store.NewActivityRow(a, 0)
	}
	return rows
}
