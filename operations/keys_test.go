package operations_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func TestLeadKey_constructors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		got  operations.LeadKey
		want string
	}{
		{operations.LeadID(318815), "IDNUM:318815"},
		{operations.Cookie("id:100-AAA-000&token:x"), "COOKIE:id:100-AAA-000&token:x"},
		{operations.Email("a@b.example"), "EMAIL:a@b.example"},
		{operations.LeadOwnerEmail("o@b.example"), "LEADOWNEREMAIL:o@b.example"},
		{operations.SFDCAccountID("001A"), "SFDCACCOUNTID:001A"},
		{operations.SFDCContactID("003A"), "SFDCCONTACTID:003A"},
		{operations.SFDCLeadID("00QA"), "SFDCLEADID:00QA"},
		{operations.SFDCLeadOwnerID("005A"), "SFDCLEADOWNERID:005A"},
		{operations.SFDCOpportunityID("006A"), "SFDCOPPTYID:006A"},
	}
	var made []operations.KeyType
	for _, tt := range tests {
		if tt.got.String() != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
		if err := tt.got.Validate(); err != nil {
			t.Error(err)
		}
		if back, err := operations.ParseLeadKey(tt.want); back != tt.got || err != nil {
			t.Errorf("ParseLeadKey(%q) = %v, %v", tt.want, back, err)
		}
		made = append(made, tt.got.Type)
	}
	if len(made) != len(operations.KeyTypes()) {
		t.Errorf("constructors make %v, want one for each of %v", made, operations.KeyTypes())
	}
}

// The list is that of the schema, neither more nor less.
func TestKeyTypes_areThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	var got []string
	for _, k := range operations.KeyTypes() {
		got = append(got, string(k))
	}
	if diff := cmp.Diff(schemaValues(t, "LeadKeyRef"), got); diff != "" {
		t.Errorf("-schema +got:\n%s", diff)
	}
	if operations.KeyType("email").Valid() || !operations.KeyEmail.Valid() || gen.LeadKeyRef("").Valid() {
		t.Error("Valid is wrong")
	}
}

func TestLeadKey_validate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key   operations.LeadKey
		field string
		text  string
	}{
		{operations.LeadKey{}, "LeadKey", "is empty"},
		{operations.LeadKey{Type: "PHONE", Value: "1"}, "LeadKey.Type", `"PHONE" is not a key type; the key types are IDNUM, COOKIE, EMAIL,`},
		{operations.LeadKey{Value: "1"}, "LeadKey.Type", `"" is not a key type`},
		{operations.LeadKey{Type: "email", Value: "a@b.example"}, "LeadKey.Type", "not a key type"},
		{operations.Email(""), "LeadKey.Value", "is empty; the type EMAIL needs a value"},
		{operations.Cookie(" \t"), "LeadKey.Value", "is empty"},
		{operations.LeadID(0), "LeadKey.Value", `"0" is not a lead id, which is a number from 1 to 2147483647`},
		{operations.LeadID(-318815), "LeadKey.Value", "not a lead id"},
		{operations.LeadKey{Type: operations.KeyID, Value: "+1"}, "LeadKey.Value", "not a lead id"},
		{operations.LeadKey{Type: operations.KeyID, Value: "a@b.example"}, "LeadKey.Value", "not a lead id"},
		{operations.LeadKey{Type: operations.KeyID, Value: "9223372036854775808"}, "LeadKey.Value", "not a lead id"},
		{operations.LeadID(math.MaxInt32 + 1), "LeadKey.Value", "not a lead id"},
	}
	for _, tt := range tests {
		err := tt.key.Validate()
		var argument *operations.ArgumentError
		if !errors.As(err, &argument) || argument.Field != tt.field || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%q: error %v, want the field %s and %q", tt.key, err, tt.field, tt.text)
		}
	}
	if err := operations.LeadID(math.MaxInt32).Validate(); err != nil {
		t.Error(err)
	}
}

func TestParseLeadKey(t *testing.T) {
	t.Parallel()
	const munchkin = "id:100-AAA-000&token:_mch-b.example-1372890712966-47583"
	tests := []struct {
		text string
		want operations.LeadKey
	}{
		{"318815", operations.LeadID(318815)},
		{" 318815\n", operations.LeadID(318815)},
		{"a@b.example", operations.Email("a@b.example")},
		{"EMAIL:a@b.example", operations.Email("a@b.example")},
		{"email: a@b.example ", operations.Email("a@b.example")},
		{"Email :A@b.example", operations.Email("A@b.example")},
		{"LeadOwnerEmail:o@b.example", operations.LeadOwnerEmail("o@b.example")},
		{"idnum:7", operations.LeadID(7)},
		{"cookie:" + munchkin, operations.Cookie(munchkin)},
		{"SFDCOpptyId:006A:B", operations.SFDCOpportunityID("006A:B")},
		{"sfdcleadid:318815", operations.SFDCLeadID("318815")},
	}
	for _, tt := range tests {
		if got, err := operations.ParseLeadKey(tt.text); err != nil || got != tt.want {
			t.Errorf("ParseLeadKey(%q) = %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestParseLeadKey_errors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", "is empty; name a lead"},
		{"  ", "is empty; name a lead"},
		{"0", `"0" is not a lead id`},
		{"-5", `"-5" is not a lead id`},
		{"99999999999999999999", "not a lead id"},
		{"IDNUM:x", `"x" is not a lead id`},
		{"EMAIL:", "is empty; the type EMAIL needs a value"},
		{"EMAIL: ", "is empty; the type EMAIL needs a value"},
		{"PHONE:555", `"PHONE" is not a key type; the key types are IDNUM, COOKIE,`},
		{":a@b.example", `"" is not a key type`},
		{"somebody", `"somebody" is neither a number nor an address; write TYPE:value`},
		{"id:100-AAA-000&token:_mch-x", "write a cookie as COOKIE:id:"},
	}
	for _, tt := range tests {
		got, err := operations.ParseLeadKey(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || got != (operations.LeadKey{}) {
			t.Errorf("ParseLeadKey(%q) = %v, %v, want an error that says %q", tt.text, got, err, tt.want)
		}
		if !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("error %v does not match fault.ErrInvalid", err)
		}
	}
}

// The hint at cookies is for what looks like one.
func TestParseLeadKey_hint(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"ID:318815", "PHONE:token:1"} {
		if _, err := operations.ParseLeadKey(s); err == nil || strings.Contains(err.Error(), "write a cookie") {
			t.Errorf("ParseLeadKey(%q): %v", s, err)
		}
	}
}

// What is parsed is valid, and its text names the same key.
func FuzzParseLeadKey(f *testing.F) {
	for _, s := range []string{"318815", "a@b.example", "COOKIE:id:1&token:2", "email: x ", "IDNUM:007", ":", "ID:1", "-1", "\xff@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := operations.ParseLeadKey(s)
		if err != nil {
			return
		}
		if err := k.Validate(); err != nil {
			t.Errorf("ParseLeadKey(%q) = %v, which is refused: %v", s, k, err)
		}
		if back, err := operations.ParseLeadKey(k.String()); err != nil || back != k {
			t.Errorf("%q: %v became %v, %v", s, k, back, err)
		}
	})
}
