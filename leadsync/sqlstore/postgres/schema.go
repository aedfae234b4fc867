package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
)

// searchPath is the parameter of a connection with the schemas that tables are in.
const searchPath = "search_path"

// schemaName is what River takes as the name of a schema, which it puts into the names of its channels. Those have up
// to 63 bytes, and 17 of them are taken by the longest of River's topics and a dot.
var schemaName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,45}$`)

// WithSchema keeps the copy in a schema of the database, which is made if it is not there. Copies in several schemas of
// one database know nothing of each other. A name has up to 46 of A-Z, a-z, 0-9 and _, no digit first; Sales and sales are two.
// Default: the search path of the URL, else that of the user, which mostly is the schema public.
//
// Errors of [Open] and [Exists]: the name is another one, or the URL has a search_path as well.
func WithSchema(name string) Option {
	return func(o *options) { o.Schema, o.SchemaAsked = name, true }
}

// InSchema returns the URL with a schema as its search_path: what [WithSchema] is for [Open], for all that takes a URL alone.
// Errors: those of WithSchema, and of [CheckURL].
func InSchema(target, name string) (string, error) {
	if err := CheckURL(target); err != nil {
		return "", err
	}
	if err := checkSchema(name); err != nil {
		return "", err
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", errUnreadableURL // the error quotes the URL
	}
	query := u.Query()
	if query.Has(searchPath) {
		return "", errTwoSchemas
	}
	query.Set(searchPath, pathOf(name))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

var errTwoSchemas = errors.New("the URL has a search_path already: give the schema there or by itself, not both")

// checkSchema refuses names that a schema with a copy cannot have. Those that begin with pg_ are the server's own.
func checkSchema(name string) error {
	lower := strings.ToLower(name)
	switch {
	case !schemaName.MatchString(name):
		return fmt.Errorf("the schema %.60q cannot be used: give a name of A-Z, a-z, 0-9 and _, up to 46 of them and no digit first", name)
	case strings.HasPrefix(lower, "pg_") || lower == "information_schema":
		return fmt.Errorf("the schema %s is PostgreSQL's own: give another one", name)
	}
	return nil
}

// pathOf returns a search path of one schema. Without quotation marks the server makes small letters of it.
func pathOf(name string) string {
	if name == strings.ToLower(name) {
		return name
	}
	return pgx.Identifier{name}.Sanitize()
}

// schemaOf returns the one schema that a search path consists of; empty: it has several, or one that is not to be made.
func schemaOf(path string) string {
	name := strings.TrimSpace(path)
	if quoted := strings.Trim(name, `"`); len(quoted) == len(name)-2 {
		name = quoted
	} else {
		name = strings.ToLower(name)
	}
	if checkSchema(name) != nil {
		return ""
	}
	return name
}

// useSchema makes what the options say the search path of connections, and the options say what schema is to be made.
func useSchema(params map[string]string, o *options) error {
	path, given := params[searchPath]
	switch {
	case o.SchemaAsked && given:
		return errTwoSchemas
	case o.SchemaAsked:
		if err := checkSchema(o.Schema); err != nil {
			return err
		}
	case given:
		o.Schema = schemaOf(path)
	}
	if !given && o.Schema != "" {
		params[searchPath] = pathOf(o.Schema)
	}
	return nil
}

// makeSchema makes a schema if it is not there; empty: none.
func makeSchema(ctx context.Context, tx sqldb.Tx, name string) error {
	if name == "" {
		return nil
	}
	var there bool // who may not make schemas may use one that somebody else has made
	err := sqldb.QueryRow(ctx, tx, []any{&there}, `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?)`, name)
	if err != nil || there {
		return err
	}
	_, err = tx.Exec(ctx, `CREATE SCHEMA `+pgx.Identifier{name}.Sanitize())
	return err
}
