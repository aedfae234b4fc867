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
	format := output.NewFormat("table", "json")
	cmd := &cobra.Command{
		Use:   "operations",
		Short: "List the operations of the API",
		Long:  operationsLong,
		Args:  settings.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if format.Value == "json" {
				return output.WriteJSON(a.Stdout, operationRows())
			}
			return writeOperations(a, operationRows())
		},
	}
	format.Bind(cmd.Flags())
	return cmd
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

func writeOperations(a *console.Console, rows []operationRow) error {
	name, safe, request := output.Column{Title: "OPERATION"}, output.Column{Title: "SAFETY"}, output.Column{Title: "REQUEST"}
	for _, row := range rows {
		name.Cells = append(name.Cells, row.Name)
		safe.Cells = append(safe.Cells, row.Safety)
		request.Cells = append(request.Cells, row.Request)
	}
	return output.WriteTable(a.Stdout, a.Width(), []output.Column{name, safe, request})
}
