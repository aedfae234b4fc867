package gateway

import (
	_ "embed"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// shape finds what in a document is not as a Config is made: everything, and no value is in the problems, as it may be a secret.
// It is stricter than YAML, which makes 83 of the user id 0123 and 1 of 1.5 calls, and takes what the JSON schema takes.
type shape struct {
	anchors map[string]ast.Node
	found   []Problem
}

func (s *shape) add(node ast.Node, format string, args ...any) {
	p := Problem{Text: fmt.Sprintf(format, args...)}
	if token := node.GetToken(); token != nil && token.Position != nil {
		p.Line = token.Position.Line
	}
	s.found = append(s.found, p)
}

// check looks at a node that stands for a value of a type.
func (s *shape) check(node ast.Node, t reflect.Type) {
	switch n := s.plain(node).(type) {
	case nil:
	case *ast.AnchorNode:
		s.check(n.Value, t)
		s.anchors[n.Name.GetToken().Value] = n.Value // from here on: an alias inside of it has no end
	case *ast.NullNode:
		s.add(node, "there is no value: give one, or leave the name out")
	default:
		s.checkValue(node, n, t)
	}
}

// plain returns what an alias stands for; nil, and a problem, where nobody knows.
func (s *shape) plain(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.AliasNode:
		target, known := s.anchors[n.Value.GetToken().Value]
		if !known {
			s.add(node, "an alias (*) whose anchor (&) is not above: put a text that begins with * in quotes")
			return nil
		}
		return s.plain(target)
	case *ast.TagNode:
		s.add(node, "a tag (!) has no meaning here: leave it out, and put a text that begins with ! in quotes")
		return nil
	}
	return node
}

// checkValue looks at what stands at a place.
func (s *shape) checkValue(at, n ast.Node, t reflect.Type) {
	members, mapping := n.(*ast.MappingNode)
	switch {
	case t == reflect.TypeFor[Secret]() && mapping:
		s.checkMembers(members, reflect.TypeFor[secretPlace]())
	case t == reflect.TypeFor[Secret]():
		s.checkText(at, n)
	case t == reflect.TypeFor[Duration]():
		s.checkDuration(at, n)
	case t.Kind() == reflect.Pointer:
		s.checkValue(at, n, t.Elem())
	case t.Kind() == reflect.String:
		s.checkText(at, n)
	case t.Kind() == reflect.Struct && mapping, t.Kind() == reflect.Map && mapping:
		s.checkMembers(members, t)
	case t.Kind() == reflect.Slice && n.Type() == ast.SequenceType:
		for _, inner := range n.(*ast.SequenceNode).Values {
			s.check(inner, t.Elem())
		}
	case t.Kind() == reflect.Bool && n.Type() == ast.BoolType:
	case t.Kind() == reflect.Int && isWhole(n), t.Kind() == reflect.Int64 && isWhole(n):
	default:
		s.add(at, "expected %s, not %s", expected(t), kindOf(n))
	}
}

// checkMembers looks at a mapping. What is merged into it comes first, so that its own members count, wherever they stand.
func (s *shape) checkMembers(n *ast.MappingNode, t reflect.Type) {
	slices.SortStableFunc(n.Values, func(a, b *ast.MappingValueNode) int {
		return order(b.Key.IsMergeKey()) - order(a.Key.IsMergeKey())
	})
	seen := make(map[string]bool)
	for _, member := range n.Values {
		name := member.Key.GetToken().Value
		field, known := memberOf(t, name)
		twice := seen[name]
		seen[name] = true
		switch {
		case twice:
			s.add(member.Key, "%.60q stands twice here: leave one", name)
		case member.Key.IsMergeKey():
			if merged, is := s.plain(member.Value).(*ast.MappingNode); is {
				s.checkMembers(merged, t)
			} else {
				s.add(member.Key, "<< merges one alias, such as <<: *name, whose anchor is above and has settings with names")
			}
		case t.Kind() == reflect.Map:
			s.checkText(member.Key, member.Key)
			s.check(member.Value, t.Elem())
		case !known:
			s.add(member.Key, "unknown field %.60q: it is misspelt, or stands at the wrong place", name)
		default:
			s.check(member.Value, field)
		}
	}
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// memberOf returns the type of a member of a struct.
func memberOf(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for _, field := range reflect.VisibleFields(t) {
		if field.IsExported() && field.Tag.Get("yaml") == name {
			return field.Type, true
		}
	}
	return nil, false
}

func (s *shape) checkText(at, n ast.Node) {
	switch n.Type() { //nolint:exhaustive // others are none
	case ast.StringType, ast.LiteralType:
	case ast.IntegerType, ast.FloatType, ast.BoolType, ast.InfinityType, ast.NanType:
		s.add(at, "expected a text, not %s: put it in quotes", kindOf(n))
	default:
		s.add(at, "expected a text, not %s", kindOf(n))
	}
}

func (s *shape) checkDuration(at, n ast.Node) {
	text, is := n.(*ast.StringNode)
	if !is {
		s.add(at, "expected a time with its unit, such as 90s or 15m, not %s", kindOf(n))
	} else if err := new(Duration).UnmarshalText([]byte(text.Value)); err != nil {
		s.add(at, "%v", err)
	}
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// isWhole reports whether a node is a number in digits that an int has room for.
func isWhole(n ast.Node) bool {
	if n.Type() != ast.IntegerType {
		return false
	}
	text := n.GetToken().Value
	_, err := strconv.Atoi(text)
	return err == nil && wholeNumber.MatchString(text)
}

// expected describes a type of a setting.
func expected(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // the kinds that a Config has
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number in digits"
	case reflect.Slice:
		return "a list"
	}
	return "settings with names"
}

// kindOf describes a node of a document.
func kindOf(n ast.Node) string {
	switch n.Type() { //nolint:exhaustive // others are texts
	case ast.MappingType, ast.MappingValueType:
		return "settings with names"
	case ast.SequenceType:
		return "a list"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	case ast.BoolType:
		return "true or false"
	}
	return "a text"
}

// schema is made of the type Config by TestSchema: go test ./gateway -run 'TestSchema$' -update.
//
//go:embed schema.json
var schema string

// Schema returns the JSON schema of a configuration file, by which editors complete and check one. What only the whole tells, such as two
// tenants with one user id, is left to [Load] and [New].
func Schema() string { return schema }
