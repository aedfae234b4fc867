package filestore

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mktows/mktows-go/leadsync/store"
)

// manifestName is the file that readers begin with.
const manifestName = "manifest.json"

// manifestVersion is that of the manifest, whose segments have a column gone_at from version 2 on.
const manifestVersion = 2

// Manifest is what manifest.json says: which files are the copy. Files that it does not name do
// not count. A row that has changed is in several segments; the one in the last segment
// of its kind counts. Keys of rows are the columns key of activities and id of leads. An
// activity whose gone_at is not empty there is no longer part of the copy; version 1 had no such column.
type Manifest struct {
	Version    int       `json:"version"`
	Format     Format    `json:"format"`
	Activities Total     `json:"activities"`
	Leads      Total     `json:"leads"`
	Segments   []Segment `json:"segments"` // in the order in which they were written
}

// Total is what the segments of a kind have together.
type Total struct {
	Segments int   `json:"segments"`
	Rows     int64 `json:"rows"` // earlier versions of rows included
	Bytes    int64 `json:"bytes"`
}

func (t *Total) add(s *Segment) {
	t.Segments++
	t.Rows += s.Rows
	t.Bytes += s.Bytes
}

// newManifest returns the manifest of the given segments, with their totals.
func newManifest(f Format, segments []Segment) *Manifest {
	m := &Manifest{Version: manifestVersion, Format: f, Segments: segments}
	for i := range segments {
		if segments[i].Kind == Leads {
			m.Leads.add(&segments[i])
		} else {
			m.Activities.add(&segments[i])
		}
	}
	return m
}

// ReadManifest reads manifest.json of a directory. Errors: store.ErrNewer if a newer
// release wrote it; fs.ErrNotExist if there is none.
func ReadManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, manifestName), err)
	}
	if m.Version > manifestVersion {
		return nil, fmt.Errorf("%s: %w: it has version %d, this release knows %d",
			filepath.Join(dir, manifestName), store.ErrNewer, m.Version, manifestVersion)
	}
	return m, nil
}

// encode returns the text of manifest.json.
func (m *Manifest) encode() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", " ")
	return append(text, '\n'), err
}

// writeManifest replaces manifest.json in one step, so that a reader never sees half of one.
func writeManifest(dir string, text []byte) error {
	temp, err := createTemp(dir, manifestName)
	if err != nil {
		return err
	}
	if _, err := temp.Write(text); err != nil {
		return errors.Join(fileError(err), temp.Close(), os.Remove(temp.Name()))
	}
	return publish(temp, filepath.Join(dir, manifestName))
}
