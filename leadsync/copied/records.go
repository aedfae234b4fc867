package copied

import (
	"strconv"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
)

// attrLeadID is the attribute that ends the list of every activity (Marketo SOAP API, samples).
const attrLeadID = "Lead ID"

// activityRecord has the form of the published samples: asset and campaign are empty where there is none.
func activityRecord(r *store.ActivityRow) gen.ActivityRecord {
	return gen.ActivityRecord{
		Id: idOfRow(r), MarketoGUID: r.GUID, ActivityDateTime: gen.NewDateTime(r.Time), ActivityType: r.Type, MktgAssetName: gen.Some(r.AssetName),
		ActivityAttributes: attributesOf(r), Campaign: gen.Some(r.Campaign), MktPersonId: strconv.FormatInt(r.LeadID, 10),
		PersonName: orNil(r.PersonName), ForeignSysId: orNil(r.ForeignSysID), OrgName: orNil(r.OrgName), ForeignSysOrgId: orNil(r.ForeignSysOrgID),
	}
}

// changeRecord has the form of the published samples: a campaign is absent where there is none.
func changeRecord(r *store.ActivityRow) gen.LeadChangeRecord {
	out := gen.LeadChangeRecord{
		Id: idOfRow(r), MarketoGUID: r.GUID, ActivityDateTime: gen.NewDateTime(r.Time), ActivityType: r.Type, MktgAssetName: gen.Some(r.AssetName),
		ActivityAttributes: attributesOf(r), MktPersonId: strconv.FormatInt(r.LeadID, 10),
	}
	if r.Campaign != "" {
		out.Campaign = gen.Some(r.Campaign)
	}
	return out
}

func idOfRow(r *store.ActivityRow) gen.Opt[int64] {
	if !r.HasID {
		return gen.Opt[int64]{}
	}
	return gen.Some(r.ID)
}

func orNil(text string) gen.Opt[string] {
	if text == "" {
		return gen.NilOf[string]()
	}
	return gen.Some(text)
}

// attributesOf returns the attributes of a row, the lead last.
func attributesOf(r *store.ActivityRow) gen.Opt[gen.ArrayOfAttribute] {
	list := make([]gen.Attribute, 0, len(r.Attributes))
	for _, last := range []bool{false, true} {
		for _, a := range r.Attributes {
			if (a.Name == attrLeadID) == last {
				list = append(list, gen.Attribute{AttrName: a.Name, AttrType: gen.NilOf[string](), AttrValue: a.Value})
			}
		}
	}
	return gen.Some(gen.ArrayOfAttribute{Attribute: list})
}
