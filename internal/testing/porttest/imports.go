package porttest

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func importCases() []testCase {
	return []testCase{
		{"importToList", positive, "writes leads and members", importPositive},
		{"importToList", positive, "list only", importListOnly},
		{"importToList", empty, "no rows", importEmpty},
		{"importToList", badInput, "lists, columns and campaigns", importBad},
		{"getImportToListStatus", positive, "in the end all rows are counted", statusPositive},
		{"getImportToListStatus", empty, "a list that was never imported to", statusEmpty},
		{"getImportToListStatus", badInput, "names", statusBad},
	}
}

// importRequest returns an import of rows with an address and a first name into the list of guests.
func importRequest(mode gen.ImportToListModeEnum, rows ...string) *gen.ParamsImportToList {
	return &gen.ParamsImportToList{
		ProgramName: programAutumn, ListName: listGuests, ImportListMode: mode, CampaignName: gen.NilOf[string](),
		ImportFileHeader: "Email Address,First Name", ImportFileRows: &gen.ArrayOfString{StringItem: rows},
	}
}

// imported makes an import and returns its status an hour later. The service answers before the work is done, so the
// clock has to be moved on.
func imported(t testing.TB, f Fixture, in *gen.ParamsImportToList) *gen.ResultGetImportToListStatus {
	t.Helper()
	status := must(f.Port.ImportToList(t.Context(), in))(t).Result.ImportStatus
	if status != gen.ImportToListStatusEnumPROCESSING && status != gen.ImportToListStatusEnumCOMPLETE {
		t.Fatalf("importStatus %s", status)
	}
	f.Advance(time.Hour)
	return importStatus(t, f)
}

func importStatus(t testing.TB, f Fixture) *gen.ResultGetImportToListStatus {
	t.Helper()
	return must(f.Port.GetImportToListStatus(t.Context(), statusRequest(programAutumn, listGuests)))(t).Result
}

func statusRequest(program, list string) *gen.ParamsGetImportToListStatus {
	return &gen.ParamsGetImportToListStatus{ProgramName: gen.Some(program), ListName: gen.Some(list)}
}

// guests returns the members of the list that is imported into.
func guests(t testing.TB, f Fixture) []gen.LeadRecord {
	t.Helper()
	r := multipleLeads(t, f, &gen.ParamsGetMultipleLeads{LeadSelector: byList(programAutumn + "." + listGuests)})
	return r.LeadRecordList.Value.LeadRecord
}

// importPositive states that an import creates and updates leads and puts them on the list, that values may be quoted
// as in CSV, and that clearList empties the list first.
func importPositive(t testing.TB, f Fixture) {
	imported(t, f, importRequest(gen.ImportToListModeEnumUPSERTLEADS, "guest@example.com,\"Gast, Ä\"", emailOne+",Renamed"))
	list := guests(t, f)
	if len(list) != 2 {
		t.Fatalf("%d members, want 2", len(list))
	}
	hasValue(t, leadAttributes(theLead(t, f, key("EMAIL", "guest@example.com"))), "FirstName", "Gast, Ä")
	hasValue(t, leadAttributes(theLead(t, f, idKey(leadOne))), "FirstName", "Renamed")
	cleared := importRequest(gen.ImportToListModeEnumUPSERTLEADS, emailBare+",Bare")
	cleared.ClearList = true
	imported(t, f, cleared)
	sameSet(t, "members after clearList", leadIDs(guests(t, f)), []int64{leadBare})
}

// importListOnly states that the mode LISTONLY puts leads on the list and changes none of their fields.
func importListOnly(t testing.TB, f Fixture) {
	imported(t, f, importRequest(gen.ImportToListModeEnumLISTONLY, emailOne+",Renamed"))
	sameSet(t, "members", leadIDs(guests(t, f)), []int64{leadOne})
	hasValue(t, leadAttributes(theLead(t, f, idKey(leadOne))), "FirstName", firstNameOne)
}

func importEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.ImportToList(t.Context(), importRequest(gen.ImportToListModeEnumUPSERTLEADS))
	refused(t, err, missingOrBad...)
}

// importBad states what importToList refuses.
func importBad(t testing.TB, f Fixture) {
	for _, test := range []struct {
		name   string
		change func(*gen.ParamsImportToList)
		want   []fault.Code
	}{
		{"no program", func(in *gen.ParamsImportToList) { in.ProgramName = "" }, missing},
		{"no header", func(in *gen.ParamsImportToList) { in.ImportFileHeader = "" }, missing},
		{"unknown program", func(in *gen.ParamsImportToList) { in.ProgramName = "No Such Program" }, append(bad, fault.CodeListNotFound)},
		{"unknown list", func(in *gen.ParamsImportToList) { in.ListName = "No Such List" }, []fault.Code{fault.CodeListNotFound}},
		{"unknown column", func(in *gen.ParamsImportToList) { in.ImportFileHeader = "Email Address,No Such Column" }, bad},
		{"unknown campaign", func(in *gen.ParamsImportToList) {
			in.ImportFileHeader, in.CampaignName = "Email Address,{{my.message}}", gen.Some("No Such Campaign")
		}, []fault.Code{fault.CodeCampaignNotFound}},
	} {
		t.Log(test.name)
		in := importRequest(gen.ImportToListModeEnumUPSERTLEADS, "guest@example.com,Guest")
		test.change(in)
		_, err := f.Port.ImportToList(t.Context(), in)
		refused(t, err, test.want...)
	}
}

// statusPositive states that in the end each row is counted once, as imported, failed or ignored.
func statusPositive(t testing.TB, f Fixture) {
	r := imported(t, f, importRequest(gen.ImportToListModeEnumUPSERTLEADS, "a@example.com,A", "b@example.com,B", ",nobody"))
	equal(t, "status", r.Status, gen.ImportToListStatusEnumCOMPLETE)
	equal(t, "rowsImported", r.RowsImported.Or(-1), 2)
	equal(t, "rowsFailed and rowsIgnored", r.RowsFailed.Or(0)+r.RowsIgnored.Or(0), 1)
	if r.StartedTime.Or("") == "" || r.EndedTime.Or("") == "" {
		t.Errorf("startedTime %v, endedTime %v of a complete import", r.StartedTime, r.EndedTime)
	}
}

// statusEmpty states that a list which was never imported into has no status. The documentation does not say by which
// fault.
func statusEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.GetImportToListStatus(t.Context(), statusRequest(programAutumn, listGuests))
	refused(t, err, append(missingOrBad, fault.CodeListNotFound)...)
}

func statusBad(t testing.TB, f Fixture) {
	_, err := f.Port.GetImportToListStatus(t.Context(), statusRequest("", listGuests))
	refused(t, err, missing...)
	_, err = f.Port.GetImportToListStatus(t.Context(), statusRequest(programAutumn, "No Such List"))
	refused(t, err, fault.CodeListNotFound)
}
