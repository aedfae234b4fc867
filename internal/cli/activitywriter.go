package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// activityWriter writes activities in one of the forms of -o.
type activityWriter interface {
	page([]operations.Activity) error
	end(summary) error
}

func newActivityWriter(w io.Writer, format string, width int) activityWriter {
	switch format {
	case "json":
		return &jsonWriter{out: w, all: []activityJSON{}}
	case "jsonl":
		return &jsonlWriter{out: w}
	case "csv":
		return &csvWriter{out: w}
	}
	return &tableWriter{out: w, width: width}
}

// activityJSON is an activity in json and jsonl. Every record has the fields without
// omitempty; the service has not been seen to fill the others.
type activityJSON struct {
	ID              *int64          `json:"id"`
	GUID            *string         `json:"guid"`
	Time            string          `json:"time"`
	Type            string          `json:"type"`
	LeadID          int64           `json:"leadId"`
	AssetName       string          `json:"assetName"`
	Campaign        string          `json:"campaign"`
	Attributes      []attributeJSON `json:"attributes"`
	PersonName      string          `json:"personName,omitempty"`
	ForeignSysID    string          `json:"foreignSysId,omitempty"`
	OrgName         string          `json:"orgName,omitempty"`
	ForeignSysOrgID string          `json:"foreignSysOrgId,omitempty"`
}

type attributeJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type,omitempty"`
}

func newActivityJSON(a *operations.Activity) activityJSON {
	j := activityJSON{
		Time: wireTime(a), Type: a.Type, LeadID: a.LeadID, AssetName: a.AssetName, Campaign: a.Campaign,
		Attributes: attributesJSON(a.Attributes),
		PersonName: a.PersonName, ForeignSysID: a.ForeignSysID, OrgName: a.OrgName, ForeignSysOrgID: a.ForeignSysOrgID,
	}
	if a.HasID {
		j.ID = &a.ID
	}
	if a.GUID != "" {
		j.GUID = &a.GUID
	}
	return j
}

// attributesJSON is never nil: a list without elements is [], not null.
func attributesJSON(attributes operations.Attributes) []attributeJSON {
	list := make([]attributeJSON, len(attributes))
	for i, at := range attributes {
		list[i] = attributeJSON{at.Name, at.Value, at.Type}
	}
	return list
}

// wireTime is the time as the service writes it, with a numeric offset.
func wireTime(a *operations.Activity) string { return string(gen.NewDateTime(a.Time)) }

func activityID(a *operations.Activity) string {
	if !a.HasID {
		return ""
	}
	return strconv.FormatInt(a.ID, 10)
}

// jsonWriter writes one document, and none at all if a page is missing from it.
type jsonWriter struct {
	out io.Writer
	all []activityJSON
}

func (w *jsonWriter) page(activities []operations.Activity) error {
	for i := range activities {
		w.all = append(w.all, newActivityJSON(&activities[i]))
	}
	return nil
}

func (w *jsonWriter) end(s summary) error {
	if s.failed {
		return nil
	}
	text, err := encodeJSON(w.all, "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w.out, text+"\n")
	return err
}

type jsonlWriter struct{ out io.Writer }

func (w *jsonlWriter) page(activities []operations.Activity) error {
	var b strings.Builder
	for i := range activities {
		line, err := encodeJSON(newActivityJSON(&activities[i]), "")
		if err != nil {
			return err
		}
		b.WriteString(line + "\n")
	}
	_, err := io.WriteString(w.out, b.String())
	return err
}

func (w *jsonlWriter) end(summary) error { return nil }

func activityHeader() []string {
	return []string{"id", "guid", "time", "type", "leadId", "assetName", "campaign", "attributes"}
}

// csvWriter writes the header row with the first page, or at the end if there is none.
type csvWriter struct {
	out    io.Writer
	titled bool
}

func (w *csvWriter) page(activities []operations.Activity) error {
	var b strings.Builder
	if !w.titled {
		writeCSV(&b, activityHeader()...)
		w.titled = true
	}
	for i := range activities {
		a := &activities[i]
		attributes, err := encodeJSON(attributesJSON(a.Attributes), "")
		if err != nil {
			return err
		}
		writeCSV(&b, activityID(a), a.GUID, wireTime(a), a.Type, strconv.FormatInt(a.LeadID, 10), a.AssetName, a.Campaign, attributes)
	}
	_, err := io.WriteString(w.out, b.String())
	return err
}

func (w *csvWriter) end(s summary) error {
	if w.titled || s.failed {
		return nil
	}
	return w.page(nil)
}

// writeCSV writes a row as RFC 4180 says. The writer of encoding/csv would change line ends
// inside of values.
func writeCSV(b *strings.Builder, values ...string) {
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(value, "\",\r\n") {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		b.WriteString(value)
	}
	b.WriteString("\r\n")
}

// minTableWidth leaves every column of the table a few characters.
const minTableWidth = 80

// tableWriter collects the cells: how wide a column is to be, the last record may decide.
type tableWriter struct {
	out   io.Writer
	width int

	time, id, kind, asset, campaign, details []string
}

func (w *tableWriter) page(activities []operations.Activity) error {
	for i := range activities {
		a := &activities[i]
		w.time = append(w.time, wireTime(a))
		w.id = append(w.id, activityID(a))
		w.kind = append(w.kind, visible(a.Type))
		w.asset = append(w.asset, visible(a.AssetName))
		w.campaign = append(w.campaign, visible(a.Campaign))
		w.details = append(w.details, clip(visible(details(a)), w.width))
	}
	return nil
}

func (w *tableWriter) end(s summary) error {
	if s.failed && s.count == 0 {
		return nil // the error says it all
	}
	if s.count > 0 {
		err := writeTable(w.out, w.width, []column{
			{title: "TIME", cells: w.time},
			{title: "ID", cells: w.id, right: true},
			{title: "TYPE", cells: w.kind, weight: 20},
			{title: "ASSET", cells: w.asset, weight: 15},
			{title: "CAMPAIGN", cells: w.campaign, weight: 14},
			{title: "DETAILS", cells: w.details, weight: 28},
		})
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w.out, s)
	return err
}
