package cli

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// goName finds what only programmers know: names of fields and arguments of our packages.
var goName = regexp.MustCompile(`\b(Lead|Selector|[A-Za-z]+Options|CampaignR[a-z]+|Import)\.[A-Za-z]|\b(losers|keys|leads|objects|filters|names|Types|Fields)\[\d|\bwinner\.|\bAddFields\b|\bsince\b,|\[[A-Z]+ [A-Z]+`)

// TestUsage: a mistake in the command line is told in the words of the command line, and ends with one
// exit code, whichever package would find it.
func TestUsage(t *testing.T) {
	t.Parallel()
	soon := time.Now().AddDate(0, 0, -3).UTC().Format(time.DateOnly)
	tests := []struct{ args, want string }{
		{"changes --since 2015-09-01 --until 2015-08-01", "--until: 2015-08-01 is before --since"},
		{"changes --since 2015-09-01 --until then", `--until: "then" is not like 2017-03-09T17:40:00-08:00`},
		{"lead list --updated-since 2015-09-01", "--updated-since: the service takes 30 days at once"},
		{"lead list --updated-since 2015-09-01 --until 2015-10-02", "--updated-since: the service takes 30 days at once"},
		{"lead list --updated-since 2015-09-01 --until 2015-08-01", "--until: 2015-08-01 is before --updated-since"},
		{"lead list --updated-since " + soon + " --until 2015-08-01", "--until: 2015-08-01 is before --updated-since"},
		{"lead list --updated-since then", `--updated-since: "then" is not like`},
		{"lead merge 1 2 1", "LOSER 2: IDNUM:1 is WINNER too: name a lead once"},
		{"lead merge a@example.com A@example.com a@example.com", "LOSER 2: EMAIL:a@example.com is WINNER too"},
		{"lead merge 1 2 3 2", "LOSER 3: IDNUM:2 is LOSER 1 too"},
		{"lead merge COOKIE:x 1", "WINNER: a merge does not take COOKIE"},
		{"lead merge 1 2 COOKIE:x", "LOSER 2: a merge does not take COOKIE"},
		{"lead merge 1 4294967299", `LOSER 1: "4294967299" is not a lead id, which is a number from 1 to 2147483647`},
		{"lead get 2147483648", `KEY: "2147483648" is not a lead id`},
		{"activity 2147483648", `KEY: "2147483648" is not a lead id`},
		{"lead list --key 2147483648", `--key: "2147483648" is not a lead id`},
		{"changes --since 2015-09-01 --lead 2147483648", `--lead: "2147483648" is not a lead id`},
		{"list add Newsletter 2147483648", `KEY 1: "2147483648" is not a lead id`},
		{"list check Newsletter 2147483648", `KEY 1: "2147483648" is not a lead id`},
		{"campaign request 7 2147483648", `KEY 1: "2147483648" is not a lead id`},
		{"campaign request 2147483648 1", `ID: "2147483648" is not the id of a campaign, which is a number from 1 to 2147483647`},
		{"object get Opportunity --id 2147483648", "--id is 2147483648: give a number from 1 to 2147483647"},
		{"object get Opportunity --id -1", "--id is -1: give a number from 1 to 2147483647"},
		{"object get Opportunity --of Lead:2147483648", `--of: "Lead:2147483648" is not TYPE:ID`},
		{"object delete Opportunity 2147483648", `ID 1: "2147483648" is not an id, which is a number from 1 to 2147483647`},
		{"report x.db -o r.html --lead 2147483648", `--lead: "2147483648" is not a lead id`},
		{"lead list --key 1 --fields A,,B", `--fields is "A,,B", where a value is empty: leave out the comma beside it`},
		{"custom get Device --key A=1 --fields A,", `--fields is "A,", where a value is empty`},
		{"custom sync Device x.csv --key A, --operation upsert", `--key is "A,", where a value is empty`},
		{"sync run --to x.db --stream leads --field ,A --since 2015-01-01", `--field is ",A", where a value is empty`},
		{"sync run --to x.db --stream leads --add-field A --since 2015-01-01 --demo", "--add-field: x.db has no stream leads yet: use --field"},
		{"changes --since 0001-01-01", `--since: "0001-01-01" is not like`},
		{"program channels ~", "NAME is empty"},
		{"program tags ~", `" " is not TYPE or TYPE=VALUE`},
		{"custom delete ~ a=b", "name a type of custom object"},
		{"object describe ~", "name one type of object"},
		{"campaign schedule --program ~ --campaign C", "give --program and --campaign"},
		{"list import --program P --list ~ x.csv", "give --program and --list"},
		{"list import-status --program ~ --list L", "give --program and --list"},
		{"changes --since ~", "--since is missing"},
		{"report x.db -o ~", "-o is missing"},
		{"sync reset --to x.db --stream ~", "--stream is missing"},
		{"secure-access sign --email ann@example.com --uuid ~", "--email and --uuid are both needed, with a value each"},
		{"secure-access sign --email ~ --uuid device-7", "--email and --uuid are both needed"},
		{"secure-access serve --tokens ~", "--tokens is needed"},
		{"campaign request --program P --campaign ~ 1", "--campaign: is empty"},
		{"object get Opportunity --details", "--details is for programs"},
		{"object get Nothing", `TYPE: "Nothing" is none of Opportunity, OpportunityPersonRole, Program`},
		{"object get Program --where Name", "with one of EQ, NE, LT, LE, GT, GE"},
		{"object get Program --where Tag~Type~EQ~a --where Tag~Type~EQ~b", "--where: Tag Type is given twice"},
		{"object get Program --of x:1", `--of: "x:1" is not TYPE:ID, with one of the types Company, Lead, Opportunity`},
		{"custom get Device --key A", `--key: "A" is not NAME=VALUE`},
		{"campaign request 7 1 --token x", "--token: "},
		{"campaign request 7 1 --token {{my.x}}=1", "--token goes with --program and --campaign"},
		{"campaign request --program P 1", "give both --program and --campaign"},
		{"campaign request --campaign C 1", "give both --program and --campaign"},
		{"campaign list --exact", "--"},
		{"campaign schedule --program P --campaign C --token x=1", "--token: "},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(test.args)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "~", " ")
			}
			r := run(t, settingsFor("http://127.0.0.1:1/soap/mktows/2_7"), "", args...)
			if r.code != exit.Usage || !strings.Contains(r.stderr, test.want) || r.stdout != "" {
				t.Errorf("exit code %d, want %d and %q: %s", r.code, exit.Usage, test.want, r.stderr)
			}
			if found := goName.FindString(r.stderr); found != "" {
				t.Errorf("%q means nothing to a user: %s", found, r.stderr)
			}
		})
	}
}

// TestLeadList_month: 30 days are not too many.
func TestLeadList_month(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, args := range []string{"--updated-since 2015-09-01 --until 2015-10-01", "--updated-since 2015-09-01 --until 2015-09-01"} {
		r := run(t, settingsFor(s.URL()), "", append([]string{"lead", "list"}, strings.Fields(args)...)...)
		if r.code != exit.OK {
			t.Errorf("%s: exit code %d: %s", args, r.code, r.stderr)
		}
	}
}
