package profiles

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// hidden stands in files where a secret may have got by mistake; no error may repeat it.
const hidden = "example-s3cret-Value"

// write writes a file of profiles and returns the environment that names it.
func write(t *testing.T, text string) (path string, getenv func(string) string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, environment{VarConfig: path, "HOME": "/home/example"}.get
}

type environment map[string]string

func (e environment) get(name string) string { return e[name] }

func TestRead_mistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, want string // the error goes on after the path
	}{
		"a secret":               {"[a]\nsecret-key = " + hidden, ":2: a secret is not written into this file: write it into a file of its own that only you can read (chmod 600), put secret-key-file or"},
		"a client secret":        {"[a]\n\nclient_secret=" + hidden, ":3: a secret is not written into this file: write it into a file of its own that only you can read (chmod 600), put client-secret-file = /"},
		"a variable":             {"[a]\nMKTOWS_SECRET_KEY=" + hidden, ":2: a secret is not"},
		"a password":             {"[a]\npassword = " + hidden, ":2: a secret is not"},
		"a secret as path":       {"[a]\nsecret-key-file = " + hidden, ":2: secret-key-file is not a path that begins with / or ~/"},
		"a secret alone":         {"[a]\n" + hidden, ":2: this is neither [NAME]"},
		"a password in a URL":    {"[a]\nsync-to = postgres://u:" + hidden + "@h/d", ":2: sync-to has a password in it"},
		"a password behind it":   {"[a]\nsync-to = postgres://u@h/d?password=" + hidden, ":2: sync-to has a password in it"},
		"a broken URL":           {"[a]\nsync-to = postgres://u:%zz" + hidden + "@h/d", ":2: sync-to is neither a path nor"},
		"another database":       {"[a]\nsync-to = mysql://u:" + hidden + "@h/d", ":2: sync-to is neither a path nor"},
		"a user of an endpoint":  {"[a]\nendpoint = https://u:" + hidden + "@h/soap", ":2: endpoint has a password in it"},
		"no URL":                 {"[a]\nrest-endpoint = " + hidden, ":2: rest-endpoint is not a URL"},
		"unknown":                {"[a]\nendpiont = " + hidden, `:2: "endpiont" is no setting; did you mean endpoint?`},
		"with underscores":       {"[a]\nrest_endpoint = " + hidden, `:2: "rest_endpoint" is no setting; did you mean rest-endpoint?`},
		"the name of a variable": {"[a]\nMKTOWS_USER_ID = " + hidden, `:2: "MKTOWS_USER_ID" is no setting; did you mean user-id?`},
		"far from all":           {"[a]\nregion = " + hidden, `:2: "region" is no setting: there are rest-endpoint, client-id`},
		"two of one name":        {"[a]\n[b]\n[a]\n", ":3: the profile a is in line 1 already"},
		"twice":                  {"[a]\nuser-id = 1\nuser-id = " + hidden, ":3: user-id is in line 2 already"},
		"before a profile":       {"user-id = " + hidden, ":1: no profile has begun yet: write [NAME]"},
		"no end of a name":       {"[a\n", ":1: a profile begins with [NAME]"},
		"no name":                {"[]\n", ":1: a profile begins with [NAME]"},
		"as of aws":              {"[profile a]\n", ":1: a profile begins with [NAME]"},
		"like a flag":            {"[--demo]\n", ":1: a profile begins with [NAME]"},
		"a long name":            {"[" + strings.Repeat("n", 65) + "]\n", ":1: a profile begins with [NAME]"},
		"no value":               {"[a]\nuser-id =\n", ":2: user-id has no value"},
		"in quotation marks":     {"[a]\nuser-id = \"" + hidden + "\"", ":2: user-id: values stand without quotation marks"},
		"a comment behind":       {"[a]\nuser-id = " + hidden + " # mine", ":2: user-id: a comment stands on a line of its own"},
		"not to be seen":         {"[a]\nuser-id = " + hidden + "\x1b[2J", ":2: user-id has a character in it"},
		"Latin-1":                {"[a]\nuser-id = \xe4" + hidden, ":2: this is no text in UTF-8"},
		"UTF-16":                 {"\xff\xfe[\x00a\x00]\x00", ":1: this is no text in UTF-8"},
		"huge":                   {strings.Repeat("# ........\n", maxFile/10), " has more than 1048576 bytes"},
	} {
		path, getenv := write(t, test.text)
		f, err := Read(t.Context(), getenv)
		if err == nil || !strings.Contains(err.Error(), path+test.want) || strings.Contains(err.Error(), hidden) || exit.Code(t.Context(), err) != codeOf(test.want) {
			t.Errorf("%s: %v, %v; want %s", name, f, err, test.want)
		}
	}
}

// codeOf returns the exit code for a mistake in the file or, if it has no line, for a file that cannot be read.
func codeOf(problem string) int {
	if strings.HasPrefix(problem, ":") {
		return exit.Settings
	}
	return exit.Invalid
}

// TestRead_asEditorsWriteIt: a mark of the byte order and line ends of Windows mean nothing.
func TestRead_asEditorsWriteIt(t *testing.T) {
	t.Parallel()
	_, getenv := write(t, "\ufeff# first\r\n[ a ]\r\n  sync-to=~/copies/leads/ \r\n;\r\n\r\n[b]\r\nendpoint = http://127.0.0.1:8080/soap?a=b\r\n[c]")
	f, err := Read(t.Context(), getenv)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, p := range f.Profiles {
		told = append(told, p.Name)
		for _, v := range p.Values {
			told = append(told, v.Variable+"="+v.Text)
		}
	}
	if got, want := strings.Join(told, " "), "a MKTOWS_SYNC_TO=/home/example/copies/leads/ b MKTOWS_ENDPOINT=http://127.0.0.1:8080/soap?a=b c"; got != want {
		t.Errorf("it has %s; want %s", got, want)
	}
	if v := f.Profiles[0].Values[0]; f.Profiles[0].Line != 2 || v.Line != 3 {
		t.Errorf("the lines are %d and %d", f.Profiles[0].Line, v.Line)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	path, getenv := write(t, "[staging]\n[production]\n")
	f, err := Read(t.Context(), getenv)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := f.Find("staging"); err != nil || p.Line != 1 {
		t.Errorf("%v, %v", p, err)
	}
	_, empty := write(t, "")
	none, err := Read(t.Context(), empty)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		f    *File
		want string
	}{
		"stagng":     {f, `no profile "stagng" in ` + path + "; did you mean staging?"},
		"Production": {f, "did you mean production?"},
		"elsewhere":  {f, "which has staging, production"},
		"a":          {none, "nor any other"},
		"b":          {&File{Path: "/no/such"}, "since there is no file /no/such"},
		"c":          {&File{}, "is in XDG_CONFIG_HOME or HOME, and neither is set"},
	} {
		if _, err := test.f.Find(name); err == nil || !strings.Contains(err.Error(), test.want) || exit.Code(t.Context(), err) != exit.Settings {
			t.Errorf("%s: %v; want %s", name, err, test.want)
		}
	}
}

// TestRead_places: the usual place may have no file, the one that MKTOWS_CONFIG names has one, whatever it is.
func TestRead_places(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, _ := write(t, "[a]")
	link := filepath.Join(folder, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	for name, test := range map[string]struct {
		env  environment
		want string // "": it can be read
	}{
		"nothing is set":       {environment{}, ""},
		"no file":              {environment{"HOME": folder}, ""},
		"no folder":            {environment{"XDG_CONFIG_HOME": "/no/such"}, ""},
		"a relative folder":    {environment{"XDG_CONFIG_HOME": ".", "HOME": folder}, ""},
		"a link":               {environment{VarConfig: link}, ""},
		"named, and not there": {environment{VarConfig: filepath.Join(folder, "none")}, "the file of profiles: " + filepath.Join(folder, "none") + " cannot be read"},
		"a folder":             {environment{VarConfig: folder}, folder + " cannot be read"},
	} {
		f, err := Read(t.Context(), test.env.get)
		if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || exit.Code(t.Context(), err) != codeOf(test.want)) {
			t.Errorf("%s: %v, %v; want %s", name, f, err, test.want)
		}
	}
	if path, asked := Path(environment{"XDG_CONFIG_HOME": folder, "HOME": "/home/example"}.get); path != filepath.Join(folder, "mktows", "config") || asked {
		t.Errorf("it is at %s, asked %t", path, asked)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[a]\nuser-id = 1\n")
	f.Add("\ufeff[a]\r\nsecret-key = " + hidden)
	f.Add("[a]\nsync-to = postgres://u:" + hidden + "@h/d\n[a]")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parse("config", []byte(text), "/home/example")
		if err != nil && !strings.HasPrefix(err.Error(), "config:") {
			t.Errorf("an error without a place: %v", err)
		}
		for _, p := range all {
			if err == nil && !profileName.MatchString(p.Name) {
				t.Errorf("a profile is called %q", p.Name)
			}
		}
	})
}
