package report_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/report"
)

// newCopy makes an empty copy in a file, from the statements of the release.
func newCopy(t testing.TB) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	migrate(t, db, "sqlite")
	return db, path
}

// newPostgresCopy makes an empty copy in a database of its own, and returns that database's URL too.
func newPostgresCopy(t testing.TB) (*sql.DB, string) {
	t.Helper()
	url := pgtest.Database(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	migrate(t, db, "postgres")
	return db, url
}

func migrate(t testing.TB, db *sql.DB, dialect string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "internal", "sqlcore", "migrations", dialect, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	migrateWith(t, db, files...)
}

func migrateWith(t testing.TB, db *sql.DB, files ...string) {
	t.Helper()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		execute(t, db, string(text))
	}
}

func execute(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// activity is a row. Its time is local, with the offset.
type activity struct {
	lead                 int64
	local                string
	typ, asset, campaign string
	attributes           string
	late                 bool
	run                  int64
}

const insertActivity = `INSERT INTO activities (key, lead_id, occurred_at, occurred_local, type, asset, campaign, attributes, late, run, digest)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// values are those of a row.
func (a activity) values(t testing.TB, key string) []any {
	t.Helper()
	at, err := time.Parse(time.RFC3339, a.local)
	if err != nil {
		t.Fatal(err)
	}
	return []any{key, a.lead, at.UTC().Format(time.RFC3339), a.local, a.typ, a.asset, a.campaign, a.attributes, a.late, a.run, []byte("digest")}
}

func fillOne(t testing.TB, db *sql.DB, i int, a activity) {
	t.Helper()
	if a.attributes == "" {
		a.attributes = "{}"
	}
	execute(t, db, insertActivity, a.values(t, fmt.Sprintf("one-%d", i))...)
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fill inserts rows in one transaction.
func fill(t testing.TB, db *sql.DB, next func() (activity, bool)) {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	insert, err := tx.Prepare(insertActivity)
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	for i := 0; ; i++ {
		a, ok := next()
		if !ok {
			break
		}
		if _, err := insert.Exec(a.values(t, fmt.Sprintf("guid-%07d", i))...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func fillList(t testing.TB, db *sql.DB, list ...activity) {
	t.Helper()
	for i, a := range list {
		fillOne(t, db, i, a)
	}
}

// types are those of the made-up copies, with weights.
var types = []struct {
	name   string
	weight int
}{
	{"Visit Webpage", 40}, {"Open Email", 22}, {"Email Delivered", 14}, {"Click Link", 8}, {"Change Data Value", 7},
	{"Send Email", 6}, {"Click Email", 4}, {"Fill Out Form", 3}, {"Change Score", 3}, {"Add to List", 2},
	{"Interesting Moment", 1}, {"New Lead", 1},
}

// madeUp yields n activities of leads from 1001 on, some leads more active than others,
// in the last days before 30 April 2026. They are the same each time.
func madeUp(n, leads, days int) func() (activity, bool) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	total := 0
	for _, t := range types {
		total += t.weight
	}
	end := time.Date(2026, 4, 30, 14, 0, 0, 0, time.FixedZone("", -5*3600))
	return func() (activity, bool) {
		if n == 0 {
			return activity{}, false
		}
		n--
		at := end.Add(-time.Duration(r.Float64() * r.Float64() * float64(days*24) * float64(time.Hour))).Truncate(time.Second)
		for at.Hour() < 6 && r.IntN(8) > 0 || at.Weekday()%6 == 0 && r.IntN(3) > 0 { // few at night and on Sundays
			at = at.Add(time.Duration(r.IntN(9)+1) * time.Hour)
			if at.After(end) {
				at = end
				break
			}
		}
		offset := -6
		if at.After(time.Date(2026, 3, 8, 8, 0, 0, 0, time.UTC)) {
			offset = -5
		}
		pick, typ := r.IntN(total), types[0].name
		for _, t := range types {
			if pick -= t.weight; pick < 0 {
				typ = t.name
				break
			}
		}
		page := []string{"Home", "Pricing", "Webinar: data in practice", "Contact us"}[r.IntN(4)]
		a := activity{
			lead:  1001 + int64(float64(leads)*r.Float64()*r.Float64()*r.Float64()),
			local: at.In(time.FixedZone("", offset*3600)).Format(time.RFC3339),
			typ:   typ, asset: page,
			attributes: fmt.Sprintf(`{"Webpage URL":"https://www.example.com/%s","Client IP Address":"192.0.2.%d","User Agent":"Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0","Lead ID":"1001"}`,
				[]string{"", "pricing", "webinar", "contact"}[r.IntN(4)], r.IntN(256)),
		}
		if left := end.Sub(at); r.IntN(60) == 0 && left < 30*time.Hour { // the run of the hour found it
			a.late, a.run = true, 33-int64(left/time.Hour)+int64(r.IntN(3))
		}
		if r.IntN(3) == 0 {
			a.campaign = "Nurture 2026 – welcome"
		}
		return a, true
	}
}

// stream inserts a stream with runs of one window each, an hour apart, the newest at the end
// of madeUp's time. The last ones of them are not done, with the error.
func stream(t testing.TB, db *sql.DB, name string, runs, open int, problem string) {
	t.Helper()
	execute(t, db, `INSERT INTO sync_streams (name, query, since) VALUES ($1, '{}', '2025-01-01T06:00:00Z')`, name)
	upper := time.Date(2026, 4, 30, 19, 0, 0, 0, time.UTC).Add(-time.Duration(runs) * time.Hour)
	for i := range runs {
		upper = upper.Add(time.Hour)
		took := time.Duration(20+(i*37)%50) * time.Second
		if i == 0 {
			took = 14*time.Minute + 5*time.Second
		}
		var finished, failure any
		state := "failed"
		if i < runs-open {
			finished, state = upper.Add(took).Format(time.RFC3339), "done"
		} else {
			failure = problem
		}
		var run int64
		err := db.QueryRow(`INSERT INTO sync_runs (stream, upper_bound, started_at, finished_at) VALUES ($1, $2, $3, $4) RETURNING id`,
			name, upper.Format(time.RFC3339), upper.Format(time.RFC3339), finished).Scan(&run)
		if err != nil {
			t.Fatal(err)
		}
		execute(t, db, `INSERT INTO sync_windows (run, stream, from_time, to_time, fresh_from, state, position, error,
			calls, pages, seen, inserted, updated, late, missing) VALUES ($1, $2, $3, $4, $3, $5, '', $6, $7, $7, $8, $9, $10, $11, 0)`,
			run, name, upper.Add(-time.Hour).Format(time.RFC3339), upper.Format(time.RFC3339), state, failure,
			3+i%5, 900+i*13, 800+(i*97)%400, i%3, i%2)
	}
}

// made is when the pages of the tests are made.
var made = time.Date(2026, 4, 30, 19, 5, 0, 0, time.UTC)

func open(t testing.TB, target string) *report.Database {
	t.Helper()
	d, err := report.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
