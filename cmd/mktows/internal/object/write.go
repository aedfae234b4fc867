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

// operationFlag says what a sync does with what is new and what exists.
type operationFlag struct{ name string }

func (f *operationFlag) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "operation", "", "`OPERATION`: upsert, insert (skip what exists) or update (skip what is new); required")
}

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

// sendable makes a call that goes nowhere, and returns why its request cannot be made.
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

// recordProblem says what is wrong with one record, whose place the reader knows, without the name of the Go argument.
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
