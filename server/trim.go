package server

import (
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// Programs that pretty-print their envelopes put white space around what they send. The
// server takes it off everything that names something: keys, ids, names and positions,
// and the fields of headers. The value of an attribute, a row of a file and the value of a
// token are data, and stay as they are.

// trim takes the white space of XML off texts.
func trim(texts ...*string) {
	for _, text := range texts {
		*text = strings.Trim(*text, " \t\r\n")
	}
}

func trimOpt(texts ...*gen.Opt[string]) {
	for _, text := range texts {
		trim(&text.Value)
	}
}

// trimHeaders takes white space off the fields of the headers.
func trimHeaders(h *gen.AuthenticationHeaderInfo, c *gen.MktowsContextHeaderInfo) {
	if h != nil {
		trim(&h.MktowsUserId, &h.RequestSignature, &h.RequestTimestamp)
		trimOpt(&h.PartnerId)
	}
	if c != nil {
		trim(&c.TargetWorkspace)
	}
}

// trimRequest takes white space off what names something in a request.
func trimRequest(in gen.Message) {
	switch in := in.(type) {
	case *gen.ParamsGetLead:
		trimKey(in.LeadKey)
	case *gen.ParamsGetLeadActivity:
		trimKey(in.LeadKey)
		trimOpt(&in.StartPosition.Value.Offset)
	case *gen.ParamsGetLeadChanges:
		if in.StartPosition != nil {
			trimOpt(&in.StartPosition.Offset)
		}
		trimSelector(in.LeadSelector)
	case *gen.ParamsGetMultipleLeads:
		trimSelector(in.LeadSelector)
		trimOpt(&in.StreamPosition)
		trimList(in.IncludeAttributes.Value.StringItem)
	case *gen.ParamsSyncLead:
		if in.LeadRecord != nil {
			trimRecord(in.LeadRecord)
		}
		trimOpt(&in.MarketoCookie)
	case *gen.ParamsSyncMultipleLeads:
		if in.LeadRecordList != nil {
			each(in.LeadRecordList.LeadRecord, trimRecord)
		}
	case *gen.ParamsMergeLeads:
		trimMerge(in)
	case *gen.ParamsListOperation:
		if in.ListKey != nil {
			trim(&in.ListKey.KeyValue)
		}
		if in.ListMemberList != nil {
			each(in.ListMemberList.LeadKey, trimKey)
		}
	default:
		trimNames(in)
		trimObjects(in)
	}
}

func each[T any](list []T, trim func(*T)) {
	for i := range list {
		trim(&list[i])
	}
}

func trimList(list []string) { each(list, func(text *string) { trim(text) }) }

func trimKey(key *gen.LeadKey) {
	if key != nil {
		trim(&key.KeyValue)
	}
}

func trimSelector(sel gen.LeadSelector) {
	switch sel := sel.(type) {
	case *gen.LeadKeySelector:
		if sel.KeyValues != nil {
			trimList(sel.KeyValues.StringItem)
		}
	case *gen.StaticListSelector:
		trimOpt(&sel.StaticListName)
	}
}

func trimRecord(r *gen.LeadRecord) {
	trimOpt(&r.Email, &r.ForeignSysPersonId)
	each(r.LeadAttributeList.Value.Attribute, trimName)
}

// trimName takes white space off the name of an attribute, and leaves its value.
func trimName(a *gen.Attribute) { trim(&a.AttrName) }

// trimMerge trims key lists, whose values are keys of leads.
func trimMerge(in *gen.ParamsMergeLeads) {
	keys := func(list *gen.ArrayOfAttribute) {
		each(list.Attribute, func(a *gen.Attribute) { trim(&a.AttrName, &a.AttrValue) })
	}
	if in.WinningLeadKeyList != nil {
		keys(in.WinningLeadKeyList)
	}
	if in.LosingLeadKeyLists != nil {
		each(in.LosingLeadKeyLists.KeyList, keys)
	}
}

// trimNames trims the requests about imports and campaigns.
func trimNames(in gen.Message) {
	switch in := in.(type) {
	case *gen.ParamsImportToList:
		trim(&in.ProgramName, &in.ListName)
		trimOpt(&in.CampaignName)
	case *gen.ParamsGetImportToListStatus:
		trimOpt(&in.ProgramName, &in.ListName)
	case *gen.ParamsRequestCampaign:
		each(in.LeadList.Value.LeadKey, trimKey)
		trimOpt(&in.ProgramName, &in.CampaignName)
	case *gen.ParamsScheduleCampaign:
		trim(&in.ProgramName, &in.CampaignName)
		trimOpt(&in.CloneToProgramName)
	case *gen.ParamsGetCampaignsForSource:
		trimOpt(&in.Name)
	case *gen.ParamsGetChannels:
		trimTag(&in.Tag.Value)
	case *gen.ParamsGetTags:
		each(in.TagList.Value.Tag, trimTag)
	}
}

func trimTag(tag *gen.Tag) {
	trimOpt(&tag.Type)
	trimList(tag.Values.Value.StringItem)
}

// trimObjects trims the requests about Marketo objects and custom objects.
func trimObjects(in gen.Message) {
	switch in := in.(type) {
	case *gen.ParamsDescribeMObject:
		trim(&in.ObjectName)
	case *gen.ParamsGetMObjects:
		trim(&in.Type)
		trimAttrib(&in.ExternalKey.Value)
		trimOpt(&in.StreamPosition)
		each(in.MObjAssociationList.Value.MObjAssociation, trimAssociation)
		each(in.MObjCriteriaList.Value.MObjCriteria, func(c *gen.MObjCriteria) { trim(&c.AttrName) })
	case *gen.ParamsSyncMObjects:
		trimMObjects(in.MObjectList)
	case *gen.ParamsDeleteMObjects:
		trimMObjects(in.MObjectList)
	case *gen.ParamsGetCustomObjects:
		trim(&in.ObjTypeName)
		trimOpt(&in.StreamPosition)
		each(in.CustomObjKeyList.Value.Attribute, trimName)
		if in.IncludeAttributes != nil {
			trimList(in.IncludeAttributes.StringItem)
		}
	case *gen.ParamsSyncCustomObjects:
		trim(&in.ObjTypeName)
		if in.CustomObjList != nil {
			each(in.CustomObjList.CustomObj, func(o *gen.CustomObj) {
				each(o.CustomObjKeyList.Value.Attribute, trimName)
				each(o.CustomObjAttributeList.Value.Attribute, trimName)
			})
		}
	case *gen.ParamsDeleteCustomObjects:
		trim(&in.ObjTypeName)
		if in.CustomObjKeyLists != nil {
			each(in.CustomObjKeyLists.KeyList, func(keys *gen.ArrayOfAttribute) { each(keys.Attribute, trimName) })
		}
	}
}

func trimMObjects(list *gen.ArrayOfMObject) {
	if list == nil {
		return
	}
	each(list.MObject, func(o *gen.MObject) {
		trim(&o.Type)
		trimAttrib(&o.ExternalKey.Value)
		each(o.AssociationList.Value.MObjAssociation, trimAssociation)
		each(o.AttribList.Value.Attrib, func(a *gen.Attrib) { trim(&a.Name) })
	})
}

func trimAssociation(a *gen.MObjAssociation) {
	trim(&a.MObjType)
	trimAttrib(&a.ExternalKey.Value)
}

// trimAttrib trims a key of an object.
func trimAttrib(key *gen.Attrib) { trim(&key.Name, &key.Value) }
