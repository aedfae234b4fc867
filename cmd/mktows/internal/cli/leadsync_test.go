package cli

import (
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// TestLeadSync_fieldTwice: names of fields differ by more than letter case.
func TestLeadSync_fieldTwice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Email,email\na@example.com,b@example.com\n":      "standard input:2:15: email occurs twice",
		"Email,Company,COMPANY\na@example.com,x,y\n":      "standard input:2:17: COMPANY occurs twice",
		"Email,Email\na@example.com,b@example.com\n":      `standard input:1:7: a second column "Email"`,
		"Email, Email \na@example.com,b@example.com\n":    `standard input:1:7: a second column "Email"`,
		"Email,\na@example.com,b\n":                       "standard input:1:7: the column has no name",
		"Email,Company\na@example.com\n":                  "standard input:2:1: the row has 1 value, and the header 2 columns",
		"Email,ForeignSysType\na@example.com,elsewhere\n": `standard input:2:15: ForeignSysType: "elsewhere" is none of CUSTOM, SFDC, NETSUITE`,
	} {
		r := run(t, settingsFor("http://127.0.0.1:1/soap/mktows/2_7"), text, "lead", "sync", "--format", "csv")
		if r.code != exit.Invalid || r.stderr != "mktows: "+want+"\nmktows: nothing was sent\n" {
			t.Errorf("%q: exit code %d: %s", text, r.code, r.stderr)
		}
	}
}
