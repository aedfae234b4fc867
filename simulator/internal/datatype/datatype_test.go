package datatype

import (
	"testing"

	"github.com/mktows/mktows-go/simulator/record"
)

func TestAccepts(t *testing.T) {
	t.Parallel()
	for kind, values := range map[string]struct{ good, bad []string }{
		"string":   {[]string{"x", " "}, nil},
		"integer":  {[]string{"-7", "9223372036854775807"}, []string{"1.5", "x", "9223372036854775808"}},
		"percent":  {[]string{"12.5", "1e3"}, []string{"NaN", "Inf", "12%"}},
		"boolean":  {[]string{"true", "FALSE", "1"}, []string{"yes"}},
		"date":     {[]string{"2015-09-04"}, []string{"04.09.2015"}},
		"dateTime": {[]string{"2015-09-04T12:00:00Z", "2015-09-04 12:00:00"}, []string{"noon"}},
	} {
		f, err := Check(record.Field{Name: "F", DataType: kind})
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range append(values.good, "") {
			if err := Accepts(f, value); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
		for _, value := range values.bad {
			if Accepts(f, value) == nil {
				t.Errorf("%s accepts %q", kind, value)
			}
		}
	}
	for _, f := range []record.Field{{}, {Name: "F", DataType: "Array"}} {
		if _, err := Check(f); err == nil {
			t.Errorf("no error for %+v", f)
		}
	}
}
