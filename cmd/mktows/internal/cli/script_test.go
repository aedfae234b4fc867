package cli

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/testing/wiretest"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// TestScripts runs the scripts of testdata/script. Each has a mock server of its own, with
// the demonstration data, and the environment to call it. Beside what testscript knows they
// use the commands
//
//	exits CODE mktows …   run a command that ends with that exit code
//	mock KEY=VALUE …      make the server misbehave, as mktowstest.Rule says
//	undated FILE          save the last standard output with TIME for the requestTimestamp
//	lines N FILE          check the number of lines of a file, or of stdout or stderr
//	screen FILE           save what the last command wrote to its terminal
//	sql FILE STATEMENT    run a statement in a SQLite file; stdout has the rows
func TestScripts(t *testing.T) {
	t.Parallel()
	launcher := launcher(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUpScript(env, launcher) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   scriptExits,
			"mock":    scriptMock,
			"lines":   scriptLines,
			"undated": scriptUndated,
			"sql":     scriptSQL,
			"screen":  scriptScreen,
		},
	})
}

type serverKey struct{}

func setUpScript(env *testscript.Env, launcher string) error {
	tb, ok := env.T().(testing.TB)
	if !ok {
		return errors.New("testscript does not pass the test on")
	}
	s := newServer(tb)
	env.Values[serverKey{}] = s
	for name, value := range settingsFor(s.URL()) {
		env.Setenv(name, value)
	}
	env.Setenv("GORACE", quickExit)
	env.Vars = append(env.Vars, wiretest.Environ()...)
	env.Setenv("ENDPOINT_3_1", strings.TrimSuffix(s.URL(), "2_7")+"3_1")
	env.Setenv("REST_URL", s.RESTURL()+"/rest")
	env.Setenv("REST_ID", mktowstest.RESTClientID)
	env.Setenv("REST_SECRET", mktowstest.RESTClientSecret)
	env.Setenv("ESCAPE", "a@example.com\x1b[31m")
	launchCommands(tb, env, launcher)
	return nil
}

func newServer(tb testing.TB) *mktowstest.Server {
	s := mktowstest.NewServer(tb, mktowstest.WithDemo(), mktowstest.WithVersion("2_7"), mktowstest.WithUnexpectedRequests(),
		mktowstest.WithoutLimits(), // each run of the program counts for itself
		mktowstest.WithCredentials(auth.Credentials{UserID: testUser, Key: auth.NewSecret(testKey)}))
	s.Seed(hostileLead)
	if _, err := s.Sim().AddList(simulator.List{Program: simulator.DemoProgram, Name: "Invited"}); err != nil {
		tb.Fatal(err)
	}
	return s
}

// hostileLead has in it what XML 1.0 lets pass and a terminal acts on.
var hostileLead = simulator.Lead{ID: 666, Email: "hostile@example.com", Activities: []simulator.Activity{{
	ID: 12000001, Time: simulator.At(time.Date(2016, 1, 2, 3, 4, 5, 0, time.FixedZone("", -6*3600))), Type: "Fill Out Form",
	AssetName: "\u009b31mred\u0085", Campaign: "gnp.\u202efdp\r\n=\"",
	Attributes: []simulator.Attribute{
		{Name: "Comment", Value: "=1+1\n\"two\"\t\x7f"},
		{Name: "名前", Value: "山田太郎 <b>&amp;"},
	},
}}}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want, err := strconv.Atoi(args[0]); err != nil || code != want {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

var timestamp = regexp.MustCompile(`(<requestTimestamp[^>]*>)[^<]*`)

func scriptUndated(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: undated FILE")
	}
	text := timestamp.ReplaceAllString(ts.ReadFile("stdout"), "${1}TIME")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func scriptLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines N FILE")
	}
	if n := strings.Count(ts.ReadFile(args[1]), "\n"); strconv.Itoa(n) != args[0] {
		ts.Fatalf("%d lines, want %s", n, args[0])
	}
}

func scriptSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	rows, err := db.Query(args[1])
	ts.Check(err)
	defer rows.Close()
	for rows.Next() {
		var value string
		ts.Check(rows.Scan(&value))
		_, err := fmt.Fprintln(ts.Stdout(), value)
		ts.Check(err)
	}
	ts.Check(rows.Err())
}

func scriptScreen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: screen FILE")
	}
	_, text, _ := strings.Cut(strings.ReplaceAll(ts.ReadFile("ttyout"), "\r\n", "\n"), "\n") // the first line is the echo
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func scriptMock(ts *testscript.TestScript, neg bool, args []string) {
	s, ok := ts.Value(serverKey{}).(*mktowstest.Server)
	if neg || !ok {
		ts.Fatalf("usage: mock KEY=VALUE ...")
	}
	var rule mktowstest.Rule
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		setRule(ts, &rule, key, value)
	}
	s.Inject(rule)
}

func setRule(ts *testscript.TestScript, rule *mktowstest.Rule, key, value string) {
	n, _ := strconv.Atoi(value) // 0 where it is no number
	switch key {
	case "op":
		rule.Operation = value
	case "code":
		rule.Code = fault.Code(n)
	case "status":
		rule.Status = n
	case "times":
		rule.Times = n
	case "skip":
		rule.Skip = n
	case "body":
		rule.Body = []byte(ts.ReadFile(value))
	case "drop":
		rule.Drop = map[string]server.Drop{
			"before": server.DropBeforeWork, "after": server.DropAfterWork, "half": server.DropHalfAnswer,
		}[value]
	case "delay":
		d, err := time.ParseDuration(value)
		ts.Check(err)
		rule.Delay = d
	default:
		ts.Fatalf("mock: unknown key %q", key)
	}
}

// TestLeaked makes sure that the guard of all other tests works.
func TestLeaked(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/secret"
	if err := os.WriteFile(file, []byte("key-in-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("0123456789", 4)
	tests := []struct {
		name, printed string
		env           environment
		args          []string
		want          string
	}{
		{"nothing", "all is well", environment{settings.VarSecretKey: testKey}, nil, ""},
		{"a key", "x" + testKey, environment{settings.VarSecretKey: testKey}, []string{"sign"}, settings.VarSecretKey},
		{"a key from a file", "key-in-a-file", environment{secureaccess.VarAccessSecret + "_FILE": file}, nil, secureaccess.VarAccessSecret},
		{"a signature", sum, nil, []string{"call"}, "a signature"},
		{"a signature that was asked for", sum, nil, []string{"call", "--show-signature"}, ""},
	}
	for _, test := range tests {
		if got := leaked(test.args, test.env.getenv, test.printed); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// ruleThat tells of the first call, and keeps it waiting.
func ruleThat(arrived chan<- struct{}) mktowstest.Rule {
	var once sync.Once
	return mktowstest.Rule{Delay: time.Hour, Match: func(mktowstest.Exchange) bool {
		once.Do(func() { close(arrived) })
		return true
	}}
}
