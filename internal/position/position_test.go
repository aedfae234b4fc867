package position_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/position"
)

const (
	audience = "000-aaa-000.mktorest.com"
	first    = "example-secret-one"
	second   = "example-secret-two"
)

func newCodec(t testing.TB, audience string, secrets ...string) *position.Codec {
	t.Helper()
	list := make([]auth.Secret, len(secrets))
	for i, text := range secrets {
		list[i] = auth.NewSecret(text)
	}
	c, err := position.New(position.Bridge, audience, list...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var query = position.Query("all", "fields")

// copyCodec is one of the other kind, of the same audience and secret.
func copyCodec(t testing.TB) *position.Codec {
	t.Helper()
	c, err := position.New(position.Copy, audience, auth.NewSecret(first))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each kind knows its own positions, of whatever version, and whatever was done to them.
func TestCodec_Gave(t *testing.T) {
	t.Parallel()
	bridge, copied := newCodec(t, audience, first), copyCodec(t)
	for text, want := range map[string]*position.Codec{
		write(t, bridge, full()): bridge, write(t, copied, full()): copied, "MC7.x": copied, " MB1.": bridge, "MC.": nil, "ID:17": nil, "": nil, "xMC1.": nil,
	} {
		if bridge.Gave(text) != (want == bridge) || copied.Gave(text) != (want == copied) {
			t.Errorf("%.10q", text)
		}
	}
}

func full() position.Position {
	return position.Position{
		Operation: "getLeadChanges", Query: query, Since: 1_790_000_000, Until: 1_790_086_400, Subject: 40217,
		Token: "RWL4YTZQBMXDTE4R4LJ4E5AEJS547PEWYCGJOTI3N5IILH77OYDQ====", Offset: 400, Turn: 4, Given: 1200, Remaining: 7, Issued: 1_790_100_000,
		Streams: []position.Stream{
			{Token: "LDZELWFEXF6YIIAKDPOCEHG2ERO74I23AGN2FHUITBKQSDMNXADQ====", Skip: 12, At: 1_790_000_700, Seen: []string{position.Digest("88120440")}, Renewed: true},
			{Done: true, Pages: []position.Page{{Token: "MU77NTAB7J7IQ6S673EALHIAM7CBG5ILBX7S5YI3NSDP7WDH2BTQ====", Last: position.Digest("q7-0b2f6a1c4de94f0d"), At: 1_790_000_800}}},
		},
		Export: &position.Export{ID: "export", Offset: 1 << 40},
	}
}

func write(t testing.TB, c *position.Codec, p position.Position) string {
	t.Helper()
	text, err := c.Write(p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// request is one with a text for the query of the tests.
func request(text string) position.Request {
	return position.Request{Operation: "getLeadChanges", Query: query, Text: text}
}

// refused wants a fault that shows nothing secret.
func refused(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Errorf("%s: %v, want %d", what, err, code)
		return
	}
	if strings.Contains(err.Error(), first) || strings.Contains(err.Error(), second) {
		t.Errorf("%s shows a secret: %v", what, err)
	}
}

func TestCodec(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	for name, p := range map[string]position.Position{
		"full":    full(),
		"minimal": {Operation: "getLeadChanges", Query: query},
	} {
		text := write(t, c, p)
		for _, given := range []string{text, "\n  " + text + "\t"} {
			got, err := c.Read(request(given))
			if diff := cmp.Diff(p, got); diff != "" || err != nil {
				t.Errorf("%s: %v\n%s", name, err, diff)
			}
		}
		if !strings.HasPrefix(text, "MB1.") || strings.ContainsAny(text, "+/= \n") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if p, err := c.Read(request(" \n")); err != nil || !cmp.Equal(p, position.Position{Operation: "getLeadChanges", Query: query}) {
		t.Errorf("without a text: %+v, %v", p, err)
	}
}

// Each change of a position is noticed, wherever it is.
func TestCodec_changed(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	text := write(t, c, full())
	for i := range text {
		for _, letter := range "A." {
			if changed := text[:i] + string(letter) + text[i+1:]; changed != text {
				_, err := c.Read(request(changed))
				refused(t, changed, err, fault.CodeBadStreamPosition)
			}
		}
		if i > 0 {
			_, err := c.Read(request(text[:i]))
			refused(t, text[:i], err, fault.CodeBadStreamPosition)
			_, err = c.Read(request(text[:i] + "\n" + text[i:]))
			refused(t, "a line end", err, fault.CodeBadStreamPosition)
		}
	}
	// The last letter of a signature holds bits that mean nothing.
	for _, letter := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if changed := text[:len(text)-1] + string(letter); changed != text {
			_, err := c.Read(request(changed))
			refused(t, changed, err, fault.CodeBadStreamPosition)
		}
	}
}

func TestCodec_foreign(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	text := write(t, c, full())
	for name, test := range map[string]struct {
		codec *position.Codec
		r     position.Request
	}{
		"another secret":       {newCodec(t, audience, second), request(text)},
		"another subscription": {newCodec(t, "000-bbb-000.mktorest.com", first), request(text)},
		"another operation":    {c, position.Request{Operation: "getMultipleLeads", Query: query, Text: text}},
		"another query":        {c, position.Request{Operation: "getLeadChanges", Query: position.Query("all", "other"), Text: text}},
		"another kind":         {copyCodec(t), request(text)},
		"one of another kind":  {c, request(write(t, copyCodec(t), full()))},
		"a later version":      {c, request("MB2" + text[3:])},
		"no point":             {c, request("MB1")},
		"no payload":           {c, request("MB1..")},
		"made up":              {c, request("made up")},
		"long":                 {c, request("MB1." + strings.Repeat("A", position.MaxText))},
		"no JSON":              {c, request(c.Signed("x"))},
		"a member to come":     {c, request(c.Signed(`{"k":"getLeadChanges","q":"` + query + `","z":1}`))},
		"a negative number":    {c, request(c.Signed(`{"k":"getLeadChanges","q":"` + query + `","g":[{"s":-1}]}`))},
		"nothing in it":        {c, request(c.Signed(`{}`))},
	} {
		_, err := test.codec.Read(test.r)
		refused(t, name, err, fault.CodeBadStreamPosition)
	}
}

func TestCodec_end(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	for operation, field := range map[string]string{"getCustomObjects": "streamPosition is", "getLeadActivity": "startPosition is"} {
		text := write(t, c, position.Position{Operation: operation, Query: query, End: true})
		_, err := c.Read(position.Request{Operation: operation, Query: query, Text: text})
		refused(t, operation, err, fault.CodeStreamAtEnd)
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name the field", err)
		}
		_, err = c.Read(position.Request{Operation: operation, Query: position.Query("other"), Text: text})
		refused(t, operation+" for another request", err, fault.CodeBadStreamPosition)
	}
}

// A secret is changed without ending streams, on instance after instance.
func TestCodec_rotation(t *testing.T) {
	t.Parallel()
	before, during, after := newCodec(t, audience, first), newCodec(t, audience, second, first), newCodec(t, audience, second)
	oldText, newText := write(t, before, full()), write(t, during, full())
	if newText != write(t, after, full()) || newText == oldText {
		t.Error("the first secret does not sign")
	}
	for name, test := range map[string]struct {
		codec *position.Codec
		text  string
		ok    bool
	}{
		"during, old": {during, oldText, true},
		"during, new": {during, newText, true},
		"after, old":  {after, oldText, false},
		"after, new":  {after, newText, true},
		"before, new": {before, newText, false},
		"elsewhere":   {newCodec(t, audience, second), newText, true}, // another instance of the bridge
	} {
		p, err := test.codec.Read(request(test.text))
		if test.ok && (err != nil || !cmp.Equal(p, full())) {
			t.Errorf("%s: %v", name, err)
		}
		if !test.ok {
			refused(t, name, err, fault.CodeBadStreamPosition)
		}
	}
}

// A text of version 1 stays readable by later programs.
func TestCodec_golden(t *testing.T) {
	t.Parallel()
	const text = "MB1." +
		"eyJrIjoiZ2V0TGVhZENoYW5nZXMiLCJxIjoic2ZrVzIyMUZaeVZ5QzBEOCIsImxvIjoxNzkwMDAwMDAwLCJnIjpbeyJwIjoiVE9LRU4iLCJzIjozfV0sIm4iOjN9" +
		".CP0X6zIxqV_H6lAVxe-RJA"
	p, err := newCodec(t, audience, first).Read(request(text))
	want := position.Position{Operation: "getLeadChanges", Query: query, Since: 1_790_000_000, Turn: 3, Streams: []position.Stream{{Token: "TOKEN", Skip: 3}}}
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("%v\n%s\n%s", err, diff, write(t, newCodec(t, audience, first), want))
	}
}

// The longest position that is given out is read back; nothing longer is given out.
func TestCodec_longest(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	p := position.Position{Operation: "getLeadChanges", Query: query, Export: &position.Export{ID: "export"}}
	var longest string
	for n := position.MaxText*3/4 - 120; ; n++ {
		p.Token = strings.Repeat("x", n)
		text, err := c.Write(p)
		if err != nil {
			break
		}
		longest = text
	}
	if len(longest) < position.MaxText-1 || len(longest) > position.MaxText { // base64 skips some lengths
		t.Errorf("the longest has %d bytes", len(longest))
	}
	if _, err := c.Read(request(longest)); err != nil {
		t.Error(err)
	}
}

func TestCodec_Write_refuses(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	for _, test := range []struct {
		change func(p *position.Position)
		want   string
	}{
		{func(p *position.Position) { p.Operation = "" }, "no operation"},
		{func(p *position.Position) { p.Query = "" }, "no query"},
		{func(p *position.Position) { p.Old = true }, "SOAP service"},
		{func(p *position.Position) { p.Given = -1 }, "negative"},
		{func(p *position.Position) { p.Turn = -1 }, "negative"},
		{func(p *position.Position) { p.Remaining = -1 }, "negative"},
		{func(p *position.Position) { p.Streams[0].Skip = -1 }, "negative"},
		{func(p *position.Position) { p.Offset = -1 }, "negative"},
		{func(p *position.Position) { p.Export.Offset = -1 }, "negative"},
		{func(p *position.Position) { p.Streams[0].Token = strings.Repeat("x", position.MaxText) }, "can be 262144 at most"},
	} {
		p := full()
		test.change(&p)
		if text, err := c.Write(p); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40s, %v, want %s", text, err, test.want)
		}
	}
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]auth.Secret{
		nil, {{}}, {auth.NewSecret(first), auth.NewSecret("")}, {auth.NewSecret(auth.Redacted)},
	} {
		if c, err := position.New(position.Bridge, audience, secrets...); err == nil || strings.Contains(err.Error(), first) {
			t.Errorf("%v, %v", c, err)
		}
	}
	if _, err := position.New(position.Bridge, audience, auth.NewSecret(first), auth.NewSecret("")); err == nil || !strings.Contains(err.Error(), "secret 2 of 2") {
		t.Errorf("%v", err)
	}
}

// No way of printing shows a key or what it was made of.
func TestCodec_showsNothing(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "codec", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "codec", c)
	printed := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed += fmt.Sprintf(verb+"\n"+verb+"\n", c, *c)
	}
	if strings.Count(printed, "position.Codec(1 keys)") != 15 || strings.Contains(printed, first) {
		t.Error(printed)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"a", "b"}, {"ab"}, {"a", "b", ""}, {"b", "a"}} {
		q := position.Query(parts...)
		if other, taken := seen[q]; taken || len(q) != 16 {
			t.Errorf("%q has %s, as %s", parts, q, other)
		}
		seen[q] = fmt.Sprintf("%q", parts)
	}
}

func date(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestRead_old(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	oldest, latest, activity := date("2015-09-01T00:00:00-05:00"), date("2015-09-04T18:07:16-05:00"), date("2015-09-02T00:00:00Z")
	const leads = "id:1089965:to:1392234668:tl:1392321068:os:2:rc:24"
	objects := base64.StdEncoding.EncodeToString(make([]byte, 4_400))
	for _, test := range []struct {
		name         string
		r            position.Request
		since, until int64 // 0 and 0: 20122
		code         fault.Code
	}{
		{"changes", position.Request{Operation: "getLeadChanges", Text: "ID:1086173", Oldest: oldest}, oldest.Unix(), 0, 0},
		{"changes, both bounds", position.Request{Operation: "getLeadChanges", Text: " ID:1086173\n", Oldest: oldest, Latest: latest}, oldest.Unix(), latest.Unix(), 0},
		{"changes, time of the activity", position.Request{Operation: "getLeadChanges", Text: "ID:1086173", Activity: activity}, activity.Unix(), 0, 0},
		{"changes, the oldest comes first", position.Request{Operation: "getLeadChanges", Text: "ID:1086173", Oldest: oldest, Activity: activity}, oldest.Unix(), 0, 0},
		{"changes, of the simulator", position.Request{Operation: "getLeadChanges", Text: "ID:7:2:1441904400:i8x3c:-:b-0123456789abcdef", Oldest: oldest}, oldest.Unix(), 0, 0},
		{"changes, only an upper bound", position.Request{Operation: "getLeadChanges", Text: "ID:1086173", Latest: latest}, 0, 0, fault.CodeBadStreamPosition},
		{"changes, no date", position.Request{Operation: "getLeadChanges", Text: "ID:1086173"}, 0, 0, fault.CodeBadStreamPosition},
		{"changes, made up", position.Request{Operation: "getLeadChanges", Text: "ID:made up", Oldest: oldest}, 0, 0, fault.CodeBadStreamPosition},
		{"changes, before there were any", position.Request{Operation: "getLeadChanges", Text: "ID:1", Oldest: date("1901-01-01T00:00:00Z")}, 0, 0, fault.CodeBadStreamPosition},
		{"history", position.Request{Operation: "getLeadActivity", Text: "ID:1086173", Oldest: oldest, Latest: latest}, oldest.Unix(), latest.Unix(), 0},
		{"history, only an upper bound", position.Request{Operation: "getLeadActivity", Text: "ID:1086173", Latest: latest}, 0, 0, fault.CodeBadStreamPosition},
		{"history, no date", position.Request{Operation: "getLeadActivity", Text: "ID:1086173"}, 0, 0, fault.CodeBadStreamPosition},
		{"history, its end", position.Request{Operation: "getLeadActivity", Text: "1"}, 0, 0, fault.CodeStreamAtEnd},
		{"history, its end with dates", position.Request{Operation: "getLeadActivity", Text: "1", Oldest: oldest}, 0, 0, fault.CodeStreamAtEnd},
		{"changes, a number with a date", position.Request{Operation: "getLeadChanges", Text: "1", Oldest: oldest}, oldest.Unix(), 0, 0},
		{"changes, a number", position.Request{Operation: "getLeadChanges", Text: "1"}, 0, 0, fault.CodeBadStreamPosition},
		{"leads", position.Request{Operation: "getMultipleLeads", Text: leads}, 1392234668, 1392321068, 0},
		{"leads, of the simulator", position.Request{Operation: "getMultipleLeads", Text: leads + ":pg:1:ck:0a1b"}, 1392234668, 1392321068, 0},
		{"leads without a range", position.Request{Operation: "getMultipleLeads", Text: "id:7:to:0:tl:0:os:2:rc:24"}, 0, 0, fault.CodeBadStreamPosition},
		{"leads, a range without a beginning", position.Request{Operation: "getMultipleLeads", Text: "id:7:to:0:tl:5:os:2:rc:24"}, 0, 0, fault.CodeBadStreamPosition},
		{"leads with a long number", position.Request{Operation: "getMultipleLeads", Text: "id:7:to:999999999999:tl:0:os:2:rc:24"}, 0, 0, fault.CodeBadStreamPosition},
		{"leads, in the form of changes", position.Request{Operation: "getMultipleLeads", Text: "ID:7", Oldest: oldest}, 0, 0, fault.CodeBadStreamPosition},
		{"changes, in the form of leads", position.Request{Operation: "getLeadChanges", Text: leads, Oldest: oldest}, 0, 0, fault.CodeBadStreamPosition},
		{"custom objects", position.Request{Operation: "getCustomObjects", Text: `{"ky":["1090177"],"os":6}`}, 0, 0, fault.CodeBadStreamPosition},
		{"objects", position.Request{Operation: "getMObjects", Text: objects}, 0, 0, fault.CodeBadStreamPosition},
	} {
		test.r.Query = query
		p, err := c.Read(test.r)
		if test.code != 0 {
			refused(t, test.name, err, test.code)
			continue
		}
		want := position.Position{Operation: test.r.Operation, Query: query, Since: test.since, Until: test.until, Old: true}
		if diff := cmp.Diff(want, p); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", test.name, err, diff)
		}
	}
}

// Dates beside a position of the bridge change nothing: it holds its own.
func TestRead_ownDates(t *testing.T) {
	t.Parallel()
	c := newCodec(t, audience, first)
	r := request(write(t, c, full()))
	r.Oldest = date("2015-09-01T00:00:00-05:00")
	p, err := c.Read(r)
	if diff := cmp.Diff(full(), p); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func FuzzRead(f *testing.F) {
	c := newCodec(f, audience, first)
	for _, operation := range []string{"getLeadChanges", "getLeadActivity", "getMultipleLeads", "getMObjects"} {
		for _, text := range []string{write(f, c, full()), "MB1.", "MB1..", "MB9.x", "ID:7", "1", "id:7:to:1:tl:2:os:3:rc:4", "", "\n"} {
			f.Add(operation, text, int64(1_441_904_400))
		}
	}
	f.Fuzz(func(t *testing.T, operation, text string, oldest int64) {
		r := position.Request{Operation: operation, Query: query, Text: text, Oldest: time.Unix(oldest, 0)}
		p, err := c.Read(r)
		if err != nil {
			if !errors.Is(err, fault.CodeBadStreamPosition) && !errors.Is(err, fault.CodeStreamAtEnd) || len(err.Error()) > 500 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if !p.Old && strings.TrimSpace(text) != "" {
			if again, err := c.Write(p); err != nil || again != strings.TrimSpace(text) {
				t.Errorf("%q is written as %q (%v)", text, again, err)
			}
		}
	})
}

func FuzzWrite(f *testing.F) {
	f.Add("TOKEN", int64(1), 2, int64(3), "guid", true)
	f.Fuzz(func(t *testing.T, token string, since int64, skip int, offset int64, guid string, done bool) {
		c := newCodec(t, audience, first)
		p := position.Position{
			Operation: "getLeadChanges", Query: query, Since: since, Offset: offset,
			Streams: []position.Stream{{Token: strings.ToValidUTF8(token, ""), Skip: skip, At: since, Seen: []string{position.Digest(guid)}, Done: done}},
		}
		text, err := c.Write(p)
		if err != nil {
			return
		}
		got, err := c.Read(request(text))
		if diff := cmp.Diff(p, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}
