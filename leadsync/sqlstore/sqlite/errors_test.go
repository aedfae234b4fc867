package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
)

func TestClassifySQLite_leavesOthers(t *testing.T) {
	t.Parallel()
	err := errors.New("of a caller")
	for _, e := range []error{nil, err, sql.ErrTxDone, context.Canceled, store.ErrLost} {
		if got := classifySQLite(t.Context(), "the copy", e); got != e {
			t.Errorf("%v became %v", e, got)
		}
	}
}
