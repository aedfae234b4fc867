package bridge

import (
	"slices"

	"github.com/mktows/mktows-go/fault"
)

// Operation says how the bridge serves one of the 23 operations, and what it needs for that.
type Operation struct {
	Name        string       // in the WSDL, such as getLead
	Calls       int          // of the REST API that the usual request costs once names and types are known
	Cost        string       // what more calls than these are made for
	Permissions []Permission // of the role of the API user
	Differences []Difference // from the SOAP API
}

// Permission is what the role of an API user may do, by its name in the administration of the service.
// One to read and write does for one to read.
type Permission struct {
	Name string
	For  string // the requests that need it; empty: all
	// Beside says that these requests need another one of the list, too: this one alone allows none.
	Beside bool
}

// Difference is something that the bridge does not do as the SOAP API did.
type Difference struct {
	What    string     // of a request or an answer
	Fault   fault.Code // that is said in place of an answer; 0: none
	Instead string     // what is done where there is no fault
	Why     string     // what the REST API does not have
	Advice  string     // what to do about it; empty: nothing can be done
	// Cases are those of the conformance suite of this module that fail for it.
	Cases []string
}

// Operations returns all operations in the order of the WSDL's documentation: leads, activities, lists,
// campaigns, programs, objects, custom objects.
func Operations() []Operation { return slices.Clone(table) }

// Verdict is "works" for an operation that differs in nothing, else "works with loss".
func (o *Operation) Verdict() string {
	if len(o.Differences) == 0 {
		return "works"
	}
	return "works with loss"
}

// Permissions of the REST API (Marketo REST API, endpoint reference).
const (
	readLead          = "Read-Only Lead"
	writeLead         = "Read-Write Lead"
	readActivity      = "Read-Only Activity"
	readCampaign      = "Read-Only Campaign"
	executeCampaign   = "Execute Campaign"
	readOpportunity   = "Read-Only Opportunity"
	writeOpportunity  = "Read-Write Opportunity"
	readCustomObject  = "Read-Only Custom Object"
	writeCustomObject = "Read-Write Custom Object"
	readAssets        = "Read-Only Assets"
	writeAssets       = "Read-Write Assets"
)

// byOwner is the difference of all operations that take lead keys.
func byOwner(cases ...string) Difference {
	return Difference{
		What: "a lead key of the type LEADOWNEREMAIL", Fault: fault.CodeLeadKeyBad, Why: "no field finds leads by the address of their owner",
		Advice: "name a searchable field that has it (WithOwnerEmailField)", Cases: cases,
	}
}

// Differences of several operations.
var (
	foreignID = Difference{
		What: "a ForeignSysPersonId", Fault: fault.CodeBadParameter, Why: "there are no foreign ids",
		Advice: "keep them in a field of leads (WithForeignIDField) and fill it from the other system: those that the SOAP API had cannot be read",
	}
	noForeignID = Difference{
		What: "ForeignSysPersonId in answers", Instead: "nil", Why: "there are no foreign ids", Advice: "as for syncLead: WithForeignIDField",
	}
	falseBoolean = Difference{
		What: "a boolean field that nobody has set", Instead: "false", Why: "a boolean is never null", Advice: "do not take false for an answer",
	}
	countAsFlag = Difference{
		What: "remainingCount", Instead: "1 while more records follow", Why: "nothing tells how many", Advice: "go on until it is 0",
	}
	workspace = Difference{
		What: "the header MktowsContext", Fault: fault.CodeBadParameter, Why: "there are partitions of leads, not workspaces",
		Advice: "name the partition of the workspace (WithPartition); leads of others are not kept from being written",
	}
	strippedCompany = Difference{
		What: "fields of the lead's company, where the service refuses them", Instead: "left out, and logged", Why: "the company is a record of its own (1021)",
		Advice: "WithCompanyFields(PassCompanyFields) makes it a fault",
	}
	missingID = Difference{
		What: "the id of an activity", Instead: "missing where the service gives none", Why: "activities are known by their GUID", Advice: "use marketoGUID (version 3_1)",
	}
	campaignByID = Difference{
		What: "the campaign of an activity, without the permission " + readCampaign, Instead: "its id", Why: "an activity has the id of its campaign, and campaigns tell their names", Advice: "give the permission to the role of the API user",
	}
	emptyAttribute = Difference{
		What: "an attribute of an activity that has no value", Instead: "left out", Why: "most come without, and files of extracts never have one",
		Advice: "take one that is missing for empty",
	}
	oldTypes = Difference{
		What: "activities of types that the SOAP API did not know", Instead: "left out unless they are asked for by name", Why: "there are more types, and customers define their own",
		Advice: "WithAllActivityTypes",
	}
	deletedCampaign = Difference{
		What: "the campaign of an activity, where it was deleted", Instead: "empty", Why: "activities have the id of their campaign, and nothing tells its name any more",
	}
	otherAttributes = Difference{
		What:    "the attributes of an activity",
		Instead: "some are missing, as the Source Info of a New Lead; one that holds the name of the asset may be there",
		Why:     "they are those of the REST API, the primary one first",
	}
	noAsset = Difference{
		What: "the asset of an activity whose type has no primary attribute", Instead: "empty", Why: "what the REST API gives there need not be the name of an asset",
	}
)

const (
	forActivityNames = "the names of the campaigns in activities"
	noIntegerIDs     = "opportunities and roles have no integer ids"
	nameByKey        = "name them by their external key, a role by opportunity, lead and role"
)

// table holds all operations.
var table = []Operation{
	{
		Name: "getLead", Calls: 1, Cost: "one for each further 300 leads of the key", Permissions: []Permission{{Name: readLead}},
		Differences: []Difference{
			byOwner("getLead/bad input/keys"),
			{
				What: "a cookie that is none", Fault: fault.CodeLeadKeyBad, Why: "such a cookie (1012) is told from one that no lead has",
				Advice: "give the whole cookie, as in id:000-AAA-000&token:_mch-…", Cases: []string{"getLead/bad input/keys"},
			},
			{
				What: "a key of more than 1,000 leads", Fault: fault.CodeBadParameter, Why: "a query finds 1,000 at most (1003)",
				Advice: "use a key of fewer leads, or put them on a list and read that",
			},
			noForeignID, falseBoolean,
		},
	},
	{
		Name: "getMultipleLeads", Calls: 1, Cost: "one for the name of a list; by a time of update one for each 300 changes, one for each 300 leads, and one for the start",
		Permissions: []Permission{{Name: readLead}, {Name: readActivity, For: "leads by their time of update"}},
		Differences: []Difference{
			byOwner(), countAsFlag,
			{
				What: "leads by their time of update", Instead: "in the order of their changes, once for each page with one; new leads and changed fields alone count as updates",
				Why: "they are read from the log of activities", Advice: "take a lead that comes again as its newer state; WithUpdatesByAnyActivity lets any activity count",
			},
			noForeignID, falseBoolean,
		},
	},
	{
		Name: "syncLead", Calls: 1, Cost: "one with returnLead; one or two with a cookie; two where leads share the address", Permissions: []Permission{{Name: writeLead}},
		Differences: []Difference{
			foreignID, workspace, strippedCompany,
			{
				What: "the cookie of a visitor whom no lead is known for, alone", Fault: fault.CodeLeadNotFound, Why: "cookies find leads that are known", Advice: "give an address beside it",
			},
			{
				What: "an address that finds its lead in other letters", Instead: "written in those of the request", Why: "it is a field like others",
			},
			{
				What: otherEmail, Fault: fault.CodeBadParameter, Why: oneEmail, Advice: nameByID,
			},
		},
	},
	{
		Name: "syncMultipleLeads", Calls: 1, Cost: "one for each further kind of key and 300 records; more where a key comes twice", Permissions: []Permission{{Name: writeLead}},
		Differences: []Difference{
			strippedCompany,
			{
				What: "a record with a ForeignSysPersonId", Instead: "status FAILED", Why: "there are no foreign ids", Advice: "WithForeignIDField, as for syncLead",
			},
			{
				What: "the order of records with different kinds of keys", Instead: "kept among those of one kind", Why: "a call takes one kind of key",
				Advice: "send records that depend on each other in calls of their own",
			},
			{
				What: otherEmail, Instead: "status FAILED", Why: oneEmail, Advice: nameByID,
			},
		},
	},
	{
		Name: "mergeLeads", Calls: 2, Cost: "one for each further 25 losers; one for each further type of key; one for each 25 losers with mergeInSales", Permissions: []Permission{{Name: writeLead}},
		Differences: []Difference{
			byOwner(),
		},
	},
	{
		Name: "getLeadActivity", Calls: 3, Cost: "one for each further ten types, and page of 300 activities or empty block of the time; a later page makes one for each ten types; thirty calls that are made at the same time take about what one does",
		Permissions: []Permission{{Name: readLead}, {Name: readActivity}, {Name: readCampaign, For: forActivityNames}},
		Differences: []Difference{
			byOwner(), countAsFlag, missingID, emptyAttribute, oldTypes, campaignByID, deletedCampaign, otherAttributes, noAsset,
			{
				What: "activities older than 25 months, of some types older than 90 days", Instead: "gone", Why: "the service keeps them no longer", Advice: "copy them in time (mktows sync)",
			},
			{
				What: "a page while the log is walked through", Instead: "empty, with a position to go on from, after 20 seconds", Why: "the log is that of all leads, oldest first",
				Advice: "ask for few types and a short time; go on while remainingCount is not 0",
			},
		},
	},
	{
		Name: "getLeadChanges", Calls: 2, Cost: "one for each further ten types, thirty leads, and page of 300 activities or empty block; one for deleted leads; one for the name of a list, and for each type of key that is no id",
		Permissions: []Permission{{Name: readActivity}, {Name: readLead, For: "a list, and leads by keys"}, {Name: readCampaign, For: forActivityNames}},
		Differences: []Difference{
			byOwner(), countAsFlag, missingID, emptyAttribute, oldTypes, campaignByID, deletedCampaign, otherAttributes, noAsset,
			{
				What: "the changes of a list of 10,000 leads or more", Fault: fault.CodeBadParameter, Why: "activities are chosen by smaller lists alone (1003)",
				Advice: "use smaller lists, or read all changes and choose from them",
			},
		},
	},
	{
		Name: "listOperation", Calls: 2, Cost: "one for each further 300 leads; one for each type of key that is no id, and 300", Permissions: []Permission{{Name: writeLead}},
		Differences: []Difference{
			byOwner(),
			{
				What: "a list of sales users (MKTOSALESUSERID, SFDCLEADOWNERID)", Fault: fault.CodeBadParameter, Why: "there are no such lists", Advice: "use a static list",
			},
			{
				What: "strict", Instead: "all leads are looked up before anything is written", Why: "each lead is added or taken off by itself",
				Advice: "do not delete leads at the same time",
			},
		},
	},
	{
		Name: "importToList", Calls: 3, Cost: "one for each 10 MB in place of two where there are more than 300 rows; two for each 300 members with clearList", Permissions: []Permission{{Name: writeLead}},
		Differences: []Difference{
			{
				What: "columns for tokens of a program", Fault: fault.CodeBadParameter, Why: "there are no tokens for each lead", Advice: "set tokens for a run with scheduleCampaign",
				Cases: []string{"importToList/bad input/lists, columns and campaigns"},
			},
			{
				What: "a campaign without such columns", Instead: "not looked at", Why: "there are no tokens for each lead",
			},
			{
				What: "clearList", Instead: "members are taken off the list before, in calls of their own", Why: "an import does not clear", Advice: "after an error look at the list: it may be half empty",
			},
		},
	},
	{
		Name: "getImportToListStatus", Calls: 0, Cost: "one for each 10 MB of an import of more than 300 rows, at most every five seconds",
		Permissions: []Permission{{Name: readLead, For: "imports that are not known"}},
		Differences: []Difference{
			{
				What: "an import that another program or process has started", Fault: fault.CodeBadParameter, Why: "an import is found by the id that was given to the one who started it",
				Advice: "ask where it was started, within a week; bridges with the same store (WithImports) know each other's",
			},
			{
				What: "estimatedTime, and rowsIgnored of more than 300 rows", Instead: "nil, and 0", Why: "nothing tells them",
			},
		},
	},
	{
		Name: "requestCampaign", Calls: 1, Cost: "one for a campaign that is named; one for each type of key that is no id",
		Permissions: []Permission{{Name: executeCampaign}, {Name: readCampaign, For: "a campaign that is named"}, {Name: readLead, For: "keys that are no ids"}},
		Differences: []Difference{
			byOwner("requestCampaign/bad input/combinations, campaigns and leads"), forSales(),
			{
				What: "a lead key that no lead has, beside others", Instead: "left out, and logged", Why: "the documentation of the SOAP API does not tell what it did", Advice: "look the keys up before (getMultipleLeads)",
			},
		},
	},
	{
		Name: "scheduleCampaign", Calls: 2, Permissions: []Permission{{Name: readCampaign}, {Name: executeCampaign}},
		Differences: []Difference{
			{
				What: "a run at once, or within five minutes", Instead: "in five minutes", Why: "a run begins in five minutes at the earliest", Advice: "schedule it earlier",
			},
		},
	},
	{
		Name: "getCampaignsForSource", Calls: 1, Cost: "one for each further 300 campaigns", Permissions: []Permission{{Name: readCampaign}},
		Differences: []Difference{forSales("getCampaignsForSource/positive/by source and name")},
	},
	{
		Name: "getChannels", Calls: 1, Cost: "one for each further 200 channels", Permissions: []Permission{{Name: readAssets}},
		Differences: []Difference{
			{
				What: `"Webinar Behavior" and "Check-in Status" of a status`, Instead: "missing where the type of the status is", Why: "not every instance tells the type",
			},
		},
	},
	{
		Name: "getTags", Calls: 3, Cost: "one for each type of tag but the first two; one for each further 200 of them", Permissions: []Permission{{Name: readAssets}},
		Differences: []Difference{
			{
				What: `a value with ", " in it`, Instead: "comes as two", Why: "the values of a type come as one text", Advice: "choose values without it",
			},
		},
	},
	{Name: "listMObjects"},
	{
		Name: "describeMObject", Calls: 0, Cost: "one a day for each type that is not ActivityRecord",
		Permissions: []Permission{{Name: readLead, For: "LeadRecord"}, {Name: readOpportunity, For: "Opportunity and OpportunityPersonRole"}},
		Differences: []Difference{
			{
				What: "description, isDynamic and isCustom of a field", Instead: "nil, false and false", Why: "nothing tells them", Advice: "use the displayName",
			},
			{
				What: "the description of a type, and sourceObject, dataType, size, isName and updatedAt of its fields", Instead: "those of the REST API, or missing",
				Why: "it describes its own types", Advice: "go by the names of fields",
			},
			{
				What: "the fields of LeadRecord", Instead: "those of a lead", Why: "it describes leads, and not how the SOAP API writes them", Advice: "Email is there; Id and the ForeignSys… elements are always the same",
			},
		},
	},
	{
		Name: "getMObjects", Calls: 1, Cost: "opportunities by lead one; programs one for each further 200, and with details three for each program",
		Permissions: []Permission{{Name: readOpportunity, For: "Opportunity and OpportunityPersonRole"}, {Name: readAssets, For: "Program"}, {Name: readLead, For: "leads by external key", Beside: true}},
		Differences: []Difference{
			{
				What: "an opportunity or a role by its id", Fault: fault.CodeBadParameter, Why: noIntegerIDs, Advice: nameByKey,
				Cases: []string{
					"getMObjects/positive/by id and by external key", "getMObjects/positive/by association", "syncMObjects/positive/insert, update and upsert", "deleteMObjects/positive/the object is gone",
				},
			},
			{
				What: "opportunities or roles by criteria without an EQ on a searchable field, or all of them", Fault: fault.CodeBadParameter, Why: "they are found by key alone",
				Advice: "give an external key, an EQ criterion on a searchable field, or an association; others are looked at here",
				Cases:  []string{"getMObjects/positive/by criteria", "getMObjects/empty/nothing matches", "getMObjects/paged/130 in pages of 100"},
			},
			{
				What: "the id of an opportunity or a role in an answer", Instead: "missing", Why: noIntegerIDs, Advice: "use the external key",
				Cases: []string{"getMObjects/positive/by association"},
			},
			{
				What: "the ids of a program's costs", Instead: "missing", Why: "costs have none",
			},
			{
				What: "the type of a program with includeDetails", Instead: "that of its folder, such as Marketing Event", Why: "the REST API has types of its own (Event)",
			},
			{
				What: "a program without includeDetails", Instead: "its type is that of the REST API; workspace id, tree path and archive are missing, and archived programs come too",
				Why: "these are told of its folder", Advice: "ask for details",
			},
		},
	},
	{
		Name: "syncMObjects", Calls: 1, Cost: "one for the other type; one or two for each program", Permissions: []Permission{
			{Name: writeOpportunity, For: "Opportunity and OpportunityPersonRole"}, {Name: writeAssets, For: "Program"}, {Name: readLead, For: "leads by external key", Beside: true},
		},
		Differences: []Difference{
			{
				What: "the id of an opportunity or a role", Instead: "status FAILED in a request, nil in an answer", Why: noIntegerIDs, Advice: nameByKey,
				Cases: []string{
					"syncMObjects/positive/insert, update and upsert", "syncMObjects/positive/a role for an opportunity of the same call", "syncMObjects/positive/a role of a lead that a field names",
				},
			},
			{
				What: "a role without opportunity, lead or role", Instead: "status FAILED", Why: "they are its key", Advice: "give all three; WithDefaultRole serves where the role is missing",
			},
			{
				What: "opportunities of an instance whose CRM owns them", Instead: "status FAILED", Why: "only the CRM writes them (1018)", Advice: "write them in the CRM",
			},
			{
				What: "the change of a program's cost or channel", Instead: "status FAILED", Why: "costs are added, and have no ids; a channel stays", Advice: "add a cost with the difference",
			},
		},
	},
	{
		Name: "deleteMObjects", Calls: 1, Cost: "one for the other type", Permissions: []Permission{{Name: writeOpportunity}},
		Differences: []Difference{
			{
				What: "an opportunity or a role by its id", Instead: "status FAILED", Why: noIntegerIDs, Advice: nameByKey, Cases: []string{"deleteMObjects/positive/the object is gone"},
			},
		},
	},
	{
		Name: "getCustomObjects", Calls: 1, Cost: "one for each further page", Permissions: []Permission{{Name: readCustomObject}},
		Differences: []Difference{
			{
				What: "a key without a searchable field", Fault: fault.CodeBadParameter, Why: "records are found by searchable fields or all dedupe fields", Advice: "give one of these: the fault names them",
			},
			countAsFlag,
		},
	},
	{
		Name: "syncCustomObjects", Calls: 1, Permissions: []Permission{{Name: writeCustomObject}},
		Differences: []Difference{
			{
				What: "no operation", Instead: "UPSERT", Why: "it is what the REST API does by itself", Advice: "give one", Cases: []string{"syncCustomObjects/bad input/types, operations and fields"},
			},
		},
	},
	{
		Name: "deleteCustomObjects", Calls: 1, Cost: "one for each further 300 records", Permissions: []Permission{{Name: writeCustomObject}},
	},
}

// The difference of both writes of leads that give an address twice.
const (
	otherEmail = "an attribute Email with another address than the element, which the lead is found by"
	oneEmail   = "one field is for both"
	nameByID   = "name the lead by its Id"
)

// forSales is the difference of both operations that take a source of campaigns.
func forSales(cases ...string) Difference {
	return Difference{
		What: "the source SALES", Fault: fault.CodeBadParameter, Why: "there are no campaigns for sales", Advice: "use MKTOWS", Cases: cases,
	}
}
