package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/cmd/mktows/internal/sync"
)

// filesRead has, for each flag and argument that names a file, a folder or a copy, a command line with FILE in its
// place. It is empty for what a command makes if it is not there.
func filesRead() map[string]string {
	return map[string]string{
		"activity --copy":               "activity 318815 --demo --copy FILE",
		"call FILE":                     "call FILE",
		"campaign request --from":       "campaign request 7 --from FILE",
		"custom delete --from":          "custom delete Device --from FILE --format jsonl",
		"custom sync FILE":              "custom sync Device FILE --key A --operation upsert --format csv",
		"gateway FILE":                  "gateway FILE",
		"gateway check FILE":            "gateway check FILE",
		"gateway compare FILE":          "gateway compare RECORDING FILE",
		"gateway compare FOLDER":        "gateway compare FILE --demo",
		"gateway status FILE":           "gateway status FILE",
		"lead sync FILE":                "lead sync --format csv FILE",
		"list add --from":               "list add Newsletter --from FILE",
		"list check --from":             "list check Newsletter --from FILE",
		"list import FILE":              "list import --program P --list L FILE",
		"list remove --from":            "list remove Newsletter --from FILE",
		"names diff FILE":               "names diff FILE --demo",
		"names learn --output":          "",
		"object sync FILE":              "object sync --operation upsert FILE",
		"report --output":               "",
		"report COPY":                   "report FILE -o page.html",
		"secure-access serve --secrets": "secure-access serve --addr 127.0.0.1:0 --tokens FILE --secrets FILE",
		"secure-access sign --secrets":  "secure-access sign --email a@example.com --uuid 1 --secrets FILE",
		"secure-access serve --tokens":  "secure-access serve --addr 127.0.0.1:0 --tokens FILE",
		"serve --scenario":              "serve --addr 127.0.0.1:0 --scenario FILE",
		"sync plan --leads":             "sync plan --stream lead-activity --leads FILE --since 2015-01-01 --to COPY --demo",
		"sync plan --to":                "",
		"sync reset --to":               "sync reset --to FILE --stream leads",
		"sync run --leads":              "sync run --stream lead-activity --leads FILE --since 2015-01-01 --to COPY --demo",
		"sync run --to":                 "",
		"sync status --to":              "sync status --to FILE",
		"sync verify --leads":           "sync verify --stream lead-activity --leads FILE --to COPIED --demo",
		"sync verify --to":              "sync verify --to FILE --demo",
		"sync worker --to":              "",
	}
}

// filesNamed returns the flags and arguments of a command, and of those below it, that name files. The help of a flag
// and the usage of a command tell which those are.
func filesNamed(cmd *cobra.Command) []string {
	var names []string
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		switch what, _ := pflag.UnquoteUsage(f); what {
		case "FILE", "FOLDER", "PLACE":
			names = append(names, cmd.CommandPath()+" --"+f.Name)
		}
	})
	arguments, _, _ := strings.Cut(cmd.Use, "--") // a flag in the usage is found as a flag
	for _, word := range strings.FieldsFunc(arguments, func(r rune) bool { return strings.ContainsRune(" []().", r) }) {
		switch word {
		case "FILE", "FOLDER", "COPY":
			names = append(names, cmd.CommandPath()+" "+word)
		}
	}
	for _, sub := range cmd.Commands() {
		names = append(names, filesNamed(sub)...)
	}
	return names
}

// TestInputFile_all: the table of files that are read has all that there are.
func TestInputFile_all(t *testing.T) {
	t.Parallel()
	var found []string
	for _, cmd := range commands(&console.Console{Getenv: environment{}.getenv}) {
		found = append(found, filesNamed(cmd)...)
	}
	slices.Sort(found)
	if want := slices.Sorted(maps.Keys(filesRead())); !slices.Equal(found, want) {
		t.Errorf("the flags and arguments that name files are\n%s\nand the table has\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

// recorded makes a folder with a recorded exchange.
func recorded(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.request.xml": request(readRequest), "a.response.xml": "<none/>"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// copiedLead makes a copy of what one lead has done.
func copiedLead(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	keys, place := filepath.Join(dir, "keys.txt"), filepath.Join(dir, "leads.db")
	if err := os.WriteFile(keys, []byte("318815\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run(t, nil, "", "sync", "run", "--stream", "lead-activity", "--leads", keys, "--since", "2015-01-01", "--to", place, "--demo"); r.code != exit.OK {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	return place
}

func fileReader(t *testing.T, command, file, copyAt string) []string {
	t.Helper()
	args := strings.Fields(command)
	for i := range args {
		switch args[i] {
		case "FILE":
			args[i] = file
		case "COPY":
			args[i] = copyAt
		case "COPIED":
			args[i] = copiedLead(t)
		case "RECORDING":
			args[i] = recorded(t)
		}
	}
	return args
}

// TestInputFile_missing: that a file is missing, or is a folder, has one exit code, whatever names it and whatever
// reads it. What is given on the command line has one wording, too.
func TestInputFile_missing(t *testing.T) {
	t.Parallel()
	env := settingsFor("http://localhost:1/2_7")
	for name, command := range filesRead() {
		if command == "" {
			continue
		}
		env := maps.Clone(env)
		if !strings.HasSuffix(name, " --secrets") { // which takes the place of the variables
			env[secureaccess.VarAccessKey], env[secureaccess.VarAccessSecret] = "access-key", "access-secret-for-tests"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for what, file := range map[string]string{
				"missing":             filepath.Join(dir, "none.txt"),
				"a folder":            dir,
				"white space outside": filepath.Join(dir, "none.txt "),
			} {
				if allowed := strings.HasSuffix(name, " FOLDER") || strings.HasSuffix(name, " --to") || strings.HasSuffix(name, " --copy") || strings.HasSuffix(name, " COPY"); allowed && what != "missing" {
					continue // a folder may be a recording or a copy
				}
				r := run(t, env, "", fileReader(t, command, file, filepath.Join(dir, "copy.db"))...)
				if r.code != exit.Invalid || !strings.Contains(r.stderr, strings.TrimSpace(file)) || r.stdout != "" {
					t.Errorf("%s: exit code %d, want %d: %s%s", what, r.code, exit.Invalid, r.stdout, r.stderr)
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// variableOfFile finds the variables that name files in a help text.
var variableOfFile = regexp.MustCompile(`MKTOWS_\w+(_FILE|_NAMES)\b`)

// TestInputFile_settings: the same holds for the files that variables name.
func TestInputFile_settings(t *testing.T) {
	t.Parallel()
	commands := map[string]string{
		settings.VarSecretKey + "_FILE":        "activity 1",
		settings.VarClientSecret + "_FILE":     "activity 1 --rest",
		settings.VarRESTNames:                  "activity 1 --rest",
		secureaccess.VarAccessSecret + "_FILE": "secure-access sign --email a@example.com --uuid 1",
	}
	help := run(t, nil, "", "help", "settings").stdout + run(t, nil, "", "secure-access", "--help").stdout
	for _, name := range variableOfFile.FindAllString(help, -1) {
		if commands[name] == "" {
			t.Errorf("no command is known that reads %s", name)
		}
	}
	for name, command := range commands {
		dir := t.TempDir()
		for what, file := range map[string]string{"missing": filepath.Join(dir, "none"), "a folder": dir} {
			env := settingsFor("http://localhost:1/2_7")
			if strings.HasSuffix(command, " --rest") {
				env[settings.VarRESTEndpoint], env[settings.VarClientID], env[settings.VarClientSecret] = "http://localhost:1/rest", "client", "client-secret-of-tests"
			}
			env[secureaccess.VarAccessKey] = "access-key"
			delete(env, strings.TrimSuffix(name, "_FILE"))
			env[name] = file
			if r := run(t, env, "", strings.Fields(command)...); r.code != exit.Invalid || !strings.Contains(r.stderr, file) {
				t.Errorf("%s, %s: exit code %d, want %d: %s", name, what, r.code, exit.Invalid, r.stderr)
			}
		}
	}
}

// TestInputFile_gateway: and for those that the configuration of a gateway names.
func TestInputFile_gateway(t *testing.T) {
	t.Parallel()
	const tenant = `listeners: [{address: "127.0.0.1:0"}]
tenants:
  - userID: user
    key: {%s}
    rest: {endpoint: "http://localhost:1/rest", clientID: client, clientSecret: {%s}}
`
	for _, secrets := range [][2]string{{"file: none", "env: HOME"}, {"env: HOME", "file: none"}, {"file: .", "env: HOME"}} {
		file := filepath.Join(t.TempDir(), "gateway.yaml")
		if err := os.WriteFile(file, []byte(fmt.Sprintf(tenant, secrets[0], secrets[1])), 0o600); err != nil {
			t.Fatal(err)
		}
		r := run(t, environment{"HOME": "a-secret-of-tests"}, "", "gateway", "check", file)
		if r.code != exit.Invalid {
			t.Errorf("%v: exit code %d, want %d: %s", secrets, r.code, exit.Invalid, r.stderr)
		}
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
		{"key file's name", environment{settings.VarSecretKey: "", settings.VarSecretKey + "_FILE": file + " "}, "", "", settings.VarSecretKey + `_FILE: "` + file + ` " cannot be read: `, exit.Invalid},
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
