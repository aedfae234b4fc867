package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mktows/mktows-go/leadsync/store"
)

func TestClassifyPostgres(t *testing.T) {
	t.Parallel()
	code := func(c string) error { return fmt.Errorf("inside: %w", &pgconn.PgError{Code: c, Message: "message"}) }
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want error // nil: as it was
	}{
		{t.Context(), code("53100"), store.ErrFull},
		{t.Context(), code("53300"), store.ErrUnavailable},
		{t.Context(), code("25006"), store.ErrReadOnly},
		{t.Context(), code("08006"), store.ErrUnavailable},
		{t.Context(), code("57P01"), store.ErrUnavailable},
		{t.Context(), code("57P03"), store.ErrUnavailable},
		{t.Context(), code("40P01"), store.ErrUnavailable},
		{t.Context(), code("XX001"), store.ErrDamaged},
		{t.Context(), code("XX002"), store.ErrDamaged},
		{t.Context(), code("42P01"), store.ErrDamaged},
		{t.Context(), code("42703"), store.ErrDamaged},
		{t.Context(), code("58030"), store.ErrDamaged},
		{t.Context(), code("28P01"), store.ErrUnusable},
		{t.Context(), code("3D000"), store.ErrUnusable},
		{t.Context(), code("3F000"), store.ErrUnusable},
		{t.Context(), code("57P04"), store.ErrUnusable},
		{t.Context(), code("42P07"), store.ErrNotCopy},
		{t.Context(), code("42501"), store.ErrReadOnly},
		{t.Context(), code("40001"), store.ErrUnavailable},
		{t.Context(), code("23505"), nil},
		{t.Context(), io.ErrUnexpectedEOF, store.ErrUnavailable},
		{t.Context(), pgconn.ErrConnClosed, store.ErrUnavailable},
		{t.Context(), &net.OpError{Op: "read", Err: syscall.ECONNRESET}, store.ErrUnavailable},
		{t.Context(), context.DeadlineExceeded, nil}, // of a context inside
		{t.Context(), errors.New("of a caller"), nil},
		{t.Context(), fmt.Errorf("%w: inside", store.ErrLost), nil},
		{ended, code("57014"), context.Canceled},
		{ended, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, context.Canceled},
		{ended, errors.New("of a caller"), nil},
	} {
		got := classifyPostgres(c.ctx, "the copy", c.err)
		if !errors.Is(got, c.err) || c.want != nil && (!errors.Is(got, c.want) || !strings.HasPrefix(got.Error(), "the copy: ")) {
			t.Errorf("%v gives %v; want %v", c.err, got, c.want)
		}
		for _, class := range []error{
			store.ErrFull, store.ErrReadOnly, store.ErrUnavailable, store.ErrDamaged, store.ErrUnusable, store.ErrNotCopy, context.Canceled,
		} {
			if class != c.want && errors.Is(got, class) && !errors.Is(c.err, class) {
				t.Errorf("%v is taken for: %v", c.err, class)
			}
		}
		if again := classifyPostgres(c.ctx, "the copy", got); c.want != nil && c.want != context.Canceled && again.Error() != got.Error() {
			t.Errorf("classified twice: %v", again)
		}
	}
}

// TestClassifyPostgres_oneLine: pgx tells each way of connecting in a line of its own, and the same of two that failed
// alike; users are told all in one line, each thing once.
func TestClassifyPostgres_oneLine(t *testing.T) {
	t.Parallel()
	_, err := pgconn.Connect(t.Context(), "postgres://u@127.0.0.1:1/x")
	if err == nil || !strings.Contains(err.Error(), "\n") {
		t.Skipf("pgx says %v", err)
	}
	text := classifyPostgres(t.Context(), "copy", err).Error()
	if strings.Contains(text, "\n") || strings.Count(text, "connection refused") != 1 {
		t.Errorf("%q is not one line that tells each problem once", text)
	}
}
