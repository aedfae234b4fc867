package porttest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func customObjectCases() []testCase {
	return []testCase{
		{"syncCustomObjects", positive, "insert, update and upsert", syncCustomRules},
		{"syncCustomObjects", empty, "no records", syncCustomEmpty},
		{"syncCustomObjects", badInput, "types, operations and fields", syncCustomBad},
		{"getCustomObjects", positive, "by key and by link, with chosen fields", customPositive},
		{"getCustomObjects", empty, "nothing matches", customEmpty},
		{"getCustomObjects", paged, "25 in pages of ten", customPaged},
		{"getCustomObjects", badInput, "types, keys and positions", customBad},
		{"deleteCustomObjects", positive, "the record is gone", deleteCustomPositive},
		{"deleteCustomObjects", empty, "a record that does not exist", deleteCustomEmpty},
		{"deleteCustomObjects", badInput, "types and keys", deleteCustomBad},
	}
}

// serial returns the key of a device, the custom object of the standard data.
func serial(text string) gen.ArrayOfAttribute { return attributes(attribute("SerialNumber", text)) }

// device returns a record of a device that belongs to leadTwo, so that it is not among those of the standard data.
func device(number, model string) gen.CustomObj {
	return gen.CustomObj{
		CustomObjKeyList:       gen.Some(serial(number)),
		CustomObjAttributeList: gen.Some(attributes(attribute("Model", model), attribute("LeadId", strconv.Itoa(leadTwo)))),
	}
}

// syncCustom syncs records, checks that each has a status with its own key, in the order of the request, and returns
// the statuses.
func syncCustom(t testing.TB, f Fixture, op gen.SyncOperationEnum, list ...gen.CustomObj) []gen.SyncCustomObjStatus {
	t.Helper()
	statuses := must(f.Port.SyncCustomObjects(t.Context(), &gen.ParamsSyncCustomObjects{
		ObjTypeName: customType, CustomObjList: &gen.ArrayOfCustomObj{CustomObj: list}, Operation: gen.Some(op),
	}))(t).Result.SyncCustomObjStatusList.SyncCustomObjStatus
	if len(statuses) != len(list) {
		t.Fatalf("%d statuses for %d records", len(statuses), len(list))
	}
	for i, status := range statuses {
		equal(t, "objTypeName", status.ObjTypeName, customType)
		want, _ := valueOf(list[i].CustomObjKeyList.Value.Attribute, "SerialNumber")
		hasValue(t, status.CustomObjKeyList.Value.Attribute, "SerialNumber", want)
	}
	return statuses
}

// customOutcomes returns the statuses without what belongs to them.
func customOutcomes(list []gen.SyncCustomObjStatus) []gen.SyncStatusEnum {
	all := make([]gen.SyncStatusEnum, len(list))
	for i := range list {
		all[i] = list[i].Status
	}
	return all
}

// customRequest returns the request for the records that have a value in one field.
func customRequest(name, value string) *gen.ParamsGetCustomObjects {
	return &gen.ParamsGetCustomObjects{
		ObjTypeName: customType, CustomObjKeyList: gen.Some(attributes(attribute(name, value))), IncludeAttributes: new(gen.ArrayOfString),
	}
}

// customObjects returns what fits into one page of getCustomObjects, and checks the counts of the answer.
func customObjects(t testing.TB, f Fixture, in *gen.ParamsGetCustomObjects) []gen.CustomObj {
	t.Helper()
	r := must(f.Port.GetCustomObjects(t.Context(), in))(t).Result
	equal(t, "returnCount", int(r.ReturnCount), len(r.CustomObjList.Value.CustomObj))
	equal(t, "objTypeName", r.ObjTypeName, customType)
	equal(t, "remainingCount", r.RemainingCount, 0)
	return r.CustomObjList.Value.CustomObj
}

// leftAlone checks the status of a record that the operation does not apply to. The documentation calls it SKIPPED, a
// value that the schema does not have; FAILED is the closest one that it does have.
func leftAlone(t testing.TB, status gen.SyncCustomObjStatus) {
	t.Helper()
	if status.Status != gen.SyncStatusEnumFAILED && status.Status != "SKIPPED" {
		t.Errorf("status %s, want FAILED or SKIPPED", status.Status)
	}
}

// syncCustomRules states what the three operations do with records that are new and with those that exist.
func syncCustomRules(t testing.TB, f Fixture) {
	inserted := syncCustom(t, f, gen.SyncOperationEnumINSERT, device("N-1", "Gerät"), device("SN-1", "Other"))
	equal(t, "INSERT of a new one", inserted[0].Status, gen.SyncStatusEnumCREATED)
	leftAlone(t, inserted[1])
	changed := syncCustom(t, f, gen.SyncOperationEnumUPDATE, device("SN-2", "Other"), device("N-2", "Other"))
	equal(t, "UPDATE of an old one", changed[0].Status, gen.SyncStatusEnumUPDATED)
	leftAlone(t, changed[1])
	both := syncCustom(t, f, gen.SyncOperationEnumUPSERT, device("N-3", "New"), device("N-1", "Newer"))
	sameList(t, "UPSERT", customOutcomes(both), []gen.SyncStatusEnum{gen.SyncStatusEnumCREATED, gen.SyncStatusEnumUPDATED})
	models := map[string]string{}
	for _, o := range customObjects(t, f, customRequest("LeadId", strconv.Itoa(leadTwo))) {
		number, _ := valueOf(o.CustomObjKeyList.Value.Attribute, "SerialNumber")
		models[number], _ = valueOf(o.CustomObjAttributeList.Value.Attribute, "Model")
	}
	equal(t, "models", fmt.Sprint(models), fmt.Sprint(map[string]string{"N-1": "Newer", "N-3": "New", "SN-2": "Other"}))
}

func syncCustomEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.SyncCustomObjects(t.Context(), &gen.ParamsSyncCustomObjects{
		ObjTypeName: customType, CustomObjList: new(gen.ArrayOfCustomObj), Operation: gen.Some(gen.SyncOperationEnumUPSERT),
	})
	refused(t, err, missing...)
}

// syncCustomBad states what is refused as a whole, and that a record with an unknown field fails alone.
func syncCustomBad(t testing.TB, f Fixture) {
	list := &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{device("N-1", "New")}}
	upsert := gen.Some(gen.SyncOperationEnumUPSERT)
	for _, test := range []struct {
		name string
		in   gen.ParamsSyncCustomObjects
		want []fault.Code
	}{
		{"no type", gen.ParamsSyncCustomObjects{CustomObjList: list, Operation: upsert}, missing},
		{"unknown type", gen.ParamsSyncCustomObjects{ObjTypeName: "NoSuchObject", CustomObjList: list, Operation: upsert}, bad},
		{"no operation", gen.ParamsSyncCustomObjects{ObjTypeName: customType, CustomObjList: list}, missing},
		{"101 records", gen.ParamsSyncCustomObjects{
			ObjTypeName: customType, Operation: upsert, CustomObjList: &gen.ArrayOfCustomObj{CustomObj: slices.Repeat(list.CustomObj, 101)},
		}, bad},
	} {
		t.Log(test.name)
		_, err := f.Port.SyncCustomObjects(t.Context(), &test.in)
		refused(t, err, test.want...)
	}
	unknown := device("N-1", "New")
	unknown.CustomObjAttributeList.Value.Attribute[0].AttrName = "Colour"
	statuses := syncCustom(t, f, gen.SyncOperationEnumUPSERT, unknown, device("N-2", "Fine"))
	sameList(t, "statuses", customOutcomes(statuses), []gen.SyncStatusEnum{gen.SyncStatusEnumFAILED, gen.SyncStatusEnumCREATED})
	if statuses[0].Error.Or("") == "" {
		t.Error("no error for the bad record")
	}
}

// customPositive states that records are found by key and by the lead they are linked to, that several conditions
// must all hold, and that the name of a type is answered as it was defined, whatever the case of the request.
func customPositive(t testing.TB, f Fixture) {
	in := customRequest("SerialNumber", "SN-5")
	in.ObjTypeName = strings.ToLower(customType) // answered as defined
	list := customObjects(t, f, in)
	if len(list) != 1 {
		t.Fatalf("%d records, want one", len(list))
	}
	hasValue(t, list[0].CustomObjKeyList.Value.Attribute, "SerialNumber", "SN-5")
	hasValue(t, list[0].CustomObjAttributeList.Value.Attribute, "Model", "Model 1")
	hasValue(t, list[0].CustomObjAttributeList.Value.Attribute, "LeadId", strconv.Itoa(leadOne))
	in.IncludeAttributes.StringItem = []string{"Model"}
	for _, o := range customObjects(t, f, in) {
		equal(t, "attributes", len(o.CustomObjAttributeList.Value.Attribute), 1)
	}
	equal(t, "records of the lead", len(customObjects(t, f, customRequest("LeadId", strconv.Itoa(leadOne)))), customCount)
	in = customRequest("LeadId", strconv.Itoa(leadOne))
	in.CustomObjKeyList.Value.Attribute = append(in.CustomObjKeyList.Value.Attribute, attribute("Model", "Model 2"))
	equal(t, "records of lead and model", len(customObjects(t, f, in)), 8)
}

func customEmpty(t testing.TB, f Fixture) {
	if list := customObjects(t, f, customRequest("SerialNumber", "SN-0")); len(list) != 0 {
		t.Errorf("%d records, want none", len(list))
	}
}

// customPaged states that pages of ten bring all records, and that the position at the end gives fault 20123.
func customPaged(t testing.TB, f Fixture) {
	in := *customRequest("LeadId", strconv.Itoa(leadOne))
	in.BatchSize = gen.Some[int32](10)
	read := func(at string) (page[string], error) {
		request := in
		if at != "" {
			request.StreamPosition = gen.Some(at)
		}
		out, err := f.Port.GetCustomObjects(t.Context(), &request)
		if err != nil {
			return page[string]{}, err
		}
		var ids []int64
		for _, o := range out.Result.CustomObjList.Value.CustomObj {
			text, _ := valueOf(o.CustomObjKeyList.Value.Attribute, "SerialNumber")
			id, err := strconv.ParseInt(strings.TrimPrefix(text, "SN-"), 10, 64)
			if err != nil {
				t.Errorf("serial number %q", text)
			}
			ids = append(ids, id)
		}
		if len(ids) > 10 {
			t.Errorf("%d records on a page of ten", len(ids))
		}
		return page[string]{ids, out.Result.NewStreamPosition, out.Result.RemainingCount > 0}, nil
	}
	all := readAll(t, "", read)
	sameSet(t, "records", all.ids, down(customCount, customCount))
	all.again(t, f, read)
	_, err := read(all.positions[len(all.positions)-1])
	refused(t, err, fault.CodeStreamAtEnd)
	_, err = read(tampered(all.positions[0]))
	refused(t, err, fault.CodeBadStreamPosition)
}

// customBad states what getCustomObjects refuses.
func customBad(t testing.TB, f Fixture) {
	for _, test := range []struct {
		name   string
		change func(*gen.ParamsGetCustomObjects)
		want   []fault.Code
	}{
		{"no type", func(in *gen.ParamsGetCustomObjects) { in.ObjTypeName = "" }, missing},
		{"unknown type", func(in *gen.ParamsGetCustomObjects) { in.ObjTypeName = "NoSuchObject" }, bad},
		{"no keys", func(in *gen.ParamsGetCustomObjects) { in.CustomObjKeyList = gen.Opt[gen.ArrayOfAttribute]{} }, missing},
		{"unknown key", func(in *gen.ParamsGetCustomObjects) { in.CustomObjKeyList.Value.Attribute[0].AttrName = "Colour" }, bad},
		{"unknown field", func(in *gen.ParamsGetCustomObjects) { in.IncludeAttributes.StringItem = []string{"Colour"} }, bad},
		{"made-up position", func(in *gen.ParamsGetCustomObjects) { in.StreamPosition = gen.Some("made up") }, []fault.Code{fault.CodeBadStreamPosition}},
	} {
		t.Log(test.name)
		in := customRequest("SerialNumber", "SN-1")
		test.change(in)
		_, err := f.Port.GetCustomObjects(t.Context(), in)
		refused(t, err, test.want...)
	}
}

// deleteCustom deletes records by their serial numbers.
func deleteCustom(t testing.TB, f Fixture, name string, numbers ...string) ([]gen.SyncCustomObjStatus, error) {
	t.Helper()
	list := new(gen.ArrayOfKeyList)
	for _, number := range numbers {
		list.KeyList = append(list.KeyList, serial(number))
	}
	out, err := f.Port.DeleteCustomObjects(t.Context(), &gen.ParamsDeleteCustomObjects{ObjTypeName: name, CustomObjKeyLists: list})
	if err != nil {
		return nil, err
	}
	return out.Result.DeleteCustomObjStatusList.SyncCustomObjStatus, nil
}

// deleteCustomPositive states that deleted records are gone and that the statuses name their keys.
func deleteCustomPositive(t testing.TB, f Fixture) {
	list := must(deleteCustom(t, f, customType, "SN-3", "SN-4"))(t)
	sameList(t, "statuses", customOutcomes(list), []gen.SyncStatusEnum{gen.SyncStatusEnumDELETED, gen.SyncStatusEnumDELETED})
	for i, number := range []string{"SN-3", "SN-4"} {
		equal(t, "objTypeName", list[i].ObjTypeName, customType)
		hasValue(t, list[i].CustomObjKeyList.Value.Attribute, "SerialNumber", number)
	}
	equal(t, "records left", len(customObjects(t, f, customRequest("LeadId", strconv.Itoa(leadOne)))), customCount-2)
}

// deleteCustomEmpty states that deleting a record that does not exist is not a fault, and that an empty list is one.
func deleteCustomEmpty(t testing.TB, f Fixture) {
	list := must(deleteCustom(t, f, customType, "SN-0"))(t)
	if len(list) != 1 || list[0].Status != gen.SyncStatusEnumFAILED && list[0].Status != "UNCHANGED" {
		t.Errorf("statuses %v, want FAILED or UNCHANGED", customOutcomes(list))
	}
	_, err := deleteCustom(t, f, customType)
	refused(t, err, missing...)
}

// deleteCustomBad states what is refused as a whole, and that keys without the key field fail alone.
func deleteCustomBad(t testing.TB, f Fixture) {
	_, err := deleteCustom(t, f, "", "SN-1")
	refused(t, err, missing...)
	_, err = deleteCustom(t, f, "NoSuchObject", "SN-1")
	refused(t, err, bad...)
	list := must(f.Port.DeleteCustomObjects(t.Context(), &gen.ParamsDeleteCustomObjects{
		ObjTypeName: customType, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{attributes(attribute("Model", "Model 1"))}},
	}))(t).Result.DeleteCustomObjStatusList.SyncCustomObjStatus
	sameList(t, "statuses without the key", customOutcomes(list), []gen.SyncStatusEnum{gen.SyncStatusEnumFAILED})
}
