package names_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a zone other than the service's
	"unicode/utf8"

	"github.com/mktows/mktows-go/bridge/internal/names"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestConverter_Text(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dataType, json, want string }{
		{"string", `"Ada"`, "Ada"},
		{"string", `""`, ""},
		{"string", ` "a\"b\\c\u00e9\n" `, "a\"b\\cé\n"},
		{"string", `"a\u0000b\u000bc\ufffe"`, "abc"},
		{"string", `"\ud800"`, "\uFFFD"},
		{"string", "\"\xff\"", "\uFFFD"},
		{"string", `7`, "7"},
		{"string", `1.0`, "1.0"},
		{"string", `true`, "true"},
		{"text", `{"a": [1, "x"]}`, `{"a":[1,"x"]}`},
		{"text", "{\"a\":\"\xff\"}", "{\"a\":\"\uFFFD\"}"},
		{"reference", `"17"`, "17"},
		{"reference", `17`, "17"},

		{"integer", `34`, "34"},
		{"Integer", `34.0`, "34"},
		{"score", `-0`, "0"},
		{"integer", `"34"`, "34"},
		{"integer", `"thirty"`, "thirty"},
		{"integer", `9007199254740993`, "9007199254740993"},
		{"integer", `3.4e1`, "34"},
		{"integer", `12345678901234567890123`, "12345678901234567890123"},

		{"currency", `28970000`, "28970000"},
		{"currency", `28970000.0`, "28970000"},
		{"currency", `2.897E7`, "28970000"},
		{"currency", `1604.47`, "1604.47"},
		{"float", `1.5e-3`, "0.0015"},
		{"float", `-12.50e+1`, "-125"},
		{"float", `-0.5`, "-0.5"},
		{"float", `0e5`, "0"},
		{"percent", `12.50`, "12.50"},
		{"percent", `"100%"`, "100%"},
		{"float", `1e999999999`, "1e999999999"},
		{"float", `1e99999999999999999999`, "1e99999999999999999999"},

		{"boolean", `true`, "true"},
		{"boolean", `false`, "false"},
		{"boolean", `"True"`, "true"},
		{"boolean", `1`, "true"},
		{"boolean", `"0"`, "false"},
		{"boolean", `"other"`, "other"},

		{"date", `"1984-06-01"`, "1984-06-01"},
		{"date", `"1984-06-01T23:59:59Z"`, "1984-06-01"},
		{"date", `"June"`, "June"},
		{"date", `"1984-06-01x"`, "1984-06-01x"},

		{"datetime", `"2026-07-01T15:02:11Z"`, "2026-07-01 10:02:11"},
		{"dateTime", `"2026-01-01T00:00:00+0000"`, "2025-12-31 18:00:00"},
		{"datetime", `"2026-01-01T00:00:00Z+0000"`, "2025-12-31 18:00:00"},
		{"datetime", `"2026-01-01T00:00:00.750-08:00"`, "2026-01-01 02:00:00"},
		{"datetime", `"noon"`, "noon"},
	} {
		got, err := names.Converter{}.Text(test.dataType, []byte(test.json))
		if err != nil || got.String != test.want || got.Null {
			t.Errorf("%s %s: %+v, %v, want %q", test.dataType, test.json, got, err, test.want)
		}
	}
}

func TestConverter_Text_settings(t *testing.T) {
	t.Parallel()
	tokyo := names.Converter{Zone: zone(t, "Asia/Tokyo"), Booleans: names.OneZero, Offsets: true}
	for _, test := range []struct {
		c                    names.Converter
		dataType, json, want string
	}{
		{tokyo, "boolean", `true`, "1"},
		{tokyo, "boolean", `"False"`, "0"},
		{names.Converter{Booleans: names.Capitals}, "boolean", `false`, "False"},
		{names.Converter{Booleans: names.Capitals}, "boolean", `1`, "True"},
		{tokyo, "datetime", `"2026-01-01T00:00:00Z"`, "2026-01-01T09:00:00+09:00"},
		{names.Converter{Offsets: true}, "datetime", `"2026-01-01T00:00:00Z"`, "2025-12-31T18:00:00-06:00"},
		{names.Converter{Offsets: true}, "datetime", `"2026-07-01T00:00:00Z"`, "2026-06-30T19:00:00-05:00"},
		// A change of a value is told as a text, which stays as it is.
		{tokyo, "string", `"True"`, "True"},
	} {
		if got, err := test.c.Text(test.dataType, []byte(test.json)); err != nil || got.String != test.want {
			t.Errorf("%s %s: %+v, %v, want %q", test.dataType, test.json, got, err, test.want)
		}
	}
}

// A value that somebody else has read from JSON is shown alike.
func TestConverter_TextOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dataType, value, want string }{
		{"integer", "34.0", "34"}, {"currency", "2.897E7", "28970000"}, {"boolean", "true", "true"}, {"text", `{"a":1}`, `{"a":1}`},
		{"date", "2026-01-02T03:04:05Z", "2026-01-02"}, {"datetime", "2026-01-02T03:04:05Z", "2026-01-01 21:04:05"}, {"string", "a\x00", "a"}, {"score", "", ""},
	} {
		if got := (names.Converter{}).TextOf(test.dataType, test.value); got.String != test.want || got.Null {
			t.Errorf("%s %q: %+v, want %q", test.dataType, test.value, got, test.want)
		}
	}
}

// Null is no value; an empty text is one.
func TestConverter_Text_null(t *testing.T) {
	t.Parallel()
	for _, dataType := range []string{"string", "integer", "boolean", "date", "datetime", ""} {
		if got, err := (names.Converter{}).Text(dataType, []byte("null")); err != nil || got != (names.Text{Null: true}) {
			t.Errorf("%s: %+v, %v", dataType, got, err)
		}
		if got, err := (names.Converter{}).Text(dataType, []byte(`""`)); err != nil || got != (names.Text{}) {
			t.Errorf("%s: %+v, %v", dataType, got, err)
		}
	}
}

func TestConverter_Text_removed(t *testing.T) {
	t.Parallel()
	got, err := names.Converter{}.Text("text", []byte(`"s:4:\"a\u0001\u0002b\";\t\r\n"`))
	if want := (names.Text{String: "s:4:\"ab\";\t\r\n", Removed: 2}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

func TestConverter_Text_notJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, ` `, `"`, `"a`, `"a"b"`, `x`, `nul`, `01`, `{`, `[1,]`, `"\x"`, "\"a\nb\"", `"a"7`, `+1`, `NaN`} {
		if got, err := (names.Converter{}).Text("string", []byte(text)); !errors.Is(err, names.ErrNotJSON) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestConverter_JSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dataType, text, want string }{
		{"string", "Ada", `"Ada"`},
		{"string", "", `null`},
		{"string", " ", `" "`},
		{"string", "1", `"1"`},
		{"string", "true", `"true"`},
		{"", "a\"\\\n\x01", `"a\"\\\n\u0001"`},
		{"boolean", "1", `true`},
		{"boolean", "0", `false`},
		{"boolean", "TRUE", `true`},
		{"boolean", " false ", `false`},
		{"boolean", "", `null`},
		{"boolean", "other", `"other"`},
		{"integer", "34", `34`},
		{"integer", " 34\n", `34`},
		{"integer", "-7", `-7`},
		{"integer", "9223372036854775808", `9223372036854775808`},
		{"integer", "007", `"007"`},
		{"integer", "+7", `"+7"`},
		{"integer", "true", `"true"`},
		{"integer", "[1]", `"[1]"`},
		{"integer", `"1"`, `"\"1\""`},
		{"score", "5", `5`},
		{"currency", "1604.47", `1604.47`},
		{"currency", "$1,604.47", `"$1,604.47"`},
		{"percent", "100%", `"100%"`},
		{"percent", "99.5", `99.5`},
		{"float", "NaN", `"NaN"`},
		{"float", "0x1p-2", `"0x1p-2"`},
		{"date", "2015-09-04", `"2015-09-04"`},
		{"date", "2015-09-04T16:07:16-05:00", `"2015-09-04"`},
		{"date", "04.09.2015", `"04.09.2015"`},
		{"datetime", "2015-09-04T16:07:16-05:00", `"2015-09-04T21:07:16Z"`},
		{"datetime", "2015-09-04T16:07:16.710-05:00", `"2015-09-04T21:07:16Z"`},
		{"datetime", "2013-07-09 16:44:28", `"2013-07-09T21:44:28Z"`},
		{"datetime", "2013-01-09T16:44:28", `"2013-01-09T22:44:28Z"`},
		{"datetime", "2013-01-09", `"2013-01-09T06:00:00Z"`},
		{"datetime", "tomorrow", `"tomorrow"`},
	} {
		if got := string((names.Converter{}).JSON(test.dataType, test.text)); got != test.want {
			t.Errorf("%s %q: %s, want %s", test.dataType, test.text, got, test.want)
		}
	}
}

// The hour that the clocks skip and the one that they show twice come to one of the moments beside.
func TestConverter_clockChange(t *testing.T) {
	t.Parallel()
	chicago := names.Converter{Zone: zone(t, "America/Chicago")}
	for _, text := range []string{"2026-03-08 01:59:59", "2026-03-08 03:00:00", "2026-11-01 00:59:59", "2026-11-01 02:00:00"} {
		byRule, err1 := names.Converter{}.ParseTime(text)
		byZone, err2 := chicago.ParseTime(text)
		if err1 != nil || err2 != nil || !byRule.Equal(byZone) {
			t.Errorf("%s: %v, %v; %v, %v", text, byRule, err1, byZone, err2)
		}
		if got := (names.Converter{}).Shown(byRule).Format(time.DateTime); got != text {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
	for _, text := range []string{"2026-03-08 02:30:00", "2026-11-01 01:30:00"} {
		byRule, err1 := names.Converter{}.ParseTime(text)
		byZone, err2 := chicago.ParseTime(text)
		if err1 != nil || err2 != nil || byRule.Sub(byZone).Abs() > time.Hour {
			t.Errorf("%s: %v, %v; %v, %v", text, byRule, err1, byZone, err2)
		}
	}
}

func TestRESTTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 710_000_000, time.FixedZone("", -8*3600))
	if text := names.RESTTime(at); text != "2026-01-02T11:04:05Z" {
		t.Errorf("%s", text)
	}
}

func TestParseTime_refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Z", "2026", "2026-13-01", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "ZZ", strings.Repeat("9", 1000)} {
		if at, err := (names.Converter{}).ParseTime(text); err == nil || len(err.Error()) > 200 {
			t.Errorf("%q: %v, %v", text, at, err)
		}
	}
}

func FuzzConverter_Text(f *testing.F) {
	for _, dataType := range []string{"string", "integer", "currency", "boolean", "date", "datetime"} {
		for _, value := range []string{`"a\u0000"`, `1e-400`, `{"a":1}`, `true`, `null`, `"2026-01-02T03:04:05Z+0000"`, "\"\xff\"", `-0.00E+7`} {
			f.Add(dataType, []byte(value))
		}
	}
	f.Fuzz(func(t *testing.T, dataType string, value []byte) {
		got, err := names.Converter{}.Text(dataType, value)
		if valid := json.Valid(value); (err == nil) != valid {
			t.Fatalf("%q: valid %t, %v", value, valid, err)
		}
		if err != nil {
			return
		}
		if clean, removed := names.Clean(got.String); removed != 0 || !utf8.ValidString(clean) {
			t.Errorf("%q is no XML: %q", value, got.String)
		}
		if len(got.String) > 3*len(value)+1000 {
			t.Errorf("%d bytes became %d", len(value), len(got.String))
		}
		again, err := names.Converter{}.Text(dataType, names.Converter{}.JSON(dataType, got.String))
		if err != nil || again.String != got.String && !strings.EqualFold(dataType, "datetime") && strings.TrimSpace(got.String) == got.String {
			t.Errorf("%s %q became %q, then %q (%v)", dataType, value, got.String, again.String, err)
		}
	})
}

func FuzzConverter_JSON(f *testing.F) {
	for _, dataType := range []string{"string", "integer", "float", "boolean", "date", "datetime"} {
		for _, text := range []string{"", "a", "1", "-1.50", "TRUE", "2026-01-02", "2026-01-02 03:04:05", "\xff\x00", "1e5"} {
			f.Add(dataType, text)
		}
	}
	f.Fuzz(func(t *testing.T, dataType, text string) {
		got := names.Converter{}.JSON(dataType, text)
		if !json.Valid(got) {
			t.Errorf("%s %q became %q", dataType, text, got)
		}
		if (text == "") != (string(got) == "null") {
			t.Errorf("%s %q became %s", dataType, text, got)
		}
	})
}
