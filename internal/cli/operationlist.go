package cli

import (
	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/client"
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

func (a *app) operationsCommand() *cobra.Command {
	format := newFormat("table", "json")
	cmd := &cobra.Command{
		Use:   "operations",
		Short: "List the operations of the API",
		Long:  operationsLong,
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if format.value == "json" {
				return writeJSON(a.stdout, operationRows())
			}
			return a.writeOperations(operationRows())
		},
	}
	format.bind(cmd.Flags())
	return cmd
}

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

// safety is that of a request of which nothing is known.
func safety(op *gen.Operation) fault.Safety { return client.SpecOf(op, op.NewInput()).Safety }

func (a *app) writeOperations(rows []operationRow) error {
	name, safe, request := column{title: "OPERATION"}, column{title: "SAFETY"}, column{title: "REQUEST"}
	for _, row := range rows {
		name.cells = append(name.cells, row.Name)
		safe.cells = append(safe.cells, row.Safety)
		request.cells = append(request.cells, row.Request)
	}
	return writeTable(a.stdout, 100, []column{name, safe, request})
}
