package bridge

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// clean takes the characters out of a text that XML 1.0 cannot carry, and JSON can (XML 1.0, section
// 2.2): the SOAP API could not have given them.
func clean(text string) string {
	if strings.IndexFunc(text, notXML) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if notXML(r) {
			return -1
		}
		return r
	}, text)
}

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// int32Of returns an id of the REST API, which may have 64 bits, as the SOAP API has it. One that does
// not fit is a failure of the service's answer, and none of the request.
func int32Of(what string, id int64) (int32, error) {
	if id < math.MinInt32 || id > math.MaxInt32 {
		return 0, fault.Newf(fault.CodeServiceInternal, "%s %d does not fit the 32 bits that the SOAP API has for it: it cannot be answered by this operation", what, id)
	}
	return int32(id), nil
}

// restTimes are the forms of times in answers of the REST API (all are seen).
var restTimes = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", time.DateOnly}

// readTime reads a time of an answer. The form of assets has Z and an offset.
func readTime(text string) (time.Time, error) {
	plain := strings.Replace(text, "Z+", "+", 1)
	for _, form := range restTimes {
		if t, err := time.Parse(form, plain); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.NewContentError(fmt.Errorf("%.40q is not a time of the REST API", text))
}

// dateTime returns a time of an answer as the SOAP API writes it.
func (c *config) dateTime(text string) (gen.DateTime, error) {
	t, err := readTime(text)
	if err != nil {
		return "", err
	}
	return gen.NewDateTime(t.In(c.zoneAt(t))), nil
}

// someDateTime returns a time of an answer, nil for one that is missing or cannot be read.
func (c *config) someDateTime(text string) gen.Opt[gen.DateTime] {
	d, err := c.dateTime(text)
	if err != nil {
		return gen.NilOf[gen.DateTime]()
	}
	return gen.Some(d)
}

// soapType is the data type that the SOAP API has for a field of the REST API: scores are integers
// there.
func soapType(kind string) string {
	if kind == "score" {
		return "integer"
	}
	return kind
}

// soapText returns a value of an answer as the SOAP API shows it.
func (c *config) soapText(v rest.Value, kind string) string {
	if strings.EqualFold(kind, "datetime") && v.Text != "" {
		if d, err := c.dateTime(v.Text); err == nil {
			return string(d)
		}
	}
	return clean(v.Text)
}

// restValue returns a text of a request as a JSON value. Only booleans have to be no texts; what is
// empty clears the field.
func restValue(text, kind string) any {
	if text == "" {
		return nil
	}
	if kind == "boolean" {
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "1", "true", "yes":
			return true
		case "0", "false", "no":
			return false
		}
	}
	return text
}

// requestTime reads a time of a request.
func requestTime(field string, text gen.DateTime) (time.Time, error) {
	t, err := text.Time()
	if err != nil {
		return time.Time{}, bad("%s %q is not an xs:dateTime", field, text)
	}
	return t, nil
}

// up returns the first whole second that is not before a time.
func up(t time.Time) time.Time { return t.Add(time.Second - 1).Truncate(time.Second) }

// someText returns a text that may be empty, which is nil then.
func someText(text string) gen.Opt[string] {
	if text == "" {
		return gen.NilOf[string]()
	}
	return gen.Some(text)
}

// unix returns the time of a position.
func unix(at int64) time.Time { return time.Unix(at, 0) }
