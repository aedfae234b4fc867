package bridge

import (
	"math"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// clean takes the characters out of a text that XML 1.0 cannot carry, and JSON can: the SOAP API could
// not have given them.
func clean(text string) string {
	text, _ = names.Clean(text)
	return text
}

// int32Of returns an id of the REST API, which may have 64 bits, as the SOAP API has it. One that does
// not fit is a failure of the service's answer, and none of the request.
func int32Of(what string, id int64) (int32, error) {
	if id < math.MinInt32 || id > math.MaxInt32 {
		return 0, fault.Newf(fault.CodeServiceInternal, "%s %d does not fit the 32 bits that the SOAP API has for it: it cannot be answered by this operation", what, id)
	}
	return int32(id), nil
}

// readTime reads a time of an answer.
func (c *config) readTime(text string) (time.Time, error) {
	t, err := c.convert.ParseTime(text)
	if err != nil {
		return t, fault.NewContentError(err)
	}
	return t, nil
}

// dateTime returns a time of an answer as the SOAP API writes it.
func (c *config) dateTime(text string) (gen.DateTime, error) {
	t, err := c.readTime(text)
	if err != nil {
		return "", err
	}
	return gen.NewDateTime(c.convert.Shown(t)), nil
}

// someDateTime returns a time of an answer, nil for one that is missing or cannot be read.
func (c *config) someDateTime(text string) gen.Opt[gen.DateTime] {
	d, err := c.dateTime(text)
	if err != nil {
		return gen.NilOf[gen.DateTime]()
	}
	return gen.Some(d)
}

// soapText returns a value of an answer as the SOAP API shows it.
func (c *config) soapText(v rest.Value, kind string) string {
	switch v.Kind {
	case rest.Bool:
		kind = "boolean"
	case rest.Other:
		kind = ""
	}
	return c.convert.TextOf(kind, v.Text).String
}

// restValue returns a text of a request as a JSON value; what is empty clears the field.
func (c *config) restValue(text, kind string) any { return rest.Raw(c.convert.JSON(kind, text)) }

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
