package report_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/report"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// TestWrite_filesGiveTheSamePage copies one service into SQLite and into files, twice: the second run finds rows that are
// late and changed.
func TestWrite_filesGiveTheSamePage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database, folder := filepath.Join(dir, "leads.db"), filepath.Join(dir, "leads")
	lite, err := sqlite.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filestore.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	sim := simulator.New()
	noon := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	visits := func(n int, from time.Time) (list []simulator.Activity) {
		for i := range n {
			list = append(list, simulator.Activity{
				Type: []gen.ActivityType{"VisitWebpage", "OpenEmail", "ClickLink"}[i%3], AssetName: fmt.Sprint("Page ", i), Time: simulator.At(from.Add(time.Duration(-i) * 47 * time.Minute)),
			})
		}
		return list
	}
	for i := range 7 {
		_, err := sim.AddLead(simulator.Lead{ID: int64(1001 + i), Email: fmt.Sprintf("lead%d@example.com", i), Activities: visits(20+i, noon.Add(-time.Hour))})
		if err != nil {
			t.Fatal(err)
		}
	}
	copyInto := func(at time.Time) {
		streams := []leadsync.Stream{{Name: leadsync.Activities, Since: noon.AddDate(0, 0, -2)}, {Name: leadsync.Leads, Since: noon.AddDate(-1, 0, 0)}}
		for _, s := range []store.Store{lite, files} {
			for i := range streams { // one after the other, so that the numbers of their runs are the same in both copies
				_, err := leadsync.Run(t.Context(), &leadsync.Config{
					Port: sim, Store: s, Now: func(context.Context) (time.Time, error) { return at, nil }, Concurrency: 1, Streams: streams[i : i+1],
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	copyInto(noon)
	if _, err := sim.AddLead(simulator.Lead{ID: 1100, Email: "late@example.com", Activities: visits(3, noon.Add(-20*time.Minute))}); err != nil {
		t.Fatal(err)
	}
	copyInto(noon.Add(time.Hour))
	if err := lite.Close(); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	for _, o := range []report.Options{{Title: "Copy", Now: made}, {Title: "Copy", Now: made, Lead: 1100, Location: time.UTC}} {
		want := comparable(page(t, open(t, database), &o))
		got := comparable(page(t, openFiles(t, folder), &o))
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("-SQLite +files:\n%s", diff)
		}
		wantText(t, want, "late 3 ", "8 leads", "1100", "Page 19")
	}
}

// comparable is a page without the times at which runs took place.
func comparable(page string) string {
	for _, part := range []string{`(?s)<figure class="small">.*?</figure>`, `<td>[^<]*</td><td class="num">[^<]*</td><td class="(good|warn|bad)">`, `(?s)<dl class="figures last">.*?</dl>`} {
		page = regexp.MustCompile(part).ReplaceAllString(page, "")
	}
	return strings.ReplaceAll(page, "leads.db", "leads")
}

// openFiles reads a copy in files for the length of the test.
func openFiles(t *testing.T, folder string) *report.Database {
	t.Helper()
	s, err := filestore.OpenReadOnly(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return fromDB(t, db, filepath.Base(folder))
}

func fromDB(t *testing.T, db *sql.DB, name string) *report.Database {
	t.Helper()
	d, err := report.FromDB(t.Context(), db, report.SQLite, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}
