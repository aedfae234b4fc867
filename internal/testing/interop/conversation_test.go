package interop

import "github.com/mktows/mktows-go/fault"

// schemaList is the name of two static lists: one of the lead database, and one in the
// program of the demonstration data.
const schemaList = "Schema"

// conversation calls each operation in its different forms. What it asks for is in the
// demonstration data, or was written by an earlier call.
var conversation = []struct {
	request string
	fault   fault.Code // 0: answered
}{
	// One record, several, none.
	{request: `<m:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>318815</keyValue></leadKey></m:paramsGetLead>`},
	{request: `<m:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>shared@example.com</keyValue></leadKey></m:paramsGetLead>`},
	{request: `<m:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>nobody@example.com</keyValue></leadKey></m:paramsGetLead>`,
		fault: fault.CodeLeadNotFound},

	// A page in the middle, the end, a filter that leaves nothing.
	{request: `<m:paramsGetLeadActivity><leadKey><keyType>IDNUM</keyType><keyValue>318820</keyValue></leadKey><batchSize>100</batchSize></m:paramsGetLeadActivity>`},
	{request: `<m:paramsGetLeadActivity><leadKey><keyType>EMAIL</keyType><keyValue>lead@example.com</keyValue></leadKey>
		<activityFilter><excludeTypes><activityType>NewLead</activityType></excludeTypes></activityFilter>
		<startPosition><latestCreatedAt xsi:nil="true"/><offset></offset></startPosition></m:paramsGetLeadActivity>`},
	{request: `<m:paramsGetLeadActivity><leadKey><keyType>IDNUM</keyType><keyValue>318818</keyValue></leadKey>
		<activityFilter><includeTypes><activityType>Wait</activityType></includeTypes></activityFilter></m:paramsGetLeadActivity>`},
	{request: `<m:paramsGetLeadActivity><leadKey><keyType>IDNUM</keyType><keyValue>318815</keyValue></leadKey>
		<startPosition><offset>ID:1</offset></startPosition></m:paramsGetLeadActivity>`, fault: fault.CodeBadStreamPosition},

	// Field changes, and each kind of selector.
	{request: `<m:paramsGetLeadChanges><startPosition><oldestCreatedAt>2015-09-01T00:00:00-05:00</oldestCreatedAt></startPosition>
		<batchSize>1000</batchSize></m:paramsGetLeadChanges>`},
	{request: `<m:paramsGetLeadChanges><startPosition><oldestCreatedAt>2015-09-01T00:00:00-05:00</oldestCreatedAt></startPosition>
		<activityNameFilter><stringItem>Change Data Value</stringItem></activityNameFilter><batchSize>1</batchSize>
		<leadSelector xsi:type="m:LeadKeySelector"><keyType>IDNUM</keyType><keyValues><stringItem>318815</stringItem></keyValues></leadSelector>
		</m:paramsGetLeadChanges>`},
	{request: `<m:paramsGetLeadChanges><startPosition><oldestCreatedAt>2015-09-01T00:00:00-05:00</oldestCreatedAt></startPosition>
		<activityFilter><includeTypes><activityType>Wait</activityType></includeTypes></activityFilter>
		<leadSelector xsi:type="m:StaticListSelector"><staticListName>Schema</staticListName></leadSelector></m:paramsGetLeadChanges>`},

	{request: `<m:paramsGetMultipleLeads><leadSelector xsi:type="m:LeadKeySelector"><keyType>IDNUM</keyType><keyValues>
		<stringItem>318815</stringItem><stringItem>318816</stringItem><stringItem>999</stringItem></keyValues></leadSelector>
		<batchSize>1</batchSize></m:paramsGetMultipleLeads>`},
	{request: `<m:paramsGetMultipleLeads><leadSelector xsi:type="m:StaticListSelector"><staticListName>Schema</staticListName></leadSelector>
		<streamPosition></streamPosition><includeAttributes><stringItem>Email</stringItem><stringItem>FirstName</stringItem></includeAttributes>
		</m:paramsGetMultipleLeads>`},
	{request: `<m:paramsGetMultipleLeads><leadSelector xsi:type="m:LastUpdateAtSelector"><latestUpdatedAt>2009-02-01T00:00:00Z</latestUpdatedAt>
		<oldestUpdatedAt>2009-01-05T00:00:00.250Z</oldestUpdatedAt></leadSelector></m:paramsGetMultipleLeads>`},
	{request: `<m:paramsGetMultipleLeads><leadSelector xsi:type="m:LastUpdateAtSelector"><latestUpdatedAt>2009-03-01T00:00:00Z</latestUpdatedAt>
		<oldestUpdatedAt>2009-01-05T00:00:00Z</oldestUpdatedAt></leadSelector></m:paramsGetMultipleLeads>`, fault: fault.CodeTimeRangeExceeded},

	// Writing: all kinds of characters, the lead in the answer or nil, records that fail.
	{request: `<m:paramsSyncLead><leadRecord><Email>schema@example.com</Email><leadAttributeList>
		<attribute><attrName>LastName</attrName><attrType>string</attrType><attrValue>"Zoë" &amp; &lt;日本&gt; ]]&gt; &#xD;&#9;€ 😀</attrValue></attribute>
		<attribute><attrName>FirstName</attrName><attrValue></attrValue></attribute></leadAttributeList></leadRecord>
		<returnLead>true</returnLead></m:paramsSyncLead>`},
	{request: `<m:paramsSyncLead><leadRecord><Email>schema@example.com</Email><ForeignSysPersonId>77</ForeignSysPersonId>
		<ForeignSysType>CUSTOM</ForeignSysType></leadRecord><returnLead>false</returnLead><marketoCookie xsi:nil="true"/></m:paramsSyncLead>`},
	{request: `<m:paramsSyncLead><leadRecord><Email>schema@example.com</Email><leadAttributeList>
		<attribute><attrName>NoSuchField</attrName><attrValue>1</attrValue></attribute></leadAttributeList></leadRecord>
		<returnLead>true</returnLead></m:paramsSyncLead>`, fault: fault.CodeLeadAttributeBad},
	{request: `<m:paramsSyncMultipleLeads><leadRecordList><leadRecord><Email>schema@example.com</Email></leadRecord>
		<leadRecord><Email>schema2@example.com</Email></leadRecord><leadRecord><Id>2000000000</Id></leadRecord></leadRecordList>
		<dedupEnabled>true</dedupEnabled></m:paramsSyncMultipleLeads>`},
	{request: `<m:paramsMergeLeads><winningLeadKeyList><attribute><attrName>IDNUM</attrName><attrValue>318818</attrValue></attribute></winningLeadKeyList>
		<losingLeadKeyLists><keyList><attribute><attrName>IDNUM</attrName><attrValue>318819</attrValue></attribute></keyList></losingLeadKeyLists>
		<mergeInSales>false</mergeInSales></m:paramsMergeLeads>`},

	{request: listRequest("ADDTOLIST", "318816")},
	{request: listRequest("ISMEMBEROFLIST", "318817")},
	{request: listRequest("REMOVEFROMLIST", "318816")},
	{request: `<m:paramsListOperation><listOperation>ISMEMBEROFLIST</listOperation><listKey><keyType>MKTOLISTNAME</keyType>
		<keyValue>No such list</keyValue></listKey><listMemberList><leadKey><keyType>IDNUM</keyType><keyValue>318815</keyValue></leadKey>
		</listMemberList></m:paramsListOperation>`, fault: fault.CodeListNotFound},

	{request: `<m:paramsImportToList><programName>Autumn Webinar</programName><importFileHeader>First Name,Email Address</importFileHeader>
		<importFileRows><stringItem>"Zoë, née Müller",import@example.com</stringItem><stringItem>only one value</stringItem></importFileRows>
		<importListMode>UPSERTLEADS</importListMode><listName>Schema</listName><clearList>true</clearList><campaignName xsi:nil="true"/>
		</m:paramsImportToList>`},
	{request: `<m:paramsGetImportToListStatus><programName>Autumn Webinar</programName><listName>Schema</listName></m:paramsGetImportToListStatus>`},

	{request: `<m:paramsGetCampaignsForSource><source>MKTOWS</source></m:paramsGetCampaignsForSource>`},
	{request: `<m:paramsGetCampaignsForSource><source>SALES</source><name>no such campaign</name><exactName>true</exactName></m:paramsGetCampaignsForSource>`},
	{request: `<m:paramsRequestCampaign><source>MKTOWS</source><campaignId>1201</campaignId><leadList><leadKey><keyType>IDNUM</keyType>
		<keyValue>318815</keyValue></leadKey></leadList></m:paramsRequestCampaign>`},
	{request: `<m:paramsRequestCampaign><source>MKTOWS</source><campaignId>1201</campaignId><leadList><leadKey><keyType>IDNUM</keyType>
		<keyValue>318815</keyValue></leadKey></leadList><campaignName>Register</campaignName></m:paramsRequestCampaign>`, fault: fault.CodeBadParameter},
	{request: `<m:paramsScheduleCampaign><programName>Autumn Webinar</programName><campaignName>Send Invitation</campaignName>
		<campaignRunAt>2030-01-01T00:00:00-06:00</campaignRunAt><programTokenList><attrib><name>{{my.message}}</name>
		<value>&lt;b&gt;Hello&lt;/b&gt;</value></attrib></programTokenList></m:paramsScheduleCampaign>`},

	{request: `<m:paramsListMObjects/>`},
	{request: describeRequest("LeadRecord")},
	{request: describeRequest("ActivityRecord")},
	{request: describeRequest("Opportunity")},
	{request: describeRequest("OpportunityPersonRole")},
	{request: `<m:paramsGetMObjects><type>Program</type><mObjCriteriaList><mObjCriteria><attrName>Name</attrName><comparison>NE</comparison>
		<attrValue>Another</attrValue></mObjCriteria></mObjCriteriaList><includeDetails>true</includeDetails></m:paramsGetMObjects>`},
	{request: `<m:paramsGetMObjects><type>Opportunity</type><externalKey><name>CrmId</name><value>006000000000001AAA</value></externalKey></m:paramsGetMObjects>`},
	{request: `<m:paramsGetMObjects><type>OpportunityPersonRole</type><mObjAssociationList><mObjAssociation><mObjType>Lead</mObjType><id>318816</id>
		</mObjAssociation></mObjAssociationList></m:paramsGetMObjects>`},
	{request: `<m:paramsGetMObjects><type>Opportunity</type><id>2000000000</id></m:paramsGetMObjects>`},
	{request: `<m:paramsSyncMObjects><mObjectList><mObject><type>Opportunity</type><externalKey><name>CrmId</name><value>006000000000009AAA</value></externalKey>
		<attribList><attrib><name>Name</name><value>Müller &amp; Co</value></attrib></attribList></mObject>
		<mObject><type>Opportunity</type><id>2000000000</id></mObject></mObjectList><operation>UPSERT</operation></m:paramsSyncMObjects>`},
	{request: `<m:paramsDeleteMObjects><mObjectList><mObject><type>Opportunity</type><id>78</id></mObject>
		<mObject><type>Opportunity</type><id>2000000000</id></mObject></mObjectList></m:paramsDeleteMObjects>`},

	{request: `<m:paramsGetCustomObjects><objTypeName>Device</objTypeName><batchSize>1</batchSize><customObjKeyList><attribute><attrName>LeadId</attrName>
		<attrValue>318815</attrValue></attribute></customObjKeyList><includeAttributes/></m:paramsGetCustomObjects>`},
	{request: `<m:paramsGetCustomObjects><objTypeName>Device</objTypeName><customObjKeyList><attribute><attrName>SerialNumber</attrName>
		<attrValue>none</attrValue></attribute></customObjKeyList><includeAttributes><stringItem>Model</stringItem></includeAttributes></m:paramsGetCustomObjects>`},
	{request: `<m:paramsSyncCustomObjects><objTypeName>Device</objTypeName><customObjList><customObj><customObjKeyList><attribute>
		<attrName>SerialNumber</attrName><attrValue>SN-2001</attrValue></attribute></customObjKeyList><customObjAttributeList><attribute>
		<attrName>LeadId</attrName><attrValue>318815</attrValue></attribute></customObjAttributeList></customObj></customObjList>
		<operation>INSERT</operation></m:paramsSyncCustomObjects>`},
	{request: `<m:paramsDeleteCustomObjects><objTypeName>Device</objTypeName><customObjKeyLists><keyList><attribute><attrName>SerialNumber</attrName>
		<attrValue>SN-2001</attrValue></attribute></keyList></customObjKeyLists></m:paramsDeleteCustomObjects>`},

	{request: `<m:paramsGetChannels/>`},
	{request: `<m:paramsGetChannels><tag><values><stringItem>Webinar</stringItem><stringItem>Nothing</stringItem></values></tag></m:paramsGetChannels>`},
	{request: `<m:paramsGetTags/>`},
	{request: `<m:paramsGetTags><tagList><tag><type>Region</type></tag></tagList></m:paramsGetTags>`},
}

func listRequest(operation, id string) string {
	return `<m:paramsListOperation><listOperation>` + operation + `</listOperation><listKey><keyType>MKTOLISTNAME</keyType><keyValue>` + schemaList +
		`</keyValue></listKey><listMemberList><leadKey><keyType>IDNUM</keyType><keyValue>` + id + `</keyValue></leadKey></listMemberList>` +
		`<strict>false</strict></m:paramsListOperation>`
}

func describeRequest(name string) string {
	return `<m:paramsDescribeMObject><objectName>` + name + `</objectName></m:paramsDescribeMObject>`
}
