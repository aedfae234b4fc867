package gen_test

import (
	"encoding/xml"
	"math"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// messages returns an empty value of each message.
func messages() []gen.Message {
	all := []gen.Message{new(gen.AuthenticationHeaderInfo), new(gen.MktowsContextHeaderInfo)}
	for _, op := range gen.Operations() {
		all = append(all, op.NewInput(), op.NewOutput())
	}
	return all
}

// occurrence tells how the schema lets a field be missing.
type occurrence struct{ optional, nillable bool }

// schema maps type and field to the occurrence in the WSDL, read by means of its own.
func schema(tb testing.TB) map[string]occurrence {
	tb.Helper()
	var doc struct {
		Types []struct {
			Name string `xml:"name,attr"`
			// Of the sequence itself, or of the extension of an abstract type.
			Fields   []xmlField `xml:"sequence>element"`
			Extended []xmlField `xml:"complexContent>extension>sequence>element"`
		} `xml:"types>schema>complexType"`
	}
	data, err := os.ReadFile("../wsdl/mktows_3_1.wsdl")
	if err == nil {
		err = xml.Unmarshal(data, &doc)
	}
	if err != nil {
		tb.Fatal(err)
	}
	found := map[string]occurrence{}
	for _, t := range doc.Types {
		for _, f := range append(t.Fields, t.Extended...) {
			found[t.Name+"."+f.Name] = occurrence{optional: f.Min == "0", nillable: f.Nillable == "true"}
		}
	}
	return found
}

type xmlField struct {
	Name     string `xml:"name,attr"`
	Min      string `xml:"minOccurs,attr"`
	Nillable string `xml:"nillable,attr"`
}

// filler fills messages with what the schema allows, as the bytes of a fuzz say.
type filler struct {
	data   []byte
	schema map[string]occurrence
}

func (f *filler) byte() byte {
	if len(f.data) == 0 {
		return 0
	}
	b := f.data[0]
	f.data = f.data[1:]
	return b
}

func (f *filler) number() int64 {
	n := int64(f.byte())
	switch n & 3 {
	case 0:
		return n >> 2
	case 1:
		return -(n >> 2)
	case 2:
		return math.MaxInt32 - n>>2
	}
	return math.MinInt32 + n>>2
}

// text takes a string from the data: all that XML 1.0 can carry.
func (f *filler) text() string {
	n := min(int(f.byte()%24), len(f.data))
	s := f.data[:n]
	f.data = f.data[n:]
	if !utf8.Valid(s) {
		return soapxml.Clean(strconv.QuoteToASCII(string(s)))
	}
	return soapxml.Clean(string(s))
}

func (f *filler) dateTime() gen.DateTime {
	offset := (int(f.byte())%28 - 14) * 3600
	t := time.Unix(f.number()*10, f.number()&3*1_000_000).In(time.FixedZone("", offset))
	if t.Year() < 1000 || t.Year() > 9999 {
		t = t.AddDate(2000-t.Year(), 0, 0)
	}
	return gen.NewDateTime(t)
}

func (f *filler) fill(v reflect.Value) {
	switch value := v.Addr().Interface().(type) {
	case *gen.DateTime:
		*value = f.dateTime()
		return
	case *gen.LeadSelector:
		*value = f.selector()
		return
	}
	switch v.Kind() {
	case reflect.String:
		if values := v.MethodByName("Values"); values.IsValid() {
			all := values.Call(nil)[0]
			v.Set(all.Index(int(f.byte()) % all.Len()))
		} else {
			v.SetString(f.text())
		}
	case reflect.Int32, reflect.Int64:
		v.SetInt(f.number())
	case reflect.Bool:
		v.SetBool(f.byte()&1 == 1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		if n := int(f.byte() % 4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.field(v, i)
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

// field fills a field of a structure; an Opt becomes absent or nil where it may.
func (f *filler) field(v reflect.Value, i int) {
	field, about := v.Field(i), v.Type().Field(i)
	state := field
	if field.Kind() == reflect.Struct && field.NumField() == 2 {
		state = field.FieldByName("State")
	}
	if state == field || !state.IsValid() {
		f.fill(field)
		return
	}
	occurs := f.schema[v.Type().Name()+"."+about.Tag.Get("xml")]
	choice := f.byte() % 4
	switch {
	case choice == 0 && occurs.optional:
	case choice <= 1 && occurs.nillable:
		state.SetUint(uint64(gen.Nil))
	default:
		state.SetUint(uint64(gen.Present))
		f.fill(field.FieldByName("Value"))
	}
}

func (f *filler) selector() gen.LeadSelector {
	all := []gen.LeadSelector{nil, new(gen.LeadKeySelector), new(gen.StaticListSelector), new(gen.LastUpdateAtSelector)}
	chosen := all[f.byte()%4]
	if chosen != nil {
		f.fill(reflect.ValueOf(chosen).Elem())
	}
	return chosen
}

// FuzzRoundTrip shows decode(encode(x)) = x for every message type.
func FuzzRoundTrip(f *testing.F) {
	schema := schema(f)
	for i := range messages() {
		f.Add(byte(i), []byte("\x03\x0aTest <&>\r\n\x02\x07\x05\x03\x09\x03\x08\xc3\xa9\xe2\x82\xac\x03\x03\x02\x07\x05\x03\x03\x02\x07\x05\x03\x03\x02\x07\x05\x03\x03\x02\x07\x05\x03\x03\x02\x07\x05\x03"))
		f.Add(byte(i), []byte{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
		f.Add(byte(i), []byte{})
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		all := messages()
		in := all[int(which)%len(all)]
		filler := filler{data: data, schema: schema}
		filler.fill(reflect.ValueOf(in).Elem())

		doc, err := gen.Marshal(in, gen.V3_1)
		if err != nil {
			t.Fatalf("cannot be written: %v\n%+v", err, in)
		}
		out := reflect.New(reflect.TypeOf(in).Elem()).Interface().(gen.Message)
		if err := gen.Unmarshal(doc, out); err != nil {
			t.Fatalf("cannot be read back: %v\n%s", err, doc)
		}
		if !reflect.DeepEqual(in, out) {
			t.Fatalf("read back otherwise (-written +read):\n%s\n%s", cmp.Diff(in, out), doc)
		}
	})
}
