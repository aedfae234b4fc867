package cli

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	synccmd "github.com/mktows/mktows-go/cmd/mktows/internal/sync"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// syncing is the program in a process of its own, whose messages are read line by line.
type syncing struct {
	cmd    *exec.Cmd
	stdout strings.Builder
	stderr *bufio.Reader
	told   strings.Builder
}

func startSync(t *testing.T, env environment, dir string, args ...string) *syncing {
	t.Helper()
	p := &syncing{cmd: exec.CommandContext(t.Context(), "mktows", append([]string{"sync"}, args...)...)}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout = env.environ(), dir, &p.stdout
	p.cmd.WaitDelay = 10 * time.Second
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	p.stderr = bufio.NewReader(pipe)
	return p
}

// until waits for a message that contains text.
func (p *syncing) until(t *testing.T, text string) {
	t.Helper()
	for {
		line, err := p.stderr.ReadString('\n')
		p.told.WriteString(line)
		if strings.Contains(line, text) {
			return
		}
		if err != nil {
			t.Fatalf("no message with %q: %v\n%s%s", text, err, &p.told, &p.stdout)
		}
	}
}

func (p *syncing) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// end waits for the end, and returns the exit code.
func (p *syncing) end(t *testing.T) int {
	t.Helper()
	rest, err := io.ReadAll(p.stderr)
	if err != nil {
		t.Error(err)
	}
	p.told.Write(rest)
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// holdBack lets a call of getLeadChanges wait, after skip others, until it is let go.
func holdBack(t *testing.T, s *mktowstest.Server, skip int) (arrived <-chan struct{}, letGo func()) {
	t.Helper()
	waits, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	letGo = sync.OnceFunc(func() { close(free) })
	t.Cleanup(letGo)
	var mu sync.Mutex
	calls := 0
	s.Inject(mktowstest.Rule{Operation: "getLeadChanges", Delay: time.Nanosecond, Match: func(mktowstest.Exchange) bool {
		mu.Lock()
		calls++
		held := calls > skip
		mu.Unlock()
		if held {
			once.Do(func() { close(waits) })
			<-free
		}
		return true
	}})
	return waits, letGo
}

// TestSyncRun_interrupted: Ctrl-C stops at the next commit and says how to go on; that goes
// on, and in the end the copy is whole.
func TestSyncRun_interrupted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	s := newServer(t)
	arrived, letGo := holdBack(t, s, 4)
	dir, env := t.TempDir(), settingsFor(s.URL())
	args := []string{"run", "--since", "2011-01-01", "--window", "8760h", "--concurrency", "1", "--to", "my leads.db"}
	p := startSync(t, env, dir, args...)
	<-arrived
	p.signal(t, os.Interrupt)
	p.until(t, "mktows: stopping at the next commit…; interrupt again to stop at once")
	letGo()
	if code := p.end(t); code != exit.Interrupted {
		t.Errorf("exit code %d, want %d", code, exit.Interrupted)
	}
	for _, want := range []string{
		"mktows: stopped; the copy is sound up to 201", "UTC; run the same command to go on:\n",
		"\n  mktows sync run --since 2011-01-01 --window 8760h --concurrency 1 --to 'my leads.db'\nmktows: interrupted\n",
	} {
		if !strings.Contains(p.told.String(), want) {
			t.Errorf("no %q in\n%s", want, &p.told)
		}
	}
	if !strings.Contains(p.stdout.String(), "COMPLETE UNTIL") {
		t.Errorf("no end in\n%s", &p.stdout)
	}
	again := startSync(t, env, dir, args...)
	if code := again.end(t); code != exit.OK || !strings.Contains(again.stdout.String(), "goes on with") {
		t.Errorf("exit code %d: %s%s", code, &again.told, &again.stdout)
	}
	first, rest := newRows(t, p.stdout.String()), newRows(t, again.stdout.String())
	if first == 0 || rest == 0 || first+rest != 3620 {
		t.Errorf("%d and %d rows are said to be new, of 3620", first, rest)
	}
	equal := startSync(t, env, dir, "verify", "--since", "2011-01-01", "--until", "2011-03-01", "--to", "my leads.db")
	if code := equal.end(t); code != exit.OK {
		t.Errorf("exit code %d: %s%s", code, &equal.told, &equal.stdout)
	}
}

// newRows reads the column NEW of the table at the end of a run.
func newRows(t *testing.T, stdout string) (n int) {
	t.Helper()
	_, table, _ := strings.Cut(stdout, "COMPLETE UNTIL\n")
	fields := strings.Fields(table)
	if len(fields) < 3 {
		t.Fatalf("no table in\n%s", stdout)
	}
	if _, err := fmt.Sscan(strings.ReplaceAll(fields[2], ",", ""), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSyncRun_killed: a second Ctrl-C ends the process at once.
func TestSyncRun_killed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	s := newServer(t)
	arrived, _ := holdBack(t, s, 4)
	p := startSync(t, settingsFor(s.URL()), t.TempDir(), "run", "--since", "2011-01-01", "--window", "8760h", "--to", "leads.db")
	<-arrived
	p.signal(t, os.Interrupt)
	p.until(t, "stopping at the next commit")
	ended := make(chan struct{})
	defer close(ended)
	go func() { // the first signal may still be seen to when the second comes
		for {
			_ = p.cmd.Process.Signal(os.Interrupt)
			select {
			case <-ended:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	p.end(t)
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGINT {
		t.Errorf("%s: %s", p.cmd.ProcessState, &p.told)
	}
}

// TestSyncRun_every: a signal between two rounds is the normal end.
func TestSyncRun_every(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	s := newServer(t)
	p := startSync(t, settingsFor(s.URL()), t.TempDir(), "run", "--since", "2011-01-01", "--window", "8760h", "--every", "1h", "--to", "leads.db")
	p.until(t, "mktows: activities: the next round at 20")
	p.signal(t, syscall.SIGTERM)
	if code := p.end(t); code != exit.OK || !strings.Contains(p.told.String(), "mktows: stopped; everything that was planned is copied\n") {
		t.Errorf("exit code %d: %s", code, &p.told)
	}
}

// TestSyncRun_late: what the service has stored late is found, and told.
func TestSyncRun_late(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	env, copied := settingsFor(s.URL()), t.TempDir()+"/leads.db"
	begin := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	if r := run(t, env, "", "sync", "run", "--since", begin, "--to", copied); r.code != exit.OK {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	hourAgo := simulator.Activity{Time: simulator.At(time.Now().Add(-time.Hour)), Type: "Visit Webpage"}
	if _, err := s.Sim().AddActivity(simulator.DemoLeadID, hourAgo); err != nil {
		t.Fatal(err)
	}
	r := run(t, env, "", "sync", "run", "--to", copied)
	if r.code != exit.OK || !strings.Contains(r.stdout, "1 row had been stored by the service after their time was read") || !strings.Contains(r.stderr, ", 1 late") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// TestSyncRun_leads: leads are copied with the fields that were asked for, beside activities.
func TestSyncRun_leads(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Seed(simulator.Lead{Email: "new@example.com", Fields: map[string]string{"Company": "Example Ltd", "Title": "Buyer"}})
	env, copied := settingsFor(s.URL()), t.TempDir()+"/leads.db"
	begin := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	s.Clock().Advance(time.Minute) // the lead was there before
	r := run(t, env, "", "sync", "run", "--stream", "activities,leads", "--since", begin, "--field", "Company", "--to", copied)
	if r.code != exit.OK || !strings.Contains(r.stdout, "\nleads ") {
		t.Fatalf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	r = run(t, env, "", "sync", "status", "--to", copied)
	if !strings.Contains(r.stdout, "0 activities, 1 lead;") || !strings.Contains(r.stdout, "  Company\n") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	if r = run(t, env, "", "sync", "verify", "--to", copied); r.code != exit.OK || !strings.Contains(r.stdout, "leads: equal; 1 row") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// TestSyncRun_timeout: --timeout stops as a signal does, with the exit code of a timeout.
func TestSyncRun_timeout(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	arrived, letGo := holdBack(t, s, 4)
	ctx, timeOut := context.WithCancelCause(t.Context())
	go func() {
		<-arrived
		timeOut(context.DeadlineExceeded)
		letGo()
	}()
	r := runContext(ctx, t, settingsFor(s.URL()), "", "sync", "run", "--since", "2011-01-01", "--window", "8760h", "--concurrency", "1", "--to", t.TempDir()+"/leads.db")
	if !strings.Contains(r.stderr, "context deadline exceeded: stopping at the next commit") || !strings.Contains(r.stderr, "run the same command to go on") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

// TestSyncRun_quota: when the calls of the day are used up a run waits, also where it could not
// make its plan, and says until when.
func TestSyncRun_quota(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	s := newServer(t)
	s.Inject(mktowstest.Rule{Operation: "getLeadChanges", Code: fault.CodeRequestLimitExceeded})
	p := startSync(t, settingsFor(s.URL()), t.TempDir(), "run", "--since", "2015-01-01", "--window", "8760h", "--to", "leads.db")
	p.until(t, "mktows: no plan: getLeadChanges: 20015")
	p.until(t, "mktows: activities: 0%, waiting until 20")
	p.signal(t, os.Interrupt)
	if code := p.end(t); code != exit.Interrupted || !strings.Contains(p.told.String(), "the copy is sound as far as it goes") {
		t.Errorf("exit code %d: %s", code, &p.told)
	}
}

// TestSyncRun_firstCalls: the calls by which a new copy is planned count for its limits as all others do, and the plan
// reckons with those limits.
func TestSyncRun_firstCalls(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	env, copied := settingsFor(s.URL()), t.TempDir()+"/leads.db"
	args := []string{"--since", "2014-01-01", "--window", "8760h", "--to", copied}
	r := run(t, env, "", append([]string{"sync", "plan", "-o", "json"}, args...)...)
	var plan struct{ Calls, Seconds int }
	if err := json.Unmarshal([]byte(r.stdout), &plan); err != nil || plan.Calls < 10 || plan.Seconds < plan.Calls/5 {
		t.Errorf("%+v, error %v: 100 calls take 20 seconds", plan, err)
	}
	before := len(s.Exchanges(""))
	if r := run(t, env, "", append([]string{"sync", "run"}, args...)...); r.code != exit.OK {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	var status struct{ Quotas []struct{ Used int } }
	r = run(t, env, "", "sync", "status", "--to", copied, "-o", "json")
	if err := json.Unmarshal([]byte(r.stdout), &status); err != nil || len(status.Quotas) != 1 {
		t.Fatalf("error %v: %s", err, r.stdout)
	}
	if got, want := status.Quotas[0].Used, len(s.Exchanges(""))-before; got != want {
		t.Errorf("%d calls are counted, the service has had %d", got, want)
	}
}

// TestSync_inUse: a copy that another process writes can be looked at, planned for and made a page
// of, but not be written.
func TestSync_inUse(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	env, dir := settingsFor(s.URL()), t.TempDir()
	copied := dir + "/leads.db"
	if r := run(t, env, "", "sync", "run", "--since", "2011-01-01", "--window", "8760h", "--to", copied); r.code != exit.OK {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	store, err := sqlstore.Open(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Heartbeat(t.Context(), "another", time.Minute); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args string
		code int
		want string
	}{
		{"sync run --to", exit.CopyBusy, "the copy is in use by another process"},
		{"sync verify --to", exit.CopyBusy, "the copy is in use by another process"},
		{"sync status --to", exit.OK, "another  alive"},
		{"sync plan --to", exit.OK, "plan for"},
		{"report -o " + dir + "/report.html", exit.OK, "wrote"},
	}
	for _, test := range tests {
		r := run(t, env, "", append(strings.Fields(test.args), copied)...)
		if r.code != test.code || !strings.Contains(r.stdout+r.stderr, test.want) {
			t.Errorf("%s: exit code %d: %s%s", test.args, r.code, r.stdout, r.stderr)
		}
	}
}

// TestSyncSchema: all commands about copies find one in a schema, and none outside of it.
func TestSyncSchema(t *testing.T) {
	t.Parallel()
	place := pgtest.Database(t)
	env := environment{synccmd.VarSyncTo: place, synccmd.VarSyncSchema: "Sales"}
	const noCopy = exit.Invalid
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"sync run --demo --since 2015-09-01 --schema Sales", exit.OK, "activities"},
		{"sync status", exit.OK, "search_path"},
		{"sync status --to " + place, noCopy, "copy"},
		{"sync status --to " + place + " --schema Sales", exit.OK, "activities"},
		{"sync status --to " + place + "&search_path=%22Sales%22", exit.OK, "activities"},
		{"sync status --schema sales", noCopy, "copy"},
		{"sync verify --demo --since 2015-09-01 --until 2015-09-02 --schema Sales", exit.OK, "equal"},
		{"report -o -", exit.OK, "<html"},
		{"report " + place + " --schema Sales -o -", exit.OK, "<html"},
		{"sync verify --demo --to " + place, noCopy, "copy"},
		{"sync reset --stream activities --yes --to " + place, noCopy, "copy"},
		{"report " + place + " -o -", noCopy, "copy"}, // none of the others has made one
		{"activity 318815 --demo --copy " + place + " --schema Sales", exit.OK, "318815"},
		{"activity 318815 --demo --copy " + place, noCopy, "copy"},
		{"activity 318815 --demo --schema Sales", exit.Usage, "give --copy"},
		{"activity 318815 --demo --copy leads.db --schema Sales", exit.Usage, "is for a copy in PostgreSQL"},
		{"sync status --to leads.db --schema Sales", exit.Usage, "--schema is for a copy in PostgreSQL"},
		{"sync status --schema a.b", exit.Usage, `--schema: the schema "a.b" cannot be used: give a name of`},
		{"sync status --to " + place + "&search_path=a --schema b", exit.Usage, "not both"},
		{"sync reset --stream activities --yes --schema Sales", exit.OK, "is forgotten"},
	} {
		r := run(t, env, "", strings.Fields(test.args)...)
		if r.code != test.code || !strings.Contains(strings.ToLower(r.stdout+r.stderr), strings.ToLower(test.want)) {
			t.Errorf("%s: exit code %d: %.300s%s", test.args, r.code, r.stdout, r.stderr)
		}
	}
}

// TestSyncWorker: a worker copies what a run has planned and left.
func TestSyncWorker(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	place := pgtest.Database(t)
	s := newServer(t)
	env := settingsFor(s.URL())
	env[synccmd.VarSyncTo] = place
	for args, code := range map[string]int{
		"status": exit.Invalid, "verify --demo": exit.Invalid, "plan --demo": exit.Usage, "plan --demo --since 2015-01-01": exit.OK,
	} {
		if r := run(t, env, "", append([]string{"sync"}, strings.Fields(args)...)...); r.code != code {
			t.Errorf("%s in an empty database: exit code %d: %s%s", args, r.code, r.stdout, r.stderr)
		}
	}
	plan := []string{"run", "--since", "2011-01-01", "--window", "8760h", "--concurrency", "1"}
	arrived, letGo := holdBack(t, s, 4)
	begin := startSync(t, env, t.TempDir(), plan...)
	<-arrived
	begin.signal(t, os.Interrupt)
	begin.until(t, "stopping at the next commit")
	letGo()
	if code := begin.end(t); code != exit.Interrupted {
		t.Fatalf("exit code %d: %s", code, &begin.told)
	}
	worker := startSync(t, env, t.TempDir(), "worker", "--concurrency", "2")
	worker.until(t, "is ready; interrupt it to stop")
	worker.until(t, "mktows: activities: ") // "… rows read here", of the windows that are left
	more := startSync(t, env, t.TempDir(), plan...)
	if code := more.end(t); code != exit.OK {
		t.Errorf("exit code %d: %s", code, &more.told)
	}
	worker.signal(t, os.Interrupt)
	if code := worker.end(t); code != exit.OK || !strings.Contains(worker.told.String(), "has stopped; nothing is lost") {
		t.Errorf("exit code %d: %s", code, &worker.told)
	}
	equal := run(t, env, "", "sync", "verify", "--since", "2015-09-01", "--until", "2015-09-10")
	if equal.code != exit.OK || !strings.Contains(equal.stdout, "activities: equal;") {
		t.Errorf("exit code %d: %s%s", equal.code, equal.stdout, equal.stderr)
	}
	if r := run(t, env, "", "sync", "worker", "--instance", "another"); r.code != exit.Usage || !strings.Contains(r.stderr, "give --instance with the first of the two names") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	refused, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	refused.User = url.UserPassword("example_user", "hidden")
	for _, args := range []string{"sync run --to", "sync status --to", "report -o report.html"} {
		r := run(t, env, "", append(strings.Fields(args), refused.String())...)
		if r.code != exit.Settings || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "PostgreSQL refuses the login: ") || strings.Contains(r.stderr, "hidden") {
			t.Errorf("%s: exit code %d: %s", args, r.code, r.stderr)
		}
	}
	status := run(t, env, "", "sync", "status", "-o", "json")
	if status.code != exit.OK || !strings.Contains(status.stdout, `"run": 2,`) {
		t.Errorf("exit code %d: %s%s", status.code, status.stdout, status.stderr)
	}
	if strings.Contains(status.stdout+more.told.String()+more.stdout.String(), "password") {
		t.Error("a password is told")
	}
}

// TestSyncRun_refusedLeavesNothing: a run that is refused before it begins makes nothing, and nothing beside
// what is there.
func TestSyncRun_refusedLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	right := settingsFor(s.URL())
	with := func(name, value string) environment {
		env := maps.Clone(right)
		env[name] = value
		return env
	}
	tests := []struct {
		name string
		env  environment
		to   string
		args []string
		code int
	}{
		{"text", right, "notes.txt", nil, exit.CopyBroken},
		{"another database", right, "other.db", nil, exit.CopyBroken},
		{"a wrong key", with(settings.VarSecretKey, "not-the-key"), "new.db", nil, exit.Auth},
		{"a wrong key, files", with(settings.VarSecretKey, "not-the-key"), "new/", nil, exit.Auth},
		{"nobody there, for as long as it is waited", with(settings.VarEndpoint, "http://127.0.0.1:1/soap/mktows/2_7"), "new.db", []string{"--timeout", "1s"}, exit.Service},
		{"nobody there, files", with(settings.VarEndpoint, "http://127.0.0.1:1/soap/mktows/2_7"), "new/", []string{"--timeout", "1s"}, exit.Service},
		{"no endpoint", with(settings.VarEndpoint, "nowhere"), "new.db", nil, exit.Settings},
		{"an unknown list", right, "new.db", []string{"--stream", "lead-activity", "--list", "Nothing"}, exit.NotFound},
		{"no keys", right, "new.db", []string{"--stream", "lead-activity", "--leads", os.DevNull}, exit.Invalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no copy"), 0o600); err != nil {
				t.Fatal(err)
			}
			makeForeign(t, filepath.Join(dir, "other.db"))
			since := time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
			r := run(t, test.env, "", append([]string{"sync", "run", "--since", since, "--to", dir + "/" + test.to}, test.args...)...)
			if r.code != test.code {
				t.Errorf("exit code %d, want %d: %s", r.code, test.code, r.stderr)
			}
			if got := filesIn(t, dir); !slices.Equal(got, []string{"notes.txt", "other.db"}) {
				t.Errorf("there are %q afterwards", got)
			}
		})
	}
}

// makeForeign makes a database that is no copy.
func makeForeign(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE notes (text TEXT)"); err != nil {
		t.Fatal(err)
	}
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
