package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/limits"
)

// maxFile is how large a configuration may be.
const maxFile = 4 << 20

// file is the document that a configuration comes from.
type file struct {
	path    string
	private bool // nobody but its owner can read it
	tree    *ast.File
	seen    fingerprint // of the configuration, from before anything that it names was used
}

// Load reads a configuration in YAML. Members that it does not know are refused. It checks what the text of the file tells; New
// checks the rest. Paths in it are meant from the folder of the file. The error is a *ConfigError, or says why the file cannot be
// read.
func Load(path string) (*Config, error) {
	text, private, err := read(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text, private)
}

// parse is Load for a file that was read.
func parse(path string, text []byte, private bool) (c *Config, err error) {
	f := &file{path: path, private: private}
	c = &Config{file: f}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors may put it in front
	if whole := bytes.ToValidUTF8(text, nil); len(whole) < len(text) {
		return nil, &ConfigError{File: path, Problems: []Problem{{Text: "is not in UTF-8: save it so"}}}
	}
	if f.tree, err = parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey()); err == nil {
		err = f.decode(c)
	}
	if err != nil {
		return nil, f.unreadable(err)
	}
	f.seen = c.fingerprint(text, private)
	return c, nil
}

// decode fills a configuration from the tree, in which the lines of problems are looked for as well.
func (f *file) decode(c *Config) error {
	for i, document := range f.tree.Docs {
		switch body := document.Body; {
		case body == nil || body.Type() == ast.NullType:
		case i > 0:
			return &ConfigError{File: f.path, Problems: []Problem{{
				Line: body.GetToken().Position.Line, Text: "a second document begins here: a configuration is one document, so leave out the line ---",
			}}}
		default:
			looked := shape{anchors: make(map[string]ast.Node)}
			looked.check(body, reflect.TypeFor[Config]())
			if len(looked.found) > 0 {
				return &ConfigError{File: f.path, Problems: looked.found}
			}
			// Names that stand twice are merged ones by now, with a member of their own that counts.
			if err := yaml.NodeToValue(body, c, yaml.Strict(), yaml.AllowDuplicateMapKey()); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a file that is not too large.
func read(path string) (text []byte, private bool, err error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, false, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read
	info, err := in.Stat()
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(in, maxFile+1))
	}
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("the configuration cannot be read: %w", err)
	case len(text) > maxFile:
		return nil, false, fmt.Errorf("%s: the configuration has more than %d bytes", path, maxFile)
	}
	return text, info.Mode().Perm()&0o077 == 0, nil
}

// unreadable tells where and why a document cannot be read. What the library says is not passed on as it is: it shows lines of the
// document, which may hold secrets, and names types of Go.
func (f *file) unreadable(err error) error {
	var shaped *ConfigError
	if errors.As(err, &shaped) {
		return shaped
	}
	var known yaml.Error
	if !errors.As(err, &known) {
		return &ConfigError{File: f.path, Problems: []Problem{{Text: fmt.Sprintf("%.200s", err)}}}
	}
	p := Problem{Text: fmt.Sprintf("%.200s: see how the lines around are indented and quoted", known.GetMessage())}
	if token := known.GetToken(); token != nil && token.Position != nil {
		p.Line = token.Position.Line
	}
	return &ConfigError{File: f.path, Problems: []Problem{p}}
}

// line returns the line of a field, such as tenants[2].key, or of the nearest thing around it; 0: not known.
func (f *file) line(field string) int {
	for f != nil && field != "" {
		if path, err := yaml.PathString("$." + field); err == nil {
			if node, err := path.FilterFile(f.tree); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 0
}

// resolve returns a path as it is meant: from the folder of the configuration.
func (c *Config) resolve(path string) string {
	if c.file == nil || path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.file.path), path)
}

// Where names a field, such as tenants[2].key, with file and line if it comes from one.
func (c *Config) Where(field string) string {
	if c.file == nil {
		return field
	}
	if line := c.file.line(field); line > 0 {
		return fmt.Sprintf("%s:%d: %s", c.file.path, line, field)
	}
	return c.file.path + ": " + field
}

// ConfigError says what is wrong with a configuration: everything, not only the first mistake.
type ConfigError struct {
	File     string // empty: it does not come from a file
	Problems []Problem
}

// Problem is one mistake in a configuration.
type Problem struct {
	Line  int    // 0: not known
	Field string // such as tenants[2].key; empty: the whole
	Text  string // what is wrong and what to do
	Err   error  // what is behind it, such as that a file cannot be read; nil: nothing else
}

// Error lists the problems, one in a line.
func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		var b strings.Builder
		b.WriteString(e.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		if p.Field != "" {
			b.WriteString(p.Field + ": ")
		}
		lines[i] = b.String() + p.Text
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors that are behind the problems.
func (e *ConfigError) Unwrap() []error {
	var errs []error
	for _, p := range e.Problems {
		if p.Err != nil {
			errs = append(errs, p.Err)
		}
	}
	return errs
}

// problems collects what is wrong with a configuration.
type problems struct {
	config *Config
	getenv func(string) string
	shared *shared // nil: the process counts
	list   []Problem

	// What tenants are made of.
	copies    Copies
	keeper    *keeper
	now       func() time.Time
	share     func(limits.Limits) limits.Limits
	positions []auth.Secret
	places    map[string]place
}

// add notes a mistake in a field. It is one line, also where an error joins several.
func (p *problems) add(field, format string, args ...any) {
	problem := Problem{Line: p.config.file.line(field), Field: field, Text: strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")}
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			problem.Err = err
		}
	}
	p.list = append(p.list, problem)
}

// err returns a *ConfigError, or nil where there is no problem.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	e := &ConfigError{Problems: p.list}
	if p.config.file != nil {
		e.File = p.config.file.path
	}
	return e
}
