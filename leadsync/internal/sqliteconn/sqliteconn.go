// Package sqliteconn opens SQLite databases whose connections keep the statements that they have prepared. Parsing a
// statement costs SQLite more than most statements of a copy cost when they run, and they are always the same ones.
package sqliteconn

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// maxKept is how many statements a connection keeps; each takes some KiB. A copy and River have fewer that they execute
// again and again.
const maxKept = 100

// Open returns a database by its data source name, as sql.Open does.
func Open(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{c}), nil
}

type connector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{sqliteConn: opened.(sqliteConn), kept: map[string]statement{}}, nil //nolint:forcetypeassert // the driver's are
}

// sqliteConn is what a connection of the driver can do of what database/sql asks for.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statement is what a prepared one of the driver can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// conn is a connection with its statements. database/sql never uses one from two goroutines at once.
type conn struct {
	sqliteConn

	kept map[string]statement // by their text; one that is being executed is not among them
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	c.put(query, s, err)
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	found, err := s.QueryContext(ctx, args)
	if err != nil {
		c.put(query, s, err)
		return nil, err
	}
	return &rows{Rows: found, put: func(err error) { c.put(query, s, err) }}, nil
}

// take returns a statement, which is this caller's until it is put back. While the rows of a query are being read, the
// same query may be executed again: it is prepared once more for that.
func (c *conn) take(ctx context.Context, query string) (statement, error) {
	if s, ok := c.kept[query]; ok {
		delete(c.kept, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.(statement), nil //nolint:forcetypeassert // the driver's are
}

// put keeps a statement, in the place of any other one if there are too many, or closes it after an error. Closing
// repeats the last error of the statement, which its caller has got.
func (c *conn) put(query string, s statement, err error) {
	if _, twice := c.kept[query]; twice || err != nil {
		_ = s.Close()
		return
	}
	if len(c.kept) >= maxKept {
		for other, old := range c.kept {
			_ = old.Close()
			delete(c.kept, other)
			break
		}
	}
	c.kept[query] = s
}

// Close implements driver.Conn. SQLite closes a file, and removes PATH-wal, once no statement is left.
func (c *conn) Close() error {
	for _, s := range c.kept {
		_ = s.Close()
	}
	clear(c.kept)
	return c.sqliteConn.Close()
}

// rows are the result of a statement, which is put back after them.
type rows struct {
	driver.Rows

	put func(err error)
}

// Close implements driver.Rows, which database/sql calls once.
func (r *rows) Close() error {
	err := r.Rows.Close()
	r.put(err)
	return err
}
