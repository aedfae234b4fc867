package sqlstore

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

	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Keys of advisory locks: the first of two numbers for planning, one number for the schema, one for rows.
const (
	lockPlan   = 0x6d6b746f
	lockRows   = 0x6d6b746f_726f7773
	lockSchema = 0x6d6b746f_77737973
)

// Numbers of connections: the default is for a worker with its windows, the limits and
// River; with less than the least of them, one that waits for another would wait for ever.
const (
	defaultMaxConns = 12
	minMaxConns     = 4
)

// Postgres is a copy in a PostgreSQL database, which any number of processes may write. It
// is a [store.Store]. Get it from [OpenPostgres].
type Postgres struct {
	core
	pool *pgxpool.Pool
}

var _ store.Store = (*Postgres)(nil)

// OpenPostgres opens the copy in a database, and makes its tables if they are not there, in
// the first schema of the search path. The URL is one of pgx: also ?search_path=, ?sslmode= and
// ?pool_max_conns= can be given; the PG… variables of the environment fill in what it leaves
// out. Errors: those of [Open].
func OpenPostgres(ctx context.Context, url string, opts ...Option) (*Postgres, error) {
	o := newOptions(postgresDialect, opts)
	config, err := poolConfig(url, &o)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", copyName(config), err)
	}
	d := &postgresDB{name: copyName(config), pool: pool}
	p := &Postgres{core: core{db: d, name: d.name, drop: deleteRows}, pool: pool}
	if o.readOnly {
		err = inRead(ctx, d, func(tx transaction) error { return checkReadable(ctx, tx, d.name, len(o.steps)) })
	} else {
		err = d.classify(ctx, p.prepare(ctx, o.steps))
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return p, nil
}

// existsPostgres is Exists for PostgreSQL.
func existsPostgres(ctx context.Context, target string, opts []Option) (bool, error) {
	o := newOptions(postgresDialect, opts)
	o.readOnly = true
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
	err = inRead(ctx, &postgresDB{name: copyName(config), pool: pool}, func(tx transaction) (err error) {
		version, err = schemaVersion(ctx, tx)
		return err
	})
	return version > 0, err
}

func poolConfig(url string, o *options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The error of pgx may hold parts of the URL, and with them the password.
		return nil, errors.New("the URL of the PostgreSQL database cannot be read; expected " +
			"postgres://example_user:password@host:5432/database, where signs such as @ and / in a password are written as %40 and %2F")
	}
	if o.maxConns > 0 {
		config.MaxConns = int32(min(o.maxConns, 1<<15)) //nolint:gosec // just bounded
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
	if o.readOnly {
		c.RuntimeParams["default_transaction_read_only"] = "on"
	} else {
		config.AfterConnect = makeIncoming
	}
	return config, nil
}

// copyName is the URL with neither user nor password.
func copyName(config *pgxpool.Config) string {
	c := config.ConnConfig
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), Path: "/" + c.Database}
	if strings.HasPrefix(c.Host, "/") { // a socket
		u.Host = ""
		u.RawQuery = url.Values{"host": {c.Host}, "port": {strconv.Itoa(int(c.Port))}}.Encode()
	}
	return u.String()
}

// prepare brings the schemas up to date. The lock makes workers that start at once do it
// one after the other.
func (p *Postgres) prepare(ctx context.Context, steps []string) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(lockSchema)); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
		defer cancel()
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, int64(lockSchema)); err != nil {
			_ = conn.Conn().Close(ctx) // unlocks as well
		}
	}()
	if err := inTx(ctx, p.db, func(tx transaction) error { return migrate(ctx, tx, p.name, steps) }); err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(p.pool), nil)
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Queue returns the *pgxpool.Pool.
func (p *Postgres) Queue() any { return p.pool }

// Limiter keeps calls within limits; see [store.Store].
func (p *Postgres) Limiter(instance, worker string, l quota.Limits) quota.Limiter {
	return newLimiter(p.db, instance, worker, l)
}

// Close closes the connections, when those in use have come back.
func (p *Postgres) Close() error {
	p.pool.Close()
	return nil
}

type postgresDB struct {
	name string
	pool *pgxpool.Pool
}

func (d *postgresDB) begin(ctx context.Context) (transaction, error) {
	tx, err := d.pool.Begin(ctx)
	return &postgresTx{tx}, err
}

func (d *postgresDB) beginRead(ctx context.Context) (transaction, error) {
	tx, err := d.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	return &postgresTx{tx}, err
}

func (d *postgresDB) classify(ctx context.Context, err error) error {
	return classifyPostgres(ctx, d.name, err)
}

type postgresTx struct{ tx pgx.Tx }

func (t *postgresTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, numbered(query), args...)
	return tag.RowsAffected(), err
}

func (t *postgresTx) query(ctx context.Context, query string, args ...any) (rows, error) {
	return t.tx.Query(ctx, numbered(query), args...) //nolint:sqlclosecheck // queryRow and queryAll close them
}

func (t *postgresTx) commit(ctx context.Context) error   { return t.tx.Commit(ctx) }
func (t *postgresTx) rollback(ctx context.Context) error { return t.tx.Rollback(ctx) }
func (t *postgresTx) dialect() dialect                   { return postgresDialect }
func (t *postgresTx) raw() any                           { return t.tx }
