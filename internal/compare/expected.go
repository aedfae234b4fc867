package compare

import (
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
)

// seen is a difference that was found, with the request and where it is.
type seen struct {
	*finder
	*place
	what string
}

// expected returns the row of the table that expects a difference, empty if none does.
func (f *finder) expected(p *place, what string) string {
	s := seen{f, p, what}
	for _, op := range bridge.Operations() {
		if op.Name != f.operation {
			continue
		}
		for _, d := range op.Differences {
			rule := rules[d.What]
			if rule != nil && (what == "fault") == (d.Fault != 0) && (d.Fault == 0 || d.Fault == f.answeredFault) && rule(s) {
				return d.What
			}
		}
	}
	return ""
}

// rules recognise the differences of the table, by what they say. Those of differences with a fault look at the request, as the
// fault is the right one already. One that is nil is never seen in what is compared.
var rules = map[string]func(seen) bool{
	"a lead key of the type LEADOWNEREMAIL": func(s seen) bool { return slices.Contains(s.leadKeys(), gen.LeadKeyRefLEADOWNEREMAIL) },
	"a cookie that is none": func(s seen) bool {
		return slices.Contains(s.leadKeys(), gen.LeadKeyRefCOOKIE) && s.recordedFault == fault.CodeLeadNotFound
	},
	"a key of more than 1,000 leads": func(s seen) bool { return s.recordedFault == 0 },
	"ForeignSysPersonId in answers":  func(s seen) bool { return s.missing("ForeignSysPersonId", "ForeignSysType") },
	"a boolean field that nobody has set": func(s seen) bool {
		return s.what == "added" && s.last() == "attribute" && s.answered.value("attrType") == "boolean" && flag(s.answered.value("attrValue")) == "false"
	},
	"remainingCount": func(s seen) bool {
		return s.last() == "remainingCount" && s.what == "changed" && s.answered.text == "1"
	},
	"leads by their time of update": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsGetMultipleLeads)
		if !ok || s.last() != "leadRecord" {
			return false
		}
		_, byTime := in.LeadSelector.(*gen.LastUpdateAtSelector)
		return byTime || in.LastUpdatedAt.State == gen.Present
	},

	"the id of an activity":                         func(s seen) bool { return s.ofActivity() && s.missing("id") },
	"an attribute of an activity that has no value": nil, // what has no value is not compared
	"activities of types that the SOAP API did not know": func(s seen) bool {
		return s.isActivity() && s.what == "added" && !wasKnown(s.answered.value("activityType"))
	},
	"the campaign of an activity, without the permission Read-Only Campaign": func(s seen) bool {
		return s.ofActivity() && s.last() == "campaign" && s.what == "changed" && strings.Trim(s.answered.text, "0123456789") == ""
	},
	"the campaign of an activity, where it was deleted": func(s seen) bool { return s.ofActivity() && s.missing("campaign") },
	"the attributes of an activity": func(s seen) bool {
		return s.ofActivity() && s.last() == "attribute" && (s.what == "missing" || s.what == "added")
	},
	"the asset of an activity whose type has no primary attribute": func(s seen) bool { return s.ofActivity() && s.missing("mktgAssetName") },
	"activities older than 25 months, of some types older than 90 days": func(s seen) bool {
		if !s.isActivity() || s.what != "missing" {
			return false
		}
		return timesOf([]*node{s.recorded})[0].Before(s.options.Now.Add(-90 * 24 * time.Hour))
	},
	"a page while the log is walked through":        nil, // pages are put together
	"the changes of a list of 10,000 leads or more": func(s seen) bool { return byList(s.request) },

	"a list of sales users (MKTOSALESUSERID, SFDCLEADOWNERID)": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsListOperation)
		return ok && in.ListKey != nil && (in.ListKey.KeyType == gen.ListKeyTypeMKTOSALESUSERID || in.ListKey.KeyType == gen.ListKeyTypeSFDCLEADOWNERID)
	},
	"strict": nil, // of writes
	"an import that another program or process has started": func(s seen) bool { return s.recordedFault == 0 },
	"estimatedTime, and rowsIgnored of more than 300 rows": func(s seen) bool {
		return s.missing("estimatedTime") || s.last() == "rowsIgnored" && s.answered.text == "0"
	},
	"the source SALES": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsGetCampaignsForSource)
		return ok && in.Source == gen.ReqCampSourceTypeSALES
	},
	`"Webinar Behavior" and "Check-in Status" of a status`: func(s seen) bool {
		return s.last() == "attrib" && s.what == "missing" && slices.Contains([]string{"Webinar Behavior", "Check-in Status"}, s.recorded.value("name"))
	},
	`a value with ", " in it`: func(s seen) bool {
		return s.last() == "stringItem" && (s.what == "missing" && strings.Contains(s.recorded.text, ", ") || s.what == "added")
	},
	"description, isDynamic and isCustom of a field": func(s seen) bool {
		return s.in("field") && (s.missing("description") || (s.last() == "isDynamic" || s.last() == "isCustom") && s.what == "changed" && s.answered.text == "false")
	},

	"the description of a type, and sourceObject, dataType, size, isName and updatedAt of its fields": func(s seen) bool {
		own := []string{"description", "sourceObject", "dataType", "size", "isName", "updatedAt"}
		return slices.Contains(own, s.last()) || s.last() == "displayName" && s.what == "added"
	},
	"the fields of LeadRecord": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsDescribeMObject)
		return ok && in.ObjectName == "LeadRecord" && s.last() == "field" && (s.what == "missing" || s.what == "added")
	},
	"the type of a program with includeDetails": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsGetMObjects)
		return ok && in.Type == program && s.what == "changed" && s.last() == "value" && s.attribute.value("name") == "Type"
	},

	"an opportunity or a role by its id": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsGetMObjects)
		return ok && in.Type != program && in.Id.State == gen.Present
	},
	"opportunities or roles by criteria without an EQ on a searchable field, or all of them": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsGetMObjects)
		return ok && in.Type != program && in.Id.State != gen.Present && in.ExternalKey.State != gen.Present
	},
	"the id of an opportunity or a role in an answer": func(s seen) bool {
		return s.recordedRecord != nil && s.recordedRecord.value("type") != program && s.missing("id")
	},
	"the ids of a program's costs": func(s seen) bool {
		return s.in("typeAttrib") && s.last() == "attrib" && s.what == "missing" && s.recorded.value("name") == "Id"
	},
	"a program without includeDetails": func(s seen) bool {
		in, ok := s.request.(*gen.ParamsGetMObjects)
		if !ok || in.Type != program || in.IncludeDetails.Or(false) {
			return false
		}
		return s.last() == "mObject" && s.what == "added" || s.attribute != nil && slices.Contains([]string{"Type", "Workspace Id", "Tree Path", "Is Archived"}, s.attribute.value("name"))
	},
	"a key without a searchable field": func(s seen) bool { return s.recordedFault == 0 },
}

const program = "Program"

// missing reports whether one of some elements is missing.
func (s seen) missing(names ...string) bool {
	return s.what == "missing" && slices.Contains(names, s.last())
}

func (s seen) isActivity() bool {
	return s.last() == "activityRecord" || s.last() == "leadChangeRecord"
}

func (s seen) ofActivity() bool { return s.in("activityRecord") || s.in("leadChangeRecord") }

// leadKeys returns the types of the lead keys in the request.
func (s seen) leadKeys() (types []gen.LeadKeyRef) {
	var selector gen.LeadSelector
	switch in := s.request.(type) {
	case *gen.ParamsGetLead:
		if in.LeadKey != nil {
			types = append(types, in.LeadKey.KeyType)
		}
	case *gen.ParamsGetLeadActivity:
		if in.LeadKey != nil {
			types = append(types, in.LeadKey.KeyType)
		}
	case *gen.ParamsListOperation:
		if in.ListMemberList != nil {
			for _, key := range in.ListMemberList.LeadKey {
				types = append(types, key.KeyType)
			}
		}
	case *gen.ParamsGetMultipleLeads:
		selector = in.LeadSelector
	case *gen.ParamsGetLeadChanges:
		selector = in.LeadSelector
	}
	if keys, ok := selector.(*gen.LeadKeySelector); ok {
		types = append(types, keys.KeyType)
	}
	return types
}

func byList(in gen.Message) bool {
	changes, ok := in.(*gen.ParamsGetLeadChanges)
	if !ok {
		return false
	}
	_, is := changes.LeadSelector.(*gen.StaticListSelector)
	return is
}

// wasKnown reports whether the SOAP API knew a type of activities.
func wasKnown(name string) bool {
	return slices.Contains(activitytype.Unfiltered[:], name) ||
		slices.ContainsFunc(activitytype.All[:], func(t activitytype.Type) bool { return t.Name == name })
}
