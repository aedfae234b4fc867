package gateway_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
)

var update = flag.Bool("update", false, "write the schema anew")

type object = map[string]any

// required are the members that each type needs, as New says.
var required = map[string][]string{
	"Config": {"tenants"}, "Listener": {"address"}, "TLS": {"certificate", "key"}, "Instance": {"endpoint"}, "Tenant": {"userID", "key", "rest"},
	"REST": {"endpoint", "clientID", "clientSecret"},
}

// words are the members that take only some words.
func words(field string) (all []string) {
	switch field {
	case "TLS.minVersion":
		return []string{"1.0", "1.1", "1.2", "1.3"}
	case "Tenant.off":
		for _, op := range gen.Operations() {
			all = append(all, op.Name)
		}
	}
	return all
}

// special are the types that are written otherwise than Go has them.
var special = map[reflect.Type]object{
	reflect.TypeFor[gateway.Duration](): {
		"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`, "description": "A time with its unit, such as 90s, 15m or 1h30m.",
	},
	reflect.TypeFor[gateway.Secret](): {
		"description": "A secret: {file: PATH} or {env: NAME}, or a text, which only a file of mode 0600 may hold.",
		"oneOf": []object{
			{"type": "object", "description": "The path of a file that holds the secret and nothing else, from the folder of this file.", "properties": object{"file": object{"type": "string", "minLength": 1}}, "required": []string{"file"}, "additionalProperties": false},
			{"type": "object", "description": "The name of an environment variable.", "properties": object{"env": object{"type": "string", "minLength": 1}}, "required": []string{"env"}, "additionalProperties": false},
			{"type": "string", "description": "The secret itself: nobody else may be able to read this file.", "minLength": 1},
		},
	},
}

// schemaMaker makes a schema of types.
type schemaMaker struct {
	t    *testing.T
	docs map[string]string // of types, and of fields as Type.Field
	defs object
}

// docsOf reads the comments of the package.
func docsOf(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	docs := make(map[string]string)
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				return true
			}
			for _, spec := range decl.Specs {
				noteDocs(docs, decl, spec.(*ast.TypeSpec))
			}
			return false
		})
	}
	return docs
}

func noteDocs(docs map[string]string, decl *ast.GenDecl, spec *ast.TypeSpec) {
	docs[spec.Name.Name] = oneLine(decl.Doc.Text())
	of, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range of.Fields.List {
		for _, name := range field.Names {
			docs[spec.Name.Name+"."+name.Name] = oneLine(field.Doc.Text() + field.Comment.Text())
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// of returns the schema of a type.
func (m *schemaMaker) of(typ reflect.Type) object {
	m.t.Helper()
	if known, is := special[typ]; is {
		m.defs[typ.Name()] = known
		return object{"$ref": "#/$defs/" + typ.Name()}
	}
	if reflect.PointerTo(typ).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		m.t.Fatalf("say in special how a %s is written", typ)
	}
	switch typ.Kind() { //nolint:exhaustive // others fail
	case reflect.Pointer:
		return m.of(typ.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": m.of(typ.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": m.of(typ.Elem())}
	case reflect.Struct:
		if m.defs[typ.Name()] == nil {
			m.defs[typ.Name()] = m.members(typ)
		}
		return object{"$ref": "#/$defs/" + typ.Name()}
	}
	m.t.Fatalf("say how a %s is written", typ)
	return nil
}

// members returns the schema of a struct.
func (m *schemaMaker) members(typ reflect.Type) object {
	m.t.Helper()
	properties := make(object)
	for i := range typ.NumField() {
		field := typ.Field(i)
		if !field.IsExported() {
			continue
		}
		name := field.Tag.Get("yaml")
		member := m.of(field.Type)
		if all := words(typ.Name() + "." + name); all != nil {
			to := member
			if items, is := member["items"].(object); is {
				to = items
			}
			to["enum"] = all
		}
		if text := m.docs[typ.Name()+"."+field.Name]; text != "" {
			member["description"] = text
		}
		properties[name] = member
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false, "description": m.docs[typ.Name()]}
	if names := required[typ.Name()]; names != nil {
		out["required"] = names
	}
	return out
}

// The schema says what the types and their comments say.
func TestSchema(t *testing.T) {
	t.Parallel()
	m := &schemaMaker{t, docsOf(t), make(object)}
	whole := m.members(reflect.TypeFor[gateway.Config]())
	whole["$schema"], whole["title"], whole["$defs"] = "https://json-schema.org/draft/2020-12/schema", "The configuration of mktows gateway", m.defs
	whole["properties"].(object)["tenants"].(object)["minItems"] = 1
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(whole); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), gateway.Schema()); diff != "" {
		t.Errorf("make it anew: go test ./gateway -run 'TestSchema$' -update\n%s", diff)
	}
}

// compiled returns the schema, ready to check documents in YAML.
func compiled(t *testing.T) func(text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(gateway.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("gateway.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("gateway.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		asJSON, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			return err
		}
		return s.Validate(value)
	}
}

var fence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// The configurations in the documentation are as the schema says, and so are the forms that secrets and times have.
func TestSchema_good(t *testing.T) {
	t.Parallel()
	check := compiled(t)
	texts := []string{
		"callTime: 1h30m\npositionKeys: [{env: A}, {file: b}, text]\ntenants: [{userID: a, key: text, rest: {endpoint: e, clientID: c, clientSecret: {env: S}}, off: [syncLead], zone: UTC, foreignIDFields: {CUSTOM: f}}]\n",
		"listeners: [{address: 'unix:a', tls: {certificate: c, key: k, minVersion: '1.0'}}]\ninstances: [{endpoint: e, limits: {calls: 5, per: 20s, daily: -1}}]\ntenants: [{userID: a, key: text, rest: {endpoint: e, clientID: c, clientSecret: s}}]\n",
	}
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			if regexp.MustCompile(`(?m)^tenants:`).MatchString(block[1]) {
				texts = append(texts, block[1])
			}
		}
	}
	if len(texts) < 3 {
		t.Error("the documentation has no configuration")
	}
	for _, text := range texts {
		if err := check(text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// unseen are the mistakes that only the whole tells, or what is beside the file.
var unseen = []string{"twice", "missing secrets", "gaps", "an option of Go"}

// Mistakes that stand in one place are seen in the editor.
func TestSchema_mistakes(t *testing.T) {
	t.Parallel()
	check := compiled(t)
	for name, m := range mistakes {
		if err := check(m.text); (err == nil) != slices.Contains(unseen, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	const tenant = "tenants: [{userID: a, key: k, rest: {endpoint: e, clientID: c, clientSecret: s}"
	for _, text := range []string{
		"{}", "tenants: []", tenant + ", off: [x]}]", tenant + ", pageTime: 5}]", tenant + ", readOnly: 'yes'}]",
		"tenants: [{userID: a, key: {env: A, file: b}, rest: {endpoint: e, clientID: c, clientSecret: s}}]", "tenants: [{userID: a, key: {vault: A}, rest: {endpoint: e, clientID: c, clientSecret: s}}]",
		"tenants: [{userID: a, key: k}]", tenant + "}]\nlisteners: [{tls: {certificate: a}}]", tenant + "}]\nlisteners: [{address: a, tls: {certificate: a, key: b, minVersion: '0.9'}}]",
	} {
		if check(text) == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// everyKind is a configuration with a value of each kind at each depth.
const everyKind = `listeners: [{address: 127.0.0.1:8090, behindProxy: true}]
admin: 127.0.0.1:8091
callTime: 50s
callers: {pending: 5}
repair: true
journal: {folder: recorded, maxBytes: 5}
instances: [{endpoint: "https://a.example.com/rest", limits: {calls: 5, per: 20s}}]
tenants:
- userID: a
  key: {env: KEY}
  off: [syncLead]
  retention: 24h
  partitions: {Default: Default}
  rest: {endpoint: "https://a.example.com/rest", clientID: c, clientSecret: {file: secret}}
`

// What the schema takes has the shape that Load takes, and the other way round: each value of a configuration is replaced by one of
// each kind.
func TestSchema_agrees(t *testing.T) {
	t.Parallel()
	check := compiled(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "gateway.yaml")
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("example-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	load := func(text string) (shaped, good bool) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := gateway.Load(path)
		if err != nil {
			return false, false
		}
		_, err = gateway.New(c, gateway.WithGetenv(func(string) string { return "example-key" }))
		return true, err == nil
	}
	if _, good := load(everyKind); !good || check(everyKind) != nil {
		t.Fatal("the whole is refused")
	}
	places := regexp.MustCompile(`: (\[[^\]]*\]|\{[^}]*\}+|"[^"]*"|[^\s,{}\[\]]+)|\b(syncLead)\b`).FindAllStringSubmatchIndex(everyKind, -1)
	for _, at := range places {
		begin, end := at[2], at[3]
		if begin < 0 {
			begin, end = at[4], at[5]
		}
		for _, value := range []string{"5", "-5", "0123", "1.5", "true", "yes", "a", `"5"`, "5s", "1..5s", "null", "~", "[]", "[a]", "[null]", "{}", "{a: b}", "{env: KEY}", "{env: 5}", "{file: secret, env: KEY}"} {
			text := everyKind[:begin] + value + everyKind[end:]
			shaped, good := load(text)
			if taken := check(text) == nil; taken && !shaped || !taken && good {
				t.Errorf("in the place of %s, %s: the schema takes it: %t, Load: %t, New: %t", everyKind[begin:end], value, taken, shaped, good)
			}
		}
	}
}
