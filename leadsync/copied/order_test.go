package copied_test

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
)

// withoutIDs has records of one second that have GUIDs alone, as files of bulk extracts have.
type withoutIDs struct{ gen.Port }

func (w withoutIDs) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := w.Port.GetLeadChanges(ctx, in)
	if err != nil {
		return nil, err
	}
	var list []gen.LeadChangeRecord
	for guid, lead := range map[string]string{"a-1": "101", "B2": "102", "C3": "101", "d4": "102", "_5": "101", "é6": "102"} {
		list = append(list, gen.LeadChangeRecord{
			MarketoGUID: guid, MktPersonId: lead, ActivityType: "Visit Webpage", ActivityDateTime: gen.NewDateTime(began.Add(30 * time.Hour)),
			ActivityAttributes: gen.Some(gen.ArrayOfAttribute{}), MktgAssetName: gen.Some("Asset"),
		})
	}
	out.Result.LeadChangeRecordList = gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: list})
	out.Result.ReturnCount, out.Result.RemainingCount = int32(len(list)), 0 //nolint:gosec // few
	return out, nil
}

// What is of one second comes in the order of its bytes, page by page, whatever the order of texts of the database is.
func TestPort_orderOfTexts(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "leads.db") },
		"postgres": localized,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, target(t))
			w.sync(t, withoutIDs{w.sim}, activities())
			for _, ids := range [][]string{{"101", "102"}, {"101"}, nil} {
				in := gen.ParamsGetLeadChanges{StartPosition: new(at(began, began.Add(60*time.Hour))), BatchSize: gen.Some[int32](1)}
				want := []string{"B2", "C3", "_5", "a-1", "d4", "é6"}
				if ids != nil {
					in.LeadSelector = &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: ids}}
				}
				if len(ids) == 1 {
					want = []string{"C3", "_5", "a-1"}
				}
				all, _ := wholeChanges(t, w.with(t), in, nothing)
				var got []string
				for i := range all {
					got = append(got, all[i].MarketoGUID)
				}
				if !slices.Equal(got, want) || len(w.port.calls) > 0 {
					t.Errorf("of %v: %v, want %v; %+v", ids, got, want, w.answer)
				}
			}
		})
	}
}

// localized makes a database whose order of texts is that of a language.
func localized(t *testing.T) string {
	t.Helper()
	target, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(t.Context(), target.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	name := filepath.Base(target.Path) + "_localized"
	if _, err := c.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"); err != nil {
		t.Skip("PostgreSQL without ICU: ", err)
	}
	target.Path = "/" + name
	return target.String()
}
