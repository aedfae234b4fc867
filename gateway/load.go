package gateway

import (
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
	if f.tree, err = parser.ParseBytes(text, 0); err == nil {
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
			return &yaml.SyntaxError{Message: "a second document begins here: a configuration is one document, so leave out the line ---", Token: body.GetToken()}
		default:
			if err := yaml.NodeToValue(body, c, yaml.Strict()); err != nil {
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
	var known yaml.Error
	if !errors.As(err, &known) {
		return &ConfigError{File: f.path, Problems: []Problem{{Text: err.Error()}}}
	}
	p := Problem{Text: known.GetMessage()}
	if token := known.GetToken(); token != nil && token.Position != nil {
		p.Line = token.Position.Line
	}
	var wrongType *yaml.TypeError
	var wrongNode *yaml.UnexpectedNodeTypeError
	var unknown *yaml.UnknownFieldError
	switch {
	case errors.As(err, &wrongType):
		p.Text = "expected " + expected(wrongType.DstType)
	case errors.As(err, &wrongNode):
		p.Text = fmt.Sprintf("expected %s, not %s", kindOf(wrongNode.Expected), kindOf(wrongNode.Actual))
	case errors.As(err, &unknown):
		p.Text = unknown.Message + ": it is misspelt, or stands at the wrong place"
	}
	return &ConfigError{File: f.path, Problems: []Problem{p}}
}

// expected describes a type of a setting.
func expected(t reflect.Type) string {
	if t == nil {
		return "another kind of value"
	}
	switch t.Kind() { //nolint:exhaustive // the kinds that a Config has
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	}
	return "settings with names"
}

// kindOf describes a node of a document.
func kindOf(t ast.NodeType) string {
	switch t { //nolint:exhaustive // others are values
	case ast.MappingType, ast.MappingValueType:
		return "settings with names"
	case ast.SequenceType:
		return "a list"
	}
	return "a value"
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
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")
	p.list = append(p.list, Problem{Line: p.config.file.line(field), Field: field, Text: text})
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
