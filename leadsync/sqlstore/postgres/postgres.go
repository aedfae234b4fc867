// Package postgres keeps copies in PostgreSQL databases, each for any number of processes on any machines.
//
// The processes share a copy through the database alone: windows are fenced by their epochs, jobs are in River's
// tables, and the limits of the service are counted in the tables of package quota. Rows are written in sorted order
// and under an advisory lock, so that two workers that bring the same activity neither deadlock nor write it twice.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Keys of advisory locks: one for rows, one for the schema. Outside the schema public, sqldb.LockKey makes others of them.
const (
	lockRows   = 0x6d6b746f_726f7773
	lockSchema = 0x6d6b746f_77737973
)

// Numbers of connections: the default is for a worker with its windows, the limits and
// River; with less than the least of them, one that waits for another would wait for ever.
const (
	defaultMaxConns = 12
	minMaxConns     = 4
)

// Option changes how a copy is opened.
type Option func(*options)

type (
	options = sqlcore.Options
	core    = sqlcore.Store  // what both databases do alike
	slot    = jobdriver.Slot // where package leadsync keeps its jobs
)

// Store is a copy in a PostgreSQL database, which any number of processes may write. It
// is a [store.Store] and a [quota.Keeper]. Get it from [Open].
type Store struct {
	core
	slot

	db *postgresDB
}

var (
	_ store.Store  = (*Store)(nil)
	_ quota.Keeper = (*Store)(nil)
)

// Open opens the copy in a database, and makes its tables if they are not there, in the schema of [WithSchema] or else in
// the first one of the search path that is there; a search path of one schema makes that too. The URL is one of pgx: also ?search_path=, ?sslmode= and
// ?pool_max_conns= can be given; the PG… variables of the environment fill in what it leaves
// out. Errors: those of package store called ErrNewer, ErrReadOnly, ErrFull, ErrUnavailable, ErrUnusable and ErrNotCopy.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	o := sqlcore.NewOptions(sqldb.Postgres, opts)
	config, err := poolConfig(url, &o)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", copyName(config), err)
	}
	d := &postgresDB{name: copyName(config), pool: pool}
	slot := jobdriver.NewSlot(func() jobdriver.Place {
		return jobdriver.Place{Driver: jobdriver.Erase(riverpgxv5.New(pool)), Classify: d.Classify}
	})
	p := &Store{core: sqlcore.New(d, d.name, sqlcore.DeleteRows), slot: slot, db: d}
	if o.ReadOnly {
		err = sqldb.InRead(ctx, d, func(tx sqldb.Tx) error { return sqlcore.CheckReadable(ctx, tx, d.name, len(o.Steps)) })
	} else {
		err = d.Classify(ctx, p.prepare(ctx, &o))
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return p, nil
}

// OpenReadOnly opens a copy for reading. What would write fails with store.ErrReadOnly. Errors: those of
// [Open]; it creates and upgrades nothing.
func OpenReadOnly(ctx context.Context, url string, opts ...Option) (*Store, error) {
	return Open(ctx, url, append(opts[:len(opts):len(opts)], sqlcore.ReadOnly)...)
}

// CheckURL refuses what pgx cannot read as the URL of a database. The error does not repeat it, since it may hold a
// password.
func CheckURL(url string) error {
	_, err := poolConfig(url, &sqlcore.Options{})
	return err
}

// Exists reports whether there is a copy in a database, and makes nothing. Errors: those of [Open].
func Exists(ctx context.Context, target string, opts ...Option) (bool, error) {
	o := sqlcore.NewOptions(sqldb.Postgres, opts)
	o.ReadOnly = true
	config, err := poolConfig(target, &o)
	if err != nil {
		return false, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return false, fmt.Errorf("%s: %w", copyName(config), err)
	}
	defer pool.Close()
	version := 0
	err = sqldb.InRead(ctx, &postgresDB{name: copyName(config), pool: pool}, func(tx sqldb.Tx) (err error) {
		version, err = sqlcore.Copies.Version(ctx, tx)
		return err
	})
	return version > 0, err
}

// WithMaxConns sets how many connections to PostgreSQL this process may have, at least 4.
// Default: pool_max_conns of the URL, else 12.
func WithMaxConns(n int) Option { return func(o *options) { o.MaxConns = n } }

var errUnreadableURL = errors.New("the URL of the PostgreSQL database cannot be read; expected " +
	"postgres://example_user:password@host:5432/database, where signs such as @ and / in a password are written as %40 and %2F")

// poolConfig parses the URL and sets what a copy needs. The keep-alives on both ends notice within half a minute that
// the other machine is gone; by default that takes hours, during which a dead worker would hold its locks. What the
// URL itself sets is left as it is.
func poolConfig(url string, o *sqlcore.Options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The error of pgx may hold parts of the URL, and with them the password.
		return nil, errUnreadableURL
	}
	if o.MaxConns > 0 {
		config.MaxConns = int32(min(o.MaxConns, 1<<15)) //nolint:gosec // just bounded
	} else if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = defaultMaxConns
	}
	config.MaxConns = max(config.MaxConns, minMaxConns)
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	c.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}).DialContext
	for name, value := range map[string]string{
		"application_name": "mktows",
		// The server lets go of the locks of a machine that is gone.
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
		"idle_in_transaction_session_timeout": "5min",
	} {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
	switch {
	case o.ReadOnly:
		c.RuntimeParams["default_transaction_read_only"] = "on"
	case o.Kind == sqlcore.Copies:
		config.AfterConnect = makeIncoming
	}
	if err := useSchema(c.RuntimeParams, o); err != nil {
		return nil, err
	}
	return config, nil
}

// copyName returns the URL without user and password but with the search path, as the name of the copy in messages.
func copyName(config *pgxpool.Config) string {
	c := config.ConnConfig
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), Path: "/" + c.Database}
	query := url.Values{}
	if strings.HasPrefix(c.Host, "/") { // a socket
		u.Host = ""
		query.Set("host", c.Host)
		query.Set("port", strconv.Itoa(int(c.Port)))
	}
	if path := c.RuntimeParams[searchPath]; path != "" {
		query.Set(searchPath, path)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// prepare brings the tables up to date. An advisory lock makes several workers that start at the same time do it one
// after the other; it belongs to the session, so it has to be released on the connection that took it, or by closing
// that.
func (p *Store) prepare(ctx context.Context, o *sqlcore.Options) error {
	conn, err := p.db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// The schema may not be there yet, and then the session has no current one.
	const key = `coalesce(hashtextextended(nullif(coalesce(nullif($1, ''), current_schema()), 'public'), $2), $2)`
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(`+key+`)`, o.Schema, int64(lockSchema)); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sqldb.UndoTimeout)
		defer cancel()
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock(`+key+`)`, o.Schema, int64(lockSchema)); err != nil {
			_ = conn.Conn().Close(ctx) // unlocks as well
		}
	}()
	err = sqldb.InTx(ctx, p.db, func(tx sqldb.Tx) error {
		if err := makeSchema(ctx, tx, o.Schema); err != nil {
			return err
		}
		return sqlcore.Migrate(ctx, tx, p.db.name, o)
	})
	if err != nil || o.Kind != sqlcore.Copies {
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(p.db.pool), nil)
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Pool returns the connections.
func (p *Store) Pool() *pgxpool.Pool { return p.db.pool }

// Close closes the connections, when those in use have come back.
func (p *Store) Close() error {
	p.db.pool.Close()
	return nil
}

type postgresDB struct {
	name string
	pool *pgxpool.Pool
}

func (d *postgresDB) Begin(ctx context.Context) (sqldb.Tx, error) {
	tx, err := d.pool.Begin(ctx)
	return &postgresTx{tx}, err
}

func (d *postgresDB) BeginRead(ctx context.Context) (sqldb.Tx, error) {
	tx, err := d.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	return &postgresTx{tx}, err
}

func (d *postgresDB) Classify(ctx context.Context, err error) error {
	return classifyPostgres(ctx, d.name, err)
}

type postgresTx struct{ tx pgx.Tx }

func (t *postgresTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, sqldb.Numbered(query), args...)
	return tag.RowsAffected(), err
}

func (t *postgresTx) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	return t.tx.Query(ctx, sqldb.Numbered(query), args...) //nolint:sqlclosecheck // queryRow and queryAll close them
}

func (t *postgresTx) Commit(ctx context.Context) error   { return t.tx.Commit(ctx) }
func (t *postgresTx) Rollback(ctx context.Context) error { return t.tx.Rollback(ctx) }
func (t *postgresTx) Dialect() sqldb.Dialect             { return sqldb.Postgres }
