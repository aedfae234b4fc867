package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/cmd/mktows/internal/sync"
)

// fileReaders are all commands that read a file which their command line names, with FILE in its place.
func fileReaders() map[string]string {
	return map[string]string{
		"call":                "call FILE",
		"call, dry":           "call --dry-run FILE",
		"lead sync":           "lead sync --format csv FILE",
		"lead sync, JSON":     "lead sync --format jsonl FILE --dry-run",
		"list add":            "list add Newsletter --from FILE",
		"list remove":         "list remove Newsletter --from FILE",
		"list check":          "list check Newsletter --from FILE",
		"list import":         "list import --program P --list L FILE",
		"campaign request":    "campaign request 7 --from FILE",
		"object sync":         "object sync --operation upsert FILE",
		"custom sync":         "custom sync Device FILE --key A --operation upsert --format csv",
		"custom delete":       "custom delete Device --from FILE --format jsonl",
		"sync run":            "sync run --stream lead-activity --leads FILE --since 2015-01-01 --to COPY --demo",
		"sync plan":           "sync plan --stream lead-activity --leads FILE --since 2015-01-01 --to COPY --demo",
		"serve":               "serve --addr 127.0.0.1:0 --scenario FILE",
		"secure-access serve": "secure-access serve --addr 127.0.0.1:0 --tokens FILE",
	}
}

func fileReader(command, file, copyAt string) []string {
	args := strings.Fields(command)
	for i := range args {
		switch args[i] {
		case "FILE":
			args[i] = file
		case "COPY":
			args[i] = copyAt
		}
	}
	return args
}

// TestInputFile_missing: that a file is missing has one exit code and one wording, whatever reads it.
func TestInputFile_missing(t *testing.T) {
	t.Parallel()
	env := settingsFor("http://localhost:1/2_7")
	env[secureaccess.VarAccessKey], env[secureaccess.VarAccessSecret] = "access-key", "access-secret-for-tests"
	for name, command := range fileReaders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for what, file := range map[string]string{
				"missing":             filepath.Join(dir, "none.txt"),
				"a folder":            dir,
				"white space outside": filepath.Join(dir, "none.txt "),
			} {
				r := run(t, env, "", fileReader(command, file, filepath.Join(dir, "copy.db"))...)
				shown := file
				if strings.HasSuffix(file, " ") {
					shown = `"` + file + `"`
				}
				if r.code != exit.Invalid || !strings.Contains(r.stderr, shown+" cannot be read: ") || r.stdout != "" {
					t.Errorf("%s: exit code %d, want %d: %s%s", what, r.code, exit.Invalid, r.stdout, r.stderr)
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestInputFile_separators: what spreadsheets write between columns is named.
func TestInputFile_separators(t *testing.T) {
	t.Parallel()
	tests := []struct{ header, want string }{
		{"Email;Company\na@example.com;x\n", "semicolons"},
		{"Email\tCompany\r\na@example.com\tx\r\n", "tabs"},
		{"Email|Company\na@example.com|x\n", "vertical bars"},
		{`"Email";"First, Last"` + "\n", "semicolons"},
		{"Email;Company", "semicolons"},
		{"Email,\"A;B|C\"\na@example.com,x\n", ""},
		{"Email,Company;Old\na@example.com,x\n", ""},
		{"\"Email;x\"\na@example.com\n", ""},
		{"Email\na@example.com;b\n", ""},
	}
	for _, test := range tests {
		p := &records.Problems{Name: "leads.csv"}
		records.ReadCSV([]byte(test.header), p)
		want := "leads.csv:1:1: the header has " + test.want + " between its columns, and CSV commas\nnothing was sent"
		switch err := p.Err(); {
		case test.want == "" && err != nil:
			t.Errorf("%q: %v", test.header, err)
		case test.want != "" && (err == nil || err.Error() != want):
			t.Errorf("%q: %v, want %s", test.header, err, want)
		}
	}
	for _, command := range []string{
		"lead sync --format csv -", "list import --program P --list L -", "custom sync Device --key A --operation upsert --format csv -",
		"custom delete Device --from - --format csv",
	} {
		r := run(t, settingsFor("http://localhost:1/2_7"), "A;B\n1;2\n", strings.Fields(command)...)
		if r.code != exit.Invalid || !strings.Contains(r.stderr, "standard input:1:1: the header has semicolons between its columns") {
			t.Errorf("%s: exit code %d: %s", command, r.code, r.stderr)
		}
	}
}

// TestSettings_whiteSpace: what nobody sees in a setting is named, and so is where it came from.
func TestSettings_whiteSpace(t *testing.T) {
	t.Parallel()
	const endpoint = "https://example.com/soap/mktows/2_7"
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("key of two\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  environment
		args string // with FLAG for the value
		flag string
		want string
		code int
	}{
		{"endpoint", environment{settings.VarEndpoint: endpoint + "\r"}, "", "", settings.VarEndpoint + ": the endpoint starts or ends with white space", exit.Settings},
		{"endpoint before", environment{settings.VarEndpoint: " " + endpoint}, "", "", settings.VarEndpoint + ": the endpoint starts or ends with white space", exit.Settings},
		{"endpoint flag", nil, "--endpoint FLAG", endpoint + " ", "--endpoint: the endpoint starts or ends with white space", exit.Settings},
		{"endpoint inside", environment{settings.VarEndpoint: "https://example.com /soap/mktows/2_7"}, "", "", settings.VarEndpoint + ": the endpoint has white space in it", exit.Settings},
		{"user id", environment{settings.VarUserID: "user\n"}, "", "", settings.VarUserID + ": the user id starts or ends with white space", exit.Settings},
		{"user id flag", nil, "--user-id FLAG", "user ", "--user-id: the user id starts or ends with white space", exit.Settings},
		{"key", environment{settings.VarSecretKey: "key\t"}, "", "", settings.VarSecretKey + ": the secret key starts or ends with white space", exit.Settings},
		{"key file", environment{settings.VarSecretKey: "", settings.VarSecretKey + "_FILE": file}, "", "", settings.VarSecretKey + "_FILE: the secret key starts or ends with white space", exit.Settings},
		{"key file's name", environment{settings.VarSecretKey: "", settings.VarSecretKey + "_FILE": file + " "}, "", "", settings.VarSecretKey + `_FILE: "` + file + ` " cannot be read: `, exit.Settings},
		{"partner id", environment{settings.VarPartnerID: "partner "}, "", "", settings.VarPartnerID + ": the partner id has a wrong character at byte 7", exit.Settings},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := settingsFor(endpoint)
			for name, value := range test.env {
				env[name] = value
			}
			args := append([]string{"activity", "1"}, strings.Fields(test.args)...)
			if test.flag != "" {
				args[len(args)-1] = test.flag
			}
			if r := run(t, env, "", args...); r.code != test.code || !strings.Contains(r.stderr, "mktows: "+test.want) {
				t.Errorf("exit code %d, want %d and %q: %s", r.code, test.code, test.want, r.stderr)
			}
		})
	}
	for source, r := range map[string]result{
		"--to":         run(t, environment{}, "", "sync", "status", "--to", "postgres://ann:secret-of-ann@localhost/x "),
		sync.VarSyncTo: run(t, environment{sync.VarSyncTo: " leads.db"}, "", "sync", "status"),
	} {
		if r.code != exit.Usage || !strings.Contains(r.stderr, source+": ") || !strings.Contains(r.stderr, "white space") || strings.Contains(r.stderr, "secret-of-ann") {
			t.Errorf("%s: exit code %d: %s", source, r.code, r.stderr)
		}
	}
}

// TestNumbers: a record has one number in all messages of a command, that of its line or of its argument.
func TestNumbers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	leads := "Email,LeadScore\n\na@example.com,1\nb@example.com,many\nc@example.com,3\n"
	tests := []struct {
		name, stdin, args string
		code              int
		want              string // on standard error
		output            string
	}{
		{"a line that cannot be sent", "Id\n1\n\nx\n", "lead sync --format csv", exit.Invalid, `standard input:4:1: Id: "x" is not an id`, ""},
		{"a line that was not taken", leads, "lead sync --format csv --batch 2 -o jsonl", exit.Invalid, "2 done (lines 3, 5); 1 failed (line 4)", `"line":4,"key":"EMAIL:b@example.com","status":"FAILED"`},
		{"one by one", leads, "lead sync --format csv --return -o jsonl", exit.Invalid, "2 done (lines 3, 5); 1 failed (line 4)", `"line":4,"key":"EMAIL:b@example.com","status":"FAILED"`},
		{"a key that is none", "", "list add Newsletter 318815 nobody", exit.Usage, `KEY 2: "nobody" is neither`, ""},
		{"a key that was not taken", "", "list add Newsletter 318815 999 318816", exit.Invalid, "2 done (KEY 1, 3); 1 failed (KEY 2)", ""},
		{"a key in a file", "318815\n\n999\n", "list add Newsletter --from -", exit.Invalid, "1 done (line 1); 1 failed (line 3)", ""},
		{"an id that is none", "", "object delete Opportunity 77 x", exit.Usage, `ID 2: "x" is not an id`, ""},
		{"a loser that is none", "", "lead merge 1 2 x", exit.Usage, `LOSER 2: "x" is neither`, ""},
		{"a winner that is none", "", "lead merge x 2", exit.Usage, `WINNER: "x" is neither`, ""},
		{"a column of an import", "A,{{x}}\n1,2\n", "list import --program P --list L -", exit.Invalid, `standard input:1: column 2 of the header: "{{x}}" is not the name`, ""},
		{"an import without rows", "A,B\n", "list import --program P --list L -", exit.Invalid, `standard input has no rows below its header`, ""},
		{"an import without its campaign", "A,{{my.x}}\n1,2\n", "list import --program P --list L -", exit.Invalid, `standard input: --smart-campaign is empty; token columns need`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, settingsFor(s.URL()), test.stdin, strings.Fields(test.args)...)
			if r.code != test.code || !strings.Contains(r.stderr, test.want) || !strings.Contains(r.stdout, test.output) {
				t.Errorf("exit code %d, want %d and %q, %q: %s%s", r.code, test.code, test.want, test.output, r.stdout, r.stderr)
			}
		})
	}
}
