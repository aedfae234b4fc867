package rest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// ExportedActivity is a row of a file of activities.
type ExportedActivity struct {
	Activity

	LeadText string // leadId as it came
	// Problem says what in the row cannot be read; what could be read is in the Activity, and Rest has the attributes as they
	// came.
	Problem error
	Rest    string
	Size    int // in bytes
}

// ExportReader reads the rows of a file of activities.
type ExportReader struct {
	rows    *csvReader
	columns []int // places of exportColumns in a row
	width   int   // how many values a row has
	names   json.Options
}

// Activities returns a reading of the rows from the first one on.
func (f *File) Activities() (*ExportReader, error) {
	r := &ExportReader{rows: f.rows(), names: new(records).options()}
	if err := r.rows.next(); err != nil {
		return nil, fileError("read", err)
	}
	header := r.rows.values()
	r.width = len(header)
	for _, name := range exportColumns {
		is := func(text string) bool { return strings.EqualFold(text, name) }
		at := slices.IndexFunc(header, is)
		switch {
		case at < 0:
			return nil, damaged("the file of the extract has no column %s: its first row is %.300q", name, header)
		case slices.ContainsFunc(header[at+1:], is):
			return nil, damaged("the file of the extract has the column %s twice: its first row is %.300q", name, header)
		}
		r.columns = append(r.columns, at)
	}
	return r, nil
}

// Skip passes over rows.
func (r *ExportReader) Skip(n int64) error {
	for ; n > 0; n-- {
		if err := r.rows.next(); err != nil {
			return r.failed(err)
		}
	}
	return nil
}

// Next returns the next row, or io.EOF.
func (r *ExportReader) Next() (ExportedActivity, error) {
	if err := r.rows.next(); err != nil {
		return ExportedActivity{}, r.failed(err)
	}
	values := r.rows.values()
	column := func(i int) string {
		if at := r.columns[i]; at < len(values) && values[at] != "null" { // the word for nothing (Marketo REST API, bulk extract)
			return validText(values[at])
		}
		return ""
	}
	out := ExportedActivity{LeadText: column(1), Size: len(r.rows.text)}
	out.GUID, out.Date = column(0), column(2)
	out.PrimaryValueID, out.PrimaryValue = cellOf(column(5)), cellOf(column(6))
	var errLead, errType, errCampaign, errAttributes error
	out.LeadID, errLead = integer("leadId", column(1))
	out.TypeID, errType = integer("activityTypeId", column(3))
	if text := column(4); text != "" {
		out.CampaignID, errCampaign = integer("campaignId", text)
	}
	out.Attributes, errAttributes = r.attributes(column(7))
	switch {
	case r.rows.long:
		out.Problem = fmt.Errorf("it has more than %d bytes", maxRow)
	case r.rows.open:
		out.Problem = errors.New("it ends within quotes")
	case len(values) != r.width:
		out.Problem = fmt.Errorf("it has %d values", len(values))
	default:
		out.Problem = errors.Join(errLead, errType, errCampaign, errAttributes)
	}
	if out.Problem != nil {
		out.Rest = column(7)
	}
	return out, nil
}

func (r *ExportReader) failed(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fileError("read", err)
}

// cellOf returns the value of a cell, which is missing where the cell is empty.
func cellOf(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{Text, text}
}

func integer(name, text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %.40q", name, text)
	}
	return n, nil
}

// validText puts the character for them in the place of bytes that are no UTF-8, one for each, as in JSON.
func validText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

// attributes reads the attributes of a row: an object, or a list as in JSON answers (the page shows the one, the description
// of the API the other).
func (r *ExportReader) attributes(text string) (list []Attribute, err error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case text[0] == '[':
		err = json.Unmarshal([]byte(text), &list, lenient)
	default:
		var members Record
		err = json.Unmarshal([]byte(text), &members, lenient, r.names)
		list = make([]Attribute, len(members))
		for i, m := range members {
			list[i] = Attribute{m.Name, m.Value}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the attributes cannot be read: %w", err)
	}
	return list, nil
}
