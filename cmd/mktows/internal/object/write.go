package object

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/operations"
)

// operationFlag is the flag --operation, which says what a sync does with records that are new and with those that
// exist. It has no default: each of the three is wrong for somebody, and the mistake would be written to the service.
type operationFlag struct{ name string }

func (f *operationFlag) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "operation", "", "`OPERATION`: upsert, insert (skip what exists) or update (skip what is new); required")
	settings.Values(fs, "operation", "upsert", "insert\tskip what exists", "update\tskip what is new")
}

// operation returns the value of the flag, compared without case.
func (f *operationFlag) operation() (operations.SyncOperation, error) {
	for _, o := range operations.SyncOperations() {
		if strings.EqualFold(f.name, string(o)) {
			return o, nil
		}
	}
	if f.name == "" {
		return "", exit.Usagef("--operation is missing: give upsert, insert or update")
	}
	return "", exit.Usagef("--operation is %q: use upsert, insert or update", f.name)
}

// sendable reports why a request could not be sent, without sending it: do is called with operations whose port
// encodes the request and then stops. That applies the rules of package operations and those of XML to a single
// record.
func sendable(do func(api *operations.API) error) error {
	port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, in, _ gen.Message) error {
		if _, err := envelope.AppendRequest(nil, gen.V3_1, envelope.Header{}, in); err != nil {
			return err
		}
		return settings.ErrNotSent
	})
	if err := do(operations.New(port)); !errors.Is(err, settings.ErrNotSent) {
		return err
	}
	return nil
}

// recordProblem says what is wrong with one record. The reader knows where the record stands, so the Go name of the
// argument in front of the path is left out.
func recordProblem(err error) string {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return err.Error()
	}
	text := argument.Err.Error()
	if inside := argument.Path()[1:]; len(inside) > 0 {
		text = exit.FieldName(inside) + ": " + text
	}
	return text
}
