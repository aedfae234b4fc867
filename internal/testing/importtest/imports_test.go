package importtest

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mktows/mktows-go/"

// mayImport lists, for each package, the packages of this module that it may import
// directly. An arrow never points upward: gen knows nobody, operations does not know
// client.
var mayImport = map[string]string{
	"wsdl":                         "",
	"fault":                        "",
	"limits":                       "",
	"endpoint":                     "fault gen",
	"auth":                         "",
	"auth/secureaccess":            "auth",
	"gen":                          "internal/soapxml",
	"client":                       "auth fault gen internal/environ internal/envelope internal/httpcall internal/limit internal/safety internal/soapxml limits",
	"bridge":                       "auth bridge/internal/join bridge/internal/names bridge/internal/rest extract fault gen internal/environ internal/httpcall internal/position internal/safety limits",
	"extract":                      "gen",
	"bridge/internal/rest":         "auth fault internal/httpcall internal/limit limits",
	"bridge/internal/names":        "fault gen internal/activitytype internal/httpcall internal/soapxml",
	"bridge/internal/join":         "internal/httpcall",
	"operations":                   "fault gen internal/activitytype internal/paging internal/safety",
	"server":                       "auth endpoint fault gen internal/charset internal/clock internal/envelope internal/gate internal/httpsend internal/soapxml limits wsdl",
	"server/admin":                 "auth endpoint fault gen internal/clock limits server simulator simulator/rest",
	"gateway":                      "auth bridge fault gen internal/environ internal/httpcall internal/limit internal/recording internal/safety leadsync leadsync/copied leadsync/quota leadsync/store limits server",
	"mktowstest":                   "auth bridge client fault gen internal/clock limits operations server simulator simulator/rest",
	"leadsync":                     "extract fault gen leadsync/internal/jobdriver leadsync/internal/jobs leadsync/quota leadsync/store operations",
	"leadsync/copied":              "auth fault gen internal/httpcall internal/position leadsync/store operations",
	"leadsync/store":               "operations",
	"leadsync/store/ledger":        "leadsync/store",
	"leadsync/store/memjobs":       "leadsync/internal/jobdriver leadsync/internal/sqliteconn",
	"examples/memorystore":         "leadsync/store leadsync/store/identity leadsync/store/ledger leadsync/store/memjobs operations",
	"leadsync/quota":               "fault gen limits",
	"leadsync/internal/jobdriver":  "leadsync/store",
	"leadsync/internal/jobs":       "leadsync/internal/jobdriver leadsync/store",
	"leadsync/internal/sqldb":      "",
	"leadsync/internal/sqlitewal":  "",
	"leadsync/internal/sqliteconn": "",
	"leadsync/internal/sqlquota":   "fault leadsync/internal/sqldb leadsync/quota limits",
	"leadsync/internal/sqlcore": "leadsync/internal/columns leadsync/store/identity leadsync/internal/sqldb leadsync/internal/sqlquota " +
		"leadsync/quota leadsync/store operations",
	"leadsync/sqlstate": "leadsync/internal/sqlcore leadsync/internal/sqldb leadsync/quota leadsync/sqlstore leadsync/sqlstore/postgres leadsync/sqlstore/sqlite leadsync/store",
	"leadsync/sqlstore": "leadsync/internal/sqlcore leadsync/quota leadsync/sqlstore/postgres leadsync/sqlstore/sqlite leadsync/store",
	"leadsync/sqlstore/sqlite": "leadsync/internal/columns leadsync/store/identity leadsync/internal/jobdriver leadsync/internal/sqlcore " +
		"leadsync/internal/sqldb leadsync/internal/sqliteconn leadsync/internal/sqlitewal leadsync/internal/sqlquota leadsync/quota leadsync/store operations",
	"leadsync/sqlstore/postgres": "leadsync/internal/columns leadsync/store/identity leadsync/internal/jobdriver leadsync/internal/sqlcore " +
		"leadsync/internal/sqldb leadsync/quota leadsync/store operations",
	"leadsync/filestore": "leadsync/internal/columns leadsync/internal/sqlcore leadsync/store/identity leadsync/sqlstore/sqlite leadsync/store " +
		"operations",
	"leadsync/report":           "leadsync/internal/columns leadsync/internal/sqlitewal leadsync/store operations",
	"leadsync/internal/columns": "operations",
	"leadsync/store/identity":   "leadsync/store operations",
	"leadsync/storetest":        "leadsync/quota leadsync/store operations",
	"leadsync/telemetry":        "bridge client fault leadsync leadsync/quota leadsync/store",
	"internal/soapxml":          "",
	"internal/environ":          "auth",
	"internal/position":         "auth fault",
	"internal/activitytype":     "gen",
	"internal/charset":          "fault",
	"internal/clock":            "",
	"internal/recording":        "fault gen internal/charset internal/envelope internal/soapxml",
	"internal/compare":          "bridge fault gen internal/activitytype internal/recording internal/safety",
	"internal/gate":             "fault limits",
	"internal/httpsend":         "",
	"internal/httpcall":         "fault internal/envelope",
	"internal/limit":            "limits",
	"internal/paging":           "fault",
	"internal/safety":           "fault gen",
	"internal/doctor":           "bridge fault gen internal/httpcall internal/safety limits",
	"internal/envelope":         "fault gen internal/soapxml",

	// The simulator: its public face, the face of the SOAP API, and below them the tables.
	"simulator":                        "gen simulator/internal/instance simulator/internal/leads simulator/internal/place simulator/internal/servicetime simulator/internal/soap simulator/record",
	"simulator/rest":                   "auth endpoint fault gen internal/clock internal/gate internal/httpsend internal/soapxml limits simulator simulator/internal/activity simulator/internal/campaigns simulator/internal/customobjects simulator/internal/exports simulator/internal/folders simulator/internal/imports simulator/internal/instance simulator/internal/leads simulator/internal/lists simulator/internal/objects simulator/internal/ordered simulator/internal/programs simulator/internal/servicetime simulator/record",
	"simulator/record":                 "gen",
	"simulator/internal/usage":         "simulator/internal/place simulator/internal/servicetime simulator/record",
	"simulator/internal/exports":       "gen simulator/internal/place simulator/internal/servicetime simulator/record",
	"simulator/internal/folders":       "simulator/internal/place simulator/internal/servicetime simulator/record",
	"simulator/internal/soap":          "fault gen simulator/internal/activity simulator/internal/campaigns simulator/internal/customobjects simulator/internal/imports simulator/internal/instance simulator/internal/leads simulator/internal/lists simulator/internal/objects simulator/internal/ordered simulator/internal/programs simulator/internal/servicetime simulator/record",
	"simulator/internal/instance":      "simulator/internal/activity simulator/internal/campaigns simulator/internal/customobjects simulator/internal/exports simulator/internal/folders simulator/internal/imports simulator/internal/leads simulator/internal/lists simulator/internal/objects simulator/internal/place simulator/internal/programs simulator/internal/usage simulator/record",
	"simulator/internal/imports":       "fault gen simulator/internal/activity simulator/internal/leads simulator/internal/lists simulator/internal/place simulator/internal/servicetime simulator/record",
	"simulator/internal/campaigns":     "gen simulator/internal/activity simulator/internal/place simulator/internal/programs simulator/internal/servicetime simulator/internal/work simulator/record",
	"simulator/internal/programs":      "gen simulator/internal/objects simulator/internal/place simulator/internal/servicetime simulator/record",
	"simulator/internal/customobjects": "gen simulator/internal/datatype simulator/internal/objects simulator/internal/ordered simulator/internal/place simulator/internal/servicetime simulator/internal/work simulator/record",
	"simulator/internal/objects":       "fault gen simulator/internal/activity simulator/internal/datatype simulator/internal/ordered simulator/internal/place simulator/internal/servicetime simulator/internal/work simulator/record",
	"simulator/internal/lists":         "gen simulator/internal/activity simulator/internal/ordered simulator/internal/place simulator/internal/servicetime simulator/record",
	"simulator/internal/leads":         "fault gen simulator/internal/activity simulator/internal/ordered simulator/internal/place simulator/internal/servicetime simulator/internal/work simulator/record",
	"simulator/internal/activity":      "gen internal/activitytype simulator/internal/ordered simulator/internal/place simulator/internal/servicetime simulator/internal/work simulator/record",
	"simulator/internal/datatype":      "simulator/internal/servicetime simulator/record",
	"simulator/internal/servicetime":   "fault gen simulator/internal/place",
	"simulator/internal/ordered":       "simulator/internal/work",
	"simulator/internal/place":         "",
	"simulator/internal/work":          "",
}

// commandRooms is where the rooms of the command line lie.
const commandRooms = "cmd/mktows/internal/"

// floors are the rooms of the command line, the lowest floor first. A room may import those of the floors below
// it: hence the families of commands, which share a floor, do not know each other.
var floors = []string{
	"exit",
	"output",
	"console records listen",
	"demo profiles",
	"settings",
	"batch copyport restport root",
	"activity call campaign doctor gateway lead list names object profile program secureaccess serve sync",
	"cli manual try",
	"manual/cmd",
}

// maxFiles is how many files a room has at most, tests left out.
const maxFiles = 30

// mayLink lists the modules that a program links when it imports a light package.
var mayLink = map[string]string{
	"client":         "github.com/cenkalti/backoff/v4",
	"bridge":         "github.com/cenkalti/backoff/v4 github.com/go-json-experiment/json golang.org/x/oauth2",
	"extract":        "",
	"operations":     "",
	"simulator":      "",
	"server":         "golang.org/x/text", // encodings
	"server/admin":   "golang.org/x/text",
	"simulator/rest": "",
	// The client's, the bridge's and the server's.
	"mktowstest":        "github.com/cenkalti/backoff/v4 github.com/go-json-experiment/json golang.org/x/oauth2 golang.org/x/text",
	"gen":               "",
	"auth":              "",
	"auth/secureaccess": "golang.org/x/time",
	"fault":             "",
	"limits":            "",
	"endpoint":          "",
	// What "make run" compiles.
	"cmd/mktows/internal/try": "github.com/cenkalti/backoff/v4 github.com/spf13/cobra github.com/spf13/pflag golang.org/x/sys golang.org/x/term golang.org/x/text",
}

// mustNotLink lists, for packages that link much, the modules and trees of modules that
// they leave to others.
var mustNotLink = map[string]string{
	"leadsync":                "github.com/jackc modernc.org github.com/spf13 go.opentelemetry.io github.com/parquet-go",
	"gateway":                 "github.com/jackc modernc.org github.com/spf13 github.com/parquet-go",
	"leadsync/telemetry":      "github.com/jackc modernc.org github.com/spf13 github.com/parquet-go",
	"leadsync/store":          "github.com/jackc modernc.org github.com/riverqueue github.com/spf13 go.opentelemetry.io",
	"leadsync/quota":          "github.com/jackc modernc.org github.com/riverqueue github.com/spf13 go.opentelemetry.io",
	"leadsync/store/ledger":   "github.com/jackc modernc.org github.com/riverqueue github.com/spf13 go.opentelemetry.io",
	"leadsync/store/identity": "github.com/jackc modernc.org github.com/riverqueue github.com/spf13 go.opentelemetry.io",
	"leadsync/store/memjobs":  "github.com/jackc github.com/spf13 go.opentelemetry.io",
	// Nor does a store by somebody else.
	"examples/memorystore": "github.com/jackc github.com/spf13 go.opentelemetry.io",
	// Who copies into SQLite or files links no driver of PostgreSQL.
	"leadsync/sqlstore/sqlite":   "github.com/jackc github.com/spf13 go.opentelemetry.io github.com/parquet-go",
	"leadsync/sqlstore/postgres": "modernc.org github.com/spf13 go.opentelemetry.io github.com/parquet-go",
	"leadsync/sqlstore":          "github.com/spf13 go.opentelemetry.io github.com/parquet-go",
	"leadsync/filestore":         "github.com/jackc github.com/spf13 go.opentelemetry.io",
	"leadsync/report":            "github.com/spf13 go.opentelemetry.io github.com/parquet-go",
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	return strings.Fields(listed(t, args...))
}

// listed returns what go list prints.
func listed(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return string(out)
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	for pkg, allowed := range mayImport {
		for _, path := range list(t, "-f", `{{join .Imports "\n"}}`, module+pkg) {
			name, ours := strings.CutPrefix(path, module)
			if ours && !slices.Contains(strings.Fields(allowed), name) {
				t.Errorf("%s imports %s", pkg, name)
			}
		}
	}
}

// TestSimulatorHasRules wants a rule for each package of the simulator: a table knows others
// only where it is said.
func TestSimulatorHasRules(t *testing.T) {
	t.Parallel()
	for _, path := range list(t, module+"simulator/...") {
		name := strings.TrimPrefix(path, module)
		if _, ok := mayImport[name]; !ok {
			t.Errorf("%s has no rule in mayImport", name)
		}
	}
}

func TestCommandRooms(t *testing.T) {
	t.Parallel()
	floorOf := make(map[string]int)
	for floor, rooms := range floors {
		for _, room := range strings.Fields(rooms) {
			floorOf[room] = floor
		}
	}
	for _, line := range list(t, "-f", `{{.ImportPath}},{{len .GoFiles}},{{join .Imports ","}}`, module+commandRooms+"...") {
		fields := strings.Split(line, ",")
		name := strings.TrimPrefix(fields[0], module+commandRooms)
		floor, known := floorOf[name]
		if !known {
			t.Errorf("%s is on no floor: add it to floors", fields[0])
		}
		if n, err := strconv.Atoi(fields[1]); err != nil || n > maxFiles {
			t.Errorf("%s has %s files, at most %d make a room", fields[0], fields[1], maxFiles)
		}
		for _, path := range fields[2:] {
			other, isRoom := strings.CutPrefix(path, module+commandRooms)
			if isRoom && floorOf[other] >= floor {
				t.Errorf("%s imports %s, which is not on a floor below", name, other)
			}
		}
	}
}

func TestLightPackagesLinkLittle(t *testing.T) {
	t.Parallel()
	for pkg, allowed := range mayLink {
		for _, path := range list(t, "-deps", "-f", `{{with .Module}}{{.Path}}{{end}}`, module+pkg) {
			if path+"/" != module && !slices.Contains(strings.Fields(allowed), path) {
				t.Errorf("%s links %s", pkg, path)
			}
		}
	}
}

func TestPackagesLeaveToOthers(t *testing.T) {
	t.Parallel()
	for pkg, forbidden := range mustNotLink {
		links := list(t, "-deps", "-f", `{{with .Module}}{{.Path}}{{end}}`, module+pkg)
		slices.Sort(links)
		for _, path := range slices.Compact(links) {
			for _, tree := range strings.Fields(forbidden) {
				if strings.HasPrefix(path+"/", tree+"/") {
					t.Errorf("%s links %s", pkg, path)
				}
			}
		}
	}
}

// TestProductionDoesNotTest keeps package testing out of programs: its flags and its
// weight belong to tests. River links it by itself, so of what uses River only our own
// packages are looked at.
func TestProductionDoesNotTest(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"client", "operations", "server", "server/admin", "simulator"} {
		if slices.Contains(list(t, "-deps", module+pkg), "testing") {
			t.Errorf("%s links package testing", pkg)
		}
	}
	const importsOfOurs = `{{range $i := .Imports}}{{with $.Module}}{{if .Main}}{{$.ImportPath}}>{{$i}} {{end}}{{end}}{{end}}`
	for _, arrow := range list(t, "-deps", "-f", importsOfOurs, module+"cmd/mktows") {
		if from, to, _ := strings.Cut(arrow, ">"); to == "testing" || to == module+"mktowstest" {
			t.Errorf("%s, which cmd/mktows links, imports %s", from, to)
		}
	}
}
