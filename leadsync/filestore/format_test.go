package filestore

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/store"
)

// encode returns the file of rows in a format.
func encode[T record](t testing.TB, f Format, rows []T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := newRowWriter[T](f, &b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := w.Write(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func activityRecords() []activityRecord {
	var records []activityRecord
	for i, row := range awkward() {
		records = append(records, newActivityRecord(&row, 3, stored{late: i%2 > 0, person: columns.Person(&row.Activity)}))
	}
	return records
}

func leadRecords() []leadRecord {
	var records []leadRecord
	for _, row := range awkwardLeads() {
		records = append(records, newLeadRecord(&row, 3))
	}
	return records
}

// readable is what a golden file has: the text, for Parquet the columns and the rows as JSON.
func readable[T record](t *testing.T, f Format, file []byte) []byte {
	t.Helper()
	if f == Parquet {
		opened, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		r := parquet.NewGenericReader[T](opened)
		defer r.Close()
		rows := make([]T, r.NumRows())
		if n, err := r.Read(rows); n != len(rows) || err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("%d rows of %d: %v", n, len(rows), err)
		}
		return append([]byte(opened.Schema().String()+"\n"), encode(t, JSONL, rows)...)
	}
	text, err := f.decompressor(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	plain, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func TestFormats_golden(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		name := string(f.encoding())
		golden(t, "activities."+name, readable[activityRecord](t, f, encode(t, f, activityRecords())))
		golden(t, "leads."+name, readable[leadRecord](t, f, encode(t, f, leadRecords())))
	}
}

// leadRowsOf are the rows of a file of leads.
func leadRowsOf(t testing.TB, f Format, file []byte) []store.LeadRow {
	t.Helper()
	var rows []store.LeadRow
	for _, r := range collect(t, decodeRows[leadRecord](f, bytes.NewReader(file), int64(len(file)))) {
		row, err := r.row()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestFormats_roundTrip(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			file := encode(t, f, activityRecords())
			var rows []store.ActivityRow
			for _, r := range collect(t, decodeRows[activityRecord](f, bytes.NewReader(file), int64(len(file)))) {
				row, err := r.row()
				if err != nil {
					t.Fatal(err)
				}
				rows = append(rows, row)
			}
			sameRows(t, rows, awkward())
			sameRows(t, leadRowsOf(t, f, encode(t, f, leadRecords())), awkwardLeads())
		})
	}
}

func TestFormats_manyRows(t *testing.T) {
	t.Parallel()
	records := make([]activityRecord, rowGroup+batch+1) // more than a batch and a row group of Parquet
	for i := range records {
		row := plain(1, int64(i))
		records[i] = newActivityRecord(&row, 1, stored{})
	}
	for _, f := range Formats() {
		file := encode(t, f, records)
		got := collect(t, decodeRows[activityRecord](f, bytes.NewReader(file), int64(len(file))))
		if len(got) != len(records) {
			t.Fatalf("%s: %d rows, not %d", f, len(got), len(records))
		}
		for i, r := range got {
			if r.Key != records[i].Key {
				t.Fatalf("%s: row %d is %s, not %s", f, i, r.Key, records[i].Key)
			}
		}
	}
}

func TestFormats_sameFileTwice(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		if !bytes.Equal(encode(t, f, activityRecords()), encode(t, f, activityRecords())) {
			t.Errorf("%s: the same rows made two different files", f)
		}
	}
}

func TestFormats_cutOff(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		file := encode(t, f, activityRecords())
		file = file[:len(file)-7]
		var last error
		for _, err := range decodeRows[activityRecord](f, bytes.NewReader(file), int64(len(file))) {
			last = err
		}
		if last == nil {
			t.Errorf("%s: no error from a file without its last bytes", f)
		}
	}
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		if got, err := ParseFormat(string(f)); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", f, got, err)
		}
	}
	for _, text := range []string{"", "JSONL", "jsonl.bz2", "parquet.gz", ".gz"} {
		if _, err := ParseFormat(text); err == nil || !strings.Contains(err.Error(), "there are [jsonl jsonl.gz") {
			t.Errorf("ParseFormat(%q): %v", text, err)
		}
	}
}

func TestCSVReader_bad(t *testing.T) {
	t.Parallel()
	header := strings.Join(columnsOf[leadRecord](), ",") + "\r\n"
	for _, text := range []string{
		"",
		"id,email\r\n",
		header + "1,a,b,c,{},2", // no end of line
		header + "1,a,b,c,{}\r\n",
		header + "1,a,b,c,{},2,3\r\n",
		header + "x,a,b,c,{},2\r\n",
		header + "1,a\"b,b,c,{},2\r\n",
		header + "1,\"a\"b,b,c,{},2\r\n",
		header + "1,\"a,b,c,{},2\r\n",
		header + "1,a\rb,b,c,{},2\r\n",
	} {
		var last error
		for _, err := range decodeRows[leadRecord](CSV, strings.NewReader(text), int64(len(text))) {
			last = err
		}
		if last == nil {
			t.Errorf("no error from %q", text)
		}
	}
}

func TestCSVReader_lineFeedsOnly(t *testing.T) {
	t.Parallel()
	r, err := csvRows[leadRecord](iotest.OneByteReader(strings.NewReader(
		strings.Join(columnsOf[leadRecord](), ",") + "\n1,\"a\"\"\n\r\n\",b,c,{},2,\n")))
	if err != nil {
		t.Fatal(err)
	}
	var row leadRecord
	if err := r(&row); err != nil || row.Email != "a\"\n\r\n" || row.Run != 2 {
		t.Errorf("%+v, %v", row, err)
	}
	if err := r(&row); !errors.Is(err, io.EOF) {
		t.Errorf("after the last row: %v", err)
	}
}

// FuzzDecode sees to it that damaged files give errors, not panics.
func FuzzDecode(f *testing.F) {
	for i, format := range Formats() {
		file := encode(f, format, activityRecords())
		f.Add(i, file)
		f.Add(i, file[:len(file)/2])
		for _, at := range []int{0, 5, len(file) / 3, len(file) / 2, len(file) - 9, len(file) - 3} {
			damaged := bytes.Clone(file)
			damaged[at] ^= 0xff
			f.Add(i, damaged)
		}
		f.Add(i, encode(f, format, leadRecords()))
		f.Add(i, []byte{})
	}
	f.Fuzz(func(t *testing.T, i int, file []byte) {
		format := Formats()[uint(i)%uint(len(Formats()))]
		for r, err := range decodeRows[activityRecord](format, bytes.NewReader(file), int64(len(file))) {
			if err == nil {
				_, _ = r.row()
			}
		}
		for r, err := range decodeRows[leadRecord](format, bytes.NewReader(file), int64(len(file))) {
			if err == nil {
				_, _ = r.row()
			}
		}
	})
}
