package call

import (
	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

const operationsLong = `List the operations of the API and how safe it is to repeat them.

  read-only       changes nothing
  idempotent      doing it twice is the same as doing it once
  not idempotent  doing it twice may do more than doing it once

That is what holds for any request. Some requests are safer than their operation, such as
a syncLead that names its lead by Id.`

// operationRow is an operation as -o json prints it.
type operationRow struct {
	Name       string `json:"name"`
	Safety     string `json:"safety"`
	SOAPAction string `json:"soapAction"`
	Request    string `json:"request"`
	Answer     string `json:"answer"`
}

// OperationsCommand makes "mktows operations".
func OperationsCommand(a *console.Console) *cobra.Command {
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:     "operations",
		Short:   "List the operations of the API",
		Long:    operationsLong,
		Example: "  mktows operations -o csv",
		Args:    settings.FlagsOnly(out.Check),
		RunE: func(*cobra.Command, []string) error {
			return output.All(operationRows(), output.NewListing(a.Stdout, &out, operationShape()))
		},
	}
	out.Bind(cmd.Flags())
	return cmd
}

// operationShape describes operations in the formats of -o.
func operationShape() output.Shape[operationRow] {
	return output.Shape[operationRow]{
		Noun: "operation", Nouns: "operations",
		Columns: []output.Column{{Title: "OPERATION"}, {Title: "SAFETY"}, {Title: "REQUEST", Weight: 1}},
		Cells:   func(r *operationRow) []string { return []string{r.Name, r.Safety, r.Request} },
		Json:    func(r *operationRow) any { return r },
	}
}

// operationRows returns the operations in the order of the WSDL.
func operationRows() []operationRow {
	var rows []operationRow
	for _, op := range gen.Operations() {
		rows = append(rows, operationRow{
			Name:       op.Name,
			Safety:     safety(op).String(),
			SOAPAction: op.SOAPAction,
			Request:    op.Input,
			Answer:     op.Output,
		})
	}
	return rows
}

// safety returns how safe it is to repeat the operation, judged by an empty request. The content of a real one may
// make it safer.
func safety(op *gen.Operation) fault.Safety { return client.SpecOf(op, op.NewInput()).Safety }
