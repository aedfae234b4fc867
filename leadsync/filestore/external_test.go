package filestore

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
)

// reader is a program in Python that reads a segment with the standard library and prints its rows as
// JSON, CSV with the same types.
const reader = `
import csv, gzip, json, sys
path = sys.argv[1]
csv.field_size_limit(1 << 30)
with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as f:
    if ".jsonl" in path:
        rows = [json.loads(line) for line in f.read().split("\n") if line]
    else:
        rows = list(csv.DictReader(f, strict=True))
        for r in rows:
            for c in ("lead_id", "run", "id"):
                r[c] = int(r[c]) if r[c] else None
            for c in ("attributes", "person"):
                r[c] = json.loads(r[c]) if r[c] else None
            for c in ("guid", "gone_at"):
                r[c] = r[c] or None
            r["late"] = {"true": True, "false": False}[r["late"]]
json.dump(rows, sys.stdout)
`

// Other programs have to read the files as this package does.
func TestExternal_python(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here: that other programs read the files is not tested with it")
	}
	for _, f := range []Format{JSONL, JSONLGzip, CSV, CSVGzip} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			s := begunWith(t, f)
			out, err := exec.CommandContext(t.Context(), python, "-c", reader, filepath.Join(s.dir, "activities-000001."+string(f))).Output()
			if err != nil {
				t.Fatal(err)
			}
			var records []activityRecord
			if err := json.Unmarshal(out, &records); err != nil {
				t.Fatal(err)
			}
			sameRecords(t, records)
		})
	}
}

func TestExternal_zstd(t *testing.T) {
	t.Parallel()
	zstd, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("there is no zstd here: that it reads the files is not tested")
	}
	s := begunWith(t, JSONLZstd)
	out, err := exec.CommandContext(t.Context(), zstd, "-dc", filepath.Join(s.dir, "activities-000001.jsonl.zst")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var records []activityRecord
	for line := range bytes.Lines(out) {
		var r activityRecord
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	sameRecords(t, records)
}

func begunWith(t *testing.T, f Format) *Store {
	t.Helper()
	s := open(t, t.TempDir(), WithFormat(f))
	newWriter(t, s, store.Activities).commit(awkward())
	return s
}

func sameRecords(t *testing.T, records []activityRecord) {
	t.Helper()
	var rows []store.ActivityRow
	for i := range records {
		row, err := records[i].row()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	sameRows(t, rows, awkward())
}
