package gateway_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// The disk under the state is full: the only gateway serves on, tells it once, and the state knows all of it when there is room again.
func TestWithState_fullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	sim, id := seeded(t, "lead@example.com")
	if _, err := sim.AddList(simulator.List{Program: "Fair", Name: "Guests"}); err != nil {
		t.Fatal(err)
	}
	var made atomic.Int64
	c := &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim, rest.WithJournal(func(e endpoint.Exchange) {
		if strings.Contains(e.Operation, "/rest/") {
			made.Add(1)
		}
	})))}}
	path := filepath.Join(dir, "gateway.db")
	var log lockedBuffer
	g, base, end := started(t, path, c, gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	api := connect(t, base, userID, key)
	read := func(n int) {
		t.Helper()
		for range n {
			if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(1)
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	for range 100 { // what is left in the pages that it has is filled up
		if read(1); g.Status(t.Context())[0].State != "" {
			break
		}
	}
	if s := g.Status(t.Context())[0]; !strings.Contains(s.State, "disk") || !strings.Contains(s.State, path) {
		t.Errorf("after %d calls the state is said to be %q", made.Load(), s.State)
	}
	importGuest(t, api.Lists)
	if status, err := api.Lists.ImportStatus(t.Context(), "Fair", "Guests"); err != nil || !status.State.Final() {
		t.Errorf("%+v, %v", status, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the state to be used again", func() bool { read(1); return g.Status(t.Context())[0].State == "" })
	before := g.Status(t.Context())[0].Calls
	if int64(before) != made.Load() {
		t.Errorf("%d calls are counted of %d", before, made.Load())
	}
	end()
	g, base, end = started(t, path, c)
	defer end()
	if after := g.Status(t.Context())[0]; after.Calls != before {
		t.Errorf("%d calls before the new start, %d after it", before, after.Calls)
	}
	if status, err := connect(t, base, userID, key).Lists.ImportStatus(t.Context(), "Fair", "Guests"); err != nil || !status.State.Final() {
		t.Errorf("%+v, %v", status, err)
	}
	if text := log.String(); strings.Count(text, "the state cannot be used") != 1 || strings.Count(text, "the state can be used again") != 1 {
		t.Errorf("the log:\n%s", text)
	}
}

// fill writes a file until there is no room for more of it.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	page := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
