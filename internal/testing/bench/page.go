// Package bench makes the pages of activities that speed is measured on. The program
// in cmd measures the codec beside its rivals; make bench runs it.
package bench

import (
	"fmt"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
)

// Page returns an answer of getLeadActivity with n records. Their types, attributes and lengths are those of the
// answers that the service has published: speed depends on how long texts are and how many of them need an escape, so
// a page of invented short values would flatter the codec.
func Page(n int) *gen.SuccessGetLeadActivity {
	records := make([]gen.ActivityRecord, n)
	at := time.Date(2013, 7, 9, 16, 44, 28, 0, time.FixedZone("", -5*3600))
	for i := range records {
		records[i] = record(i, at.Add(-time.Duration(i)*time.Minute))
	}
	return &gen.SuccessGetLeadActivity{LeadActivityList: &gen.LeadActivityList{
		ReturnCount: int32(n), RemainingCount: 4,
		NewStartPosition: &gen.StreamPosition{
			LatestCreatedAt: gen.Some(gen.NewDateTime(at)), OldestCreatedAt: gen.NilOf[gen.DateTime](),
			ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some("ID:1024814"),
		},
		ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: records}),
	}}
}

// record makes the i-th record of a page, each a minute older than the one before it, as the service returns them.
func record(i int, at time.Time) gen.ActivityRecord {
	kind := kinds[i%len(kinds)]
	attributes := make([]gen.Attribute, 0, len(kind.attributes)+1)
	for _, a := range kind.attributes {
		name, value, _ := strings.Cut(a, "=")
		attributes = append(attributes, gen.Attribute{AttrName: name, AttrType: gen.NilOf[string](), AttrValue: value})
	}
	attributes = append(attributes, gen.Attribute{AttrName: "Lead ID", AttrType: gen.NilOf[string](), AttrValue: "318815"})
	return gen.ActivityRecord{
		Id: gen.Some(int64(1030680 - i)), MarketoGUID: fmt.Sprintf("guid-%07d", i), ActivityDateTime: gen.NewDateTime(at),
		ActivityType: kind.name, MktgAssetName: gen.Some(kind.asset), Campaign: gen.Some(""), MktPersonId: "318815",
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: attributes}),
		PersonName:         gen.NilOf[string](), ForeignSysId: gen.NilOf[string](), OrgName: gen.NilOf[string](), ForeignSysOrgId: gen.NilOf[string](),
	}
}

const agent = "User Agent=Mozilla/5.0 (Macintosh; Intel Mac OS X 10_8_3) AppleWebKit/536.28.10 (KHTML, like Gecko) Version/6.0.3 Safari/536.28.10"

// kinds are the activities of a page: mostly visits, as in the published answer.
var kinds = []struct {
	name, asset string
	attributes  []string
}{
	{"Visit Webpage", "Demo", []string{"Webpage ID=2547", "Webpage URL=/Demo.html", "Query Parameters=aliId=26419", "Referrer URL=http://www.example.com/index.php", "Client IP Address=192.0.2.130", agent, "Message Id=44490", "Created At=2013-07-09 16:44:28"}},
	{"Visit Webpage", "Demo", []string{"Webpage ID=2547", "Webpage URL=/Demo.html", "Query Parameters=aliId=26418", "Referrer URL=", "Client IP Address=192.0.2.130", agent, "Message Id=44488", "Created At=2013-07-09 16:44:15"}},
	{"Fill Out Form", "Demo form", []string{"Webform ID=1149", `Form Fields=a:3:{s:9:"FirstName";s:4:"Ann ";s:7:"Company";s:11:"Bread & Co.";s:5:"Email";s:15:"ann@example.com";}`, "Webpage ID=2547", "Query Parameters=", "Referrer URL=http://www.example.com/index.php?a=1&b=2", "Client IP Address=192.0.2.130", agent}},
	{"Visit Webpage", "Preise", []string{"Webpage ID=2548", "Webpage URL=/Preise für Österreich.html", "Query Parameters=", "Referrer URL=http://www.example.com/index.php", "Client IP Address=192.0.2.131", agent, "Message Id=44487", "Created At=2013-07-09 16:43:58"}},
}

// Compact returns the page in an envelope without white space between elements.
func Compact(page *gen.SuccessGetLeadActivity) (string, error) {
	doc, err := envelope.AppendResponse(nil, gen.V2_7, page)
	return string(doc), err
}

// Indented returns the page in an envelope with two spaces for each level, as the service's published answers have
// it. White space is a good part of such an answer, and a decoder has to get past it.
func Indented(page *gen.SuccessGetLeadActivity) (string, error) {
	compact, err := Compact(page)
	if err != nil {
		return "", err
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromString(compact); err != nil {
		return "", err
	}
	doc.Indent(2)
	return doc.WriteToString()
}
