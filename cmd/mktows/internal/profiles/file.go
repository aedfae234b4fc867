package profiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
)

// VarConfig is the environment variable for another file of profiles than the usual one.
const VarConfig = "MKTOWS_CONFIG"

// Default is the name of the profile that is taken where none is named.
const Default = "default"

// maxFile is how many bytes a file of profiles may have: a thousand profiles need less.
const maxFile = 1 << 20

// File is a file of profiles, in the order in which they stand there.
type File struct {
	Path     string
	Profiles []Profile
	Info     os.FileInfo // nil: there is no such file
}

// Profile is the settings of an instance.
type Profile struct {
	Name   string
	Line   int
	Values []Value
}

// Value is a setting in a profile.
type Value struct {
	Member
	Text string
	Line int
}

// Path returns where the file of profiles is: what MKTOWS_CONFIG names, else mktows/config in XDG_CONFIG_HOME or ~/.config, or in
// %AppData% on Windows. It is empty if the environment names no such folder. Asked is true for MKTOWS_CONFIG, which says that the file is there.
func Path(getenv func(string) string) (path string, asked bool) {
	if path := getenv(VarConfig); path != "" {
		return path, true
	}
	folder := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(folder) { // XDG Base Directory Specification: others are ignored
		folder = ""
		if home := getenv("HOME"); home != "" {
			folder = filepath.Join(home, ".config")
		}
	}
	if runtime.GOOS == "windows" {
		folder = getenv("AppData")
	}
	if folder == "" {
		return "", false
	}
	return filepath.Join(folder, "mktows", "config"), false
}

// Read reads the file of profiles. Where there is none, in the usual place, it returns one without profiles. Errors: the file cannot be read
// or has a mistake, which is told with its line and without its value.
func Read(ctx context.Context, getenv func(string) string) (*File, error) {
	path, asked := Path(getenv)
	if path == "" {
		return &File{}, nil
	}
	c, err := records.ReadAll(ctx, nil, path, maxFile)
	switch {
	case err != nil:
		return nil, err
	case errors.Is(c.Err, fs.ErrNotExist) && !asked:
		return &File{Path: path}, nil
	case c.Problem(path, maxFile) != nil:
		return nil, exit.Settingsf("the file of profiles: %w", c.Problem(path, maxFile))
	}
	all, err := parse(path, c.Text, getenv("HOME"))
	return &File{path, all, c.Info}, err
}

// Find returns the profile of a name. The error says which one may have been meant.
func (f *File) Find(name string) (*Profile, error) {
	var names []string
	for i := range f.Profiles {
		if f.Profiles[i].Name == name {
			return &f.Profiles[i], nil
		}
		names = append(names, f.Profiles[i].Name)
	}
	const see = `"mktows help profiles" shows how one is written`
	switch near := nearest(name, names); {
	case f.Path == "":
		return nil, exit.Settingsf("there is no profile %q: the file of profiles is in XDG_CONFIG_HOME or HOME, and neither is set; %s names it otherwise", name, VarConfig)
	case f.Info == nil:
		return nil, exit.Settingsf("there is no profile %q, since there is no file %s: %s", name, f.Path, see)
	case near != "":
		return nil, exit.Settingsf("there is no profile %q in %s; did you mean %s?", name, f.Path, near)
	case len(names) == 0:
		return nil, exit.Settingsf("there is no profile %q in %s, nor any other: %s", name, f.Path, see)
	}
	return nil, exit.Settingsf("there is no profile %q in %s, which has %s", name, f.Path, strings.Join(names, ", "))
}

// nearest returns the name that a misspelt one may stand for, by the rule for misspelt commands; empty: none.
func nearest(name string, names []string) string {
	all := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, n := range names {
		all.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	return append(all.SuggestionsFor(name), "")[0]
}

// profileName is what a profile may be called, so that its name needs no quotation marks in a shell.
var profileName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$`)

// reader is what has been read of a file.
type reader struct {
	path, home string
	line       int
	all        []Profile
}

// problem returns the error for the line. It must not repeat a value, which may be a secret in the wrong place.
func (r *reader) problem(format string, args ...any) error {
	return exit.Settingsf("%s:%d: %w", r.path, r.line, fmt.Errorf(format, args...))
}

func parse(path string, text []byte, home string) ([]Profile, error) {
	r := &reader{path: path, home: home}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for line := range bytes.Lines(text) {
		r.line++
		if !utf8.Valid(line) || bytes.ContainsRune(line, 0) {
			return nil, r.problem("this is no text in UTF-8: save the file as such")
		}
		if err := r.read(strings.TrimSpace(string(line))); err != nil {
			return nil, err
		}
	}
	return r.all, nil
}

// read reads a line without the white space around it.
func (r *reader) read(line string) error {
	switch {
	case line == "", line[0] == '#', line[0] == ';':
		return nil
	case line[0] == '[':
		return r.begin(line)
	}
	name, value, ok := strings.Cut(line, "=")
	if !ok {
		return r.problem(`this is neither [NAME], which begins a profile, nor "setting = value", nor a comment, which begins with #`)
	}
	if len(r.all) == 0 {
		return r.problem("no profile has begun yet: write [NAME] before the first setting, such as [%s]", Default)
	}
	return r.set(strings.TrimSpace(name), strings.TrimSpace(value))
}

// begin begins a profile.
func (r *reader) begin(line string) error {
	name := strings.TrimSpace(strings.TrimSuffix(line[1:], "]"))
	if !strings.HasSuffix(line, "]") || !profileName.MatchString(name) {
		return r.problem("a profile begins with [NAME] on a line of its own; the name has up to 64 of A-Z, a-z, 0-9, _, - and ., and begins with none of the last two")
	}
	for i := range r.all {
		if r.all[i].Name == name {
			return r.problem("the profile %s is in line %d already: give one of the two another name", name, r.all[i].Line)
		}
	}
	r.all = append(r.all, Profile{Name: name, Line: r.line})
	return nil
}

// set takes a setting into the last profile.
func (r *reader) set(name, text string) error {
	at := slices.IndexFunc(members, func(m Member) bool { return m.Name == name })
	if at < 0 {
		return r.unknown(name)
	}
	m, p := members[at], &r.all[len(r.all)-1]
	for _, v := range p.Values {
		if v.Name == name {
			return r.problem("%s is in line %d already: remove one of the two", name, v.Line)
		}
	}
	switch {
	case text == "":
		return r.problem("%s has no value: give one, or remove the line", name)
	case strings.ContainsFunc(text, unicode.IsControl):
		return r.problem("%s has a character in it that cannot be seen: write the value again", name)
	case strings.ContainsAny(text[:1], `"'`):
		return r.problem("%s: values stand without quotation marks: remove them", name)
	case strings.Contains(text, " #"), strings.Contains(text, " ;"):
		return r.problem("%s: a comment stands on a line of its own: move it there", name)
	}
	text, err := m.kind(text, r.home)
	if err != nil {
		return r.problem("%s %w", name, err)
	}
	p.Values = append(p.Values, Value{m, text, r.line})
	return nil
}

// unknown returns the error for a name that is none of a setting. For a secret it says where that belongs.
func (r *reader) unknown(name string) error {
	plain := strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(name), "_", "-"), "mktows-")
	if file := secretMember(plain); file != "" {
		return r.problem("a secret is not written into this file: write it into a file of its own that only you can read (chmod 600), put %s = /path/of/that/file here, "+
			"and remove it from this line", file)
	}
	var names []string
	for _, m := range members {
		names = append(names, m.Name)
	}
	if near := nearest(plain, names); near != "" {
		return r.problem("%.40q is no setting; did you mean %s?", name, near)
	}
	return r.problem("%.40q is no setting: there are %s", name, strings.Join(names, ", "))
}
