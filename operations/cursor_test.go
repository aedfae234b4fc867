package operations_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// positions are the kinds of position that a service gives.
func positions() map[string]*gen.StreamPosition {
	const at = gen.DateTime("2013-07-31T21:33:59-05:00")
	return map[string]*gen.StreamPosition{
		"offset only":   {Offset: gen.Some("ID:1024814")},
		"nil beside it": {LatestCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some("1")},
		"all present": {
			LatestCreatedAt: gen.Some(at), OldestCreatedAt: gen.Some(at + "1"),
			ActivityCreatedAt: gen.Some(at + "2"), Offset: gen.Some("x"),
		},
		"times without offset": {OldestCreatedAt: gen.Some(at), Offset: gen.NilOf[string]()},
		"empty offset":         {ActivityCreatedAt: gen.Some(at), Offset: gen.Some("")},
		"long":                 {Offset: gen.Some(strings.Repeat("0123456789", 600))},
		"any bytes":            {Offset: gen.Some("\x00\xff\n{\"ky\":[\"1090177\"],\"os\":6} é")},
	}
}

func TestCursor_text(t *testing.T) {
	t.Parallel()
	for name, pos := range positions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, mark := range []string{"", "m", "1a2b3c4d", strings.Repeat("m", 300)} {
				c := operations.NewCursor("getLeadActivity", 42, pos).WithMark(mark)
				roundTrip(t, c)
				if want := map[bool]string{true: "c1.", false: "c2."}[mark == ""]; !strings.HasPrefix(c.String(), want) {
					t.Errorf("mark %q: %q is not of the form %s", mark, c, want)
				}
			}
		})
	}
}

func roundTrip(t *testing.T, c operations.Cursor) {
	t.Helper()
	text := c.String()
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
		t.Errorf("%q is not safe in a URL", text)
	}
	for _, s := range []string{text, " " + text + "\n"} {
		if back, err := operations.ParseCursor(s); err != nil || back != c {
			t.Errorf("ParseCursor(%q) = %#v, %v, want %#v", s, back, err, c)
		}
	}
}

// Which elements were nil and which absent is part of the place: it goes back whole.
func TestCursor_keepsNilAndAbsentApart(t *testing.T) {
	t.Parallel()
	seen := map[operations.Cursor]string{}
	texts := map[string]string{}
	for _, latest := range []gen.Opt[gen.DateTime]{{}, gen.NilOf[gen.DateTime](), gen.Some(gen.DateTime("2013-07-31T21:33:59-05:00"))} {
		for _, offset := range []gen.Opt[string]{gen.Some("1"), gen.Some("")} {
			c := operations.NewCursor("op", 1, &gen.StreamPosition{
				LatestCreatedAt: latest, OldestCreatedAt: gen.Some(gen.DateTime("2013-01-01T00:00:00Z")), Offset: offset,
			})
			seen[c], texts[c.String()] = c.String(), ""
		}
	}
	if len(seen) != 6 || len(texts) != 6 {
		t.Errorf("%d cursors and %d texts, want 6", len(seen), len(texts))
	}
}

func TestCursor_zero(t *testing.T) {
	t.Parallel()
	for name, pos := range map[string]*gen.StreamPosition{
		"none": nil, "empty": {}, "empty offset": {Offset: gen.Some("")},
		"all nil": {
			LatestCreatedAt: gen.NilOf[gen.DateTime](), OldestCreatedAt: gen.NilOf[gen.DateTime](),
			ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.NilOf[string](),
		},
	} {
		if c := operations.NewCursor("getLeadActivity", 42, pos); !c.IsZero() || c.String() != "" {
			t.Errorf("%s: %q is not the start", name, c)
		}
	}
	for _, text := range []string{"", " \n"} {
		if c, err := operations.ParseCursor(text); err != nil || !c.IsZero() {
			t.Errorf("ParseCursor(%q) = %v, %v", text, c, err)
		}
	}
}

func TestCursor_json(t *testing.T) {
	t.Parallel()
	type state struct {
		Next operations.Cursor
		Done operations.Cursor `json:",omitzero"`
	}
	want := state{Next: operations.NewCursor("getLeadActivity", 42, positions()["all present"])}
	doc, err := json.Marshal(want)
	if err != nil || strings.Contains(string(doc), "Done") {
		t.Fatalf("%s, %v", doc, err)
	}
	got := state{Done: want.Next}
	if err := json.Unmarshal([]byte(`{"Done":""}`), &got); err != nil || !got.Done.IsZero() {
		t.Errorf("an empty text left %q, %v", got.Done, err)
	}
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" { // needs Cursor.Equal
		t.Errorf("-want +got:\n%s", diff)
	}
	if cmp.Equal(want, state{}) || want.Next.Equal(operations.Cursor{}) {
		t.Error("different cursors are equal")
	}
}

func TestCursor_unmarshalErrorChangesNothing(t *testing.T) {
	t.Parallel()
	c := operations.NewCursor("getLeadActivity", 42, positions()["offset only"])
	before := c
	if err := c.UnmarshalText([]byte("c1.x")); !errors.Is(err, operations.ErrCursor) || c != before {
		t.Errorf("error %v, cursor %q", err, c)
	}
}

// The text of a version is for good: programs have saved it.
func TestParseCursor_textOfThePast(t *testing.T) {
	t.Parallel()
	const saved = "c1.D2dldExlYWRBY3Rpdml0eQAAAAAAAAAqAhkyMDEzLTA3LTMxVDIxOjMzOjU5LTA1OjAwAQECCklEOjEwMjQ4MTThcUIP"
	// It does not say whether its page was the last: then 20123 there is an error.
	want := operations.NewCursor("getLeadActivity", 42, &gen.StreamPosition{
		LatestCreatedAt:   gen.Some(gen.DateTime("2013-07-31T21:33:59-05:00")),
		OldestCreatedAt:   gen.NilOf[gen.DateTime](),
		ActivityCreatedAt: gen.NilOf[gen.DateTime](),
		Offset:            gen.Some("ID:1024814"),
	})
	if got, err := operations.ParseCursor(saved); err != nil || got != want {
		t.Errorf("got %#v, %v, want %q", got, err, want)
	}
	const marked = "c2.EGdldE11bHRpcGxlTGVhZHMAAAAAAAAAKggxYTJiM2M0ZAAAAAIEaWQ6Nwqwhp4"
	want = operations.NewCursor("getMultipleLeads", 42, &gen.StreamPosition{Offset: gen.Some("id:7")}).WithMark("1a2b3c4d")
	if got, err := operations.ParseCursor(marked); err != nil || got != want {
		t.Errorf("got %#v, %v, want %q", got, err, want)
	}
}

// Any one character lost, added or changed is noticed, and so is a cut anywhere.
func TestParseCursor_damaged(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"", "1a2b3c4d", "\x00\x00\x00"} {
		anyDamage(t, operations.NewCursor("getLeadActivity", 42, positions()["nil beside it"]).WithMark(mark).String())
	}
}

func anyDamage(t *testing.T, text string) {
	t.Helper()
	for i := range text {
		damaged := []string{text[:i] + text[i+1:], text[:i] + "A" + text[i:], text[i:] + text[:i], text[:i] + "\n" + text[i:]}
		for _, c := range "A129-_.\x00é " {
			damaged = append(damaged, text[:i]+string(c)+text[i+1:])
		}
		if i > 0 {
			damaged = append(damaged, text[:i])
		}
		for _, s := range damaged {
			if strings.TrimSpace(s) == text {
				continue
			}
			wantBadCursor(t, s)
		}
	}
}

func wantBadCursor(t *testing.T, s string) {
	t.Helper()
	c, err := operations.ParseCursor(s)
	if !errors.Is(err, operations.ErrCursor) || !errors.Is(err, fault.ErrInvalid) || !c.IsZero() {
		t.Errorf("ParseCursor(%q) = %#v, %v, want ErrCursor", s, c, err)
	}
}

// sealed gives a body the form and the checksum of a cursor.
func sealed(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	b := append([]byte(body), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	return "c1." + base64.RawURLEncoding.EncodeToString(b)
}

// A checksum alone makes no cursor.
func TestParseCursor_forged(t *testing.T) {
	t.Parallel()
	const hash = "\x00\x00\x00\x00\x00\x00\x00\x2a"
	good := "\x02op" + hash + "\x00\x00\x00\x02\x01x"
	if c, err := operations.ParseCursor(sealed(good)); err != nil || c.IsZero() {
		t.Fatalf("%v, %v", c, err)
	}
	for name, body := range map[string]string{
		"nothing":                 "",
		"no operation":            "\x00" + hash + "\x00\x00\x00\x02\x01x",
		"no position":             "\x02op" + hash + "\x00\x00\x00\x00",
		"nil position":            "\x02op" + hash + "\x01\x01\x01\x01",
		"empty offset":            "\x02op" + hash + "\x00\x00\x00\x02\x00",
		"unknown state":           "\x02op" + hash + "\x03\x00\x00\x02\x01x",
		"unknown state, last":     "\x02op" + hash + "\x02\x01x\x00\x00\x03",
		"more behind":             good + "\x00",
		"more behind the last":    good + "\x01\x01",
		"cut":                     good[:len(good)-1],
		"cut in the hash":         "\x02op\x00",
		"endless length":          "\x02op" + hash + "\x00\x00\x00\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x",
		"length of too many bits": "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01op",
		"long-winded length":      "\x82\x00op" + hash + "\x00\x00\x00\x02\x01x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantBadCursor(t, sealed(body))
		})
	}
}

func TestParseCursor_errorsTellWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"c3.AAAA":    "unusable cursor: the text begins with neither c1. nor c2.",
		"ID:1086173": "begins with neither c1. nor c2.",
		"c2":         "begins with neither c1. nor c2.",
		"c2.AAAA":    "the text is damaged",
		"c2.":        "the text is damaged",
		"c1.AAAA":    "the text is damaged; pass it on as it was given, or start over",
		"c1.":        "the text is damaged",
	} {
		if _, err := operations.ParseCursor(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func TestActivities_cursorOfAnotherOperation(t *testing.T) {
	t.Parallel()
	at := operations.NewCursor("getLeadChanges", 42, positions()["offset only"])
	s := threePages()
	_, err := s.activities().Page(t.Context(), key, at, nil)
	wantArgumentError(t, err, "at", "unusable cursor: it was given by getLeadChanges, and this call is getLeadActivity")
	_, err = read(t, s.activities().Pages(t.Context(), key, &operations.ActivityOptions{Start: at}))
	wantArgumentError(t, err, "ActivityOptions.Start", "given by getLeadChanges")
	wantOffsets(t, s)
}

// A cursor is kept for long and must not keep the document of its page.
func TestCursor_doesNotShareMemory(t *testing.T) {
	t.Parallel()
	document := strings.Repeat("x", 1000)
	pos := &gen.StreamPosition{Offset: gen.Some(document[10:20])}
	c := operations.NewCursor("op", 1, pos)
	if got := c.Offset(); got != pos.Offset.Value || unsafe.StringData(got) == unsafe.StringData(pos.Offset.Value) {
		t.Errorf("offset %q shares its memory", got)
	}
}

// No text makes ParseCursor panic, and one that it takes is the text of its cursor.
func FuzzParseCursor(f *testing.F) {
	for _, pos := range positions() {
		f.Add(operations.NewCursor("getLeadActivity", 42, pos).String())
	}
	f.Add("")
	f.Add("c1.")
	f.Add(sealed("\x02op\x00"))
	f.Fuzz(func(t *testing.T, s string) {
		c, err := operations.ParseCursor(s)
		switch {
		case err != nil && (!errors.Is(err, operations.ErrCursor) || !c.IsZero()):
			t.Errorf("%q: %v, %v", s, c, err)
		case err == nil && c.String() != strings.TrimSpace(s):
			t.Errorf("%q was taken as %q", s, c)
		}
	})
}

// Bodies with a right checksum reach the decoder, which a fuzzer would not find alone.
func FuzzParseCursor_sealed(f *testing.F) {
	f.Add("\x02op\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x01\x00\x02\x01x")
	f.Add("\x02op\x00\x00\x00\x00\x00\x00\x00\x2a\x02\x142013-01-01T00:00:00Z\x01\x00\x00")
	f.Fuzz(func(t *testing.T, body string) {
		text := sealed(body)
		if c, err := operations.ParseCursor(text); err == nil && (c.IsZero() || c.String() != text) {
			t.Errorf("%q was taken as %q", body, c)
		}
	})
}

// Whatever position a service gives comes back from the text.
func FuzzCursor_roundTrip(f *testing.F) {
	f.Add("getLeadActivity", uint64(42), "2013-07-31T21:33:59-05:00", uint8(2), "ID:1", uint8(2))
	f.Add("op", uint64(1<<63), "", uint8(1), "x", uint8(2))
	f.Fuzz(func(t *testing.T, op string, query uint64, at string, atState uint8, offset string, offsetState uint8) {
		if op == "" {
			return
		}
		pos := &gen.StreamPosition{
			OldestCreatedAt: gen.Opt[gen.DateTime]{Value: gen.DateTime(at), State: gen.State(atState % 3)},
			Offset:          gen.Opt[string]{Value: offset, State: gen.State(offsetState % 3)},
		}
		c := operations.NewCursor(op, query, pos)
		if back, err := operations.ParseCursor(c.String()); err != nil || back != c {
			t.Errorf("%#v became %#v, %v", c, back, err)
		}
	})
}

// marked is a port of an instance and user that gives cursors of its own.
type marked struct {
	gen.Port
	mark string
}

func (m marked) CursorMark() string { return m.mark }

// A cursor is taken by the instance and the user that gave it, and by no other; without marks
// nobody can tell.
func TestCursor_belongsToInstanceAndUser(t *testing.T) {
	t.Parallel()
	for _, tt := range pagedCases() {
		t.Run(tt.op, func(t *testing.T) {
			t.Parallel()
			api := func(mark string) (*operations.API, *recorder) {
				r := &recorder{answer: tt.answer([]int64{1}, "p", true)}
				if mark == "" {
					return r.api(), r
				}
				return operations.New(marked{gen.PortFunc(r.call), mark}), r
			}
			for _, given := range []string{"", "a", "b"} {
				giver, _ := api(given)
				page, err := tt.page(t.Context(), giver, 0, operations.Cursor{}, operations.Cursor{})
				if err != nil {
					t.Fatal(err)
				}
				next, err := operations.ParseCursor(page.next.String())
				if err != nil || next != page.next {
					t.Fatalf("%q: %v", page.next, err)
				}
				for _, asked := range []string{"", "a", "b"} {
					taker, r := api(asked)
					_, ofPage := tt.page(t.Context(), taker, 0, next, operations.Cursor{})
					_, ofStart := tt.page(t.Context(), taker, 0, operations.Cursor{}, next)
					foreign := given != "" && asked != "" && given != asked
					for _, err := range []error{ofPage, ofStart} {
						if errors.Is(err, operations.ErrCursor) != foreign || foreign && !strings.Contains(err.Error(), "another instance, or for another user") {
							t.Errorf("given by %q, asked of %q: error %v", given, asked, err)
						}
					}
					if foreign && len(r.asked) != 0 {
						t.Errorf("%d calls with a foreign cursor", len(r.asked))
					}
				}
			}
		})
	}
}
