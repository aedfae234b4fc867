package auth_test

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
)

func TestCredentials_Validate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		user, key, id string
		want          []string // parts of the error; none: valid
	}{
		{name: "valid", user: "example_user", key: "example-key"},
		{name: "valid with partner", user: "example_user", key: "example-key", id: "Example_Partner_09"},
		{name: "space inside", user: "example user", key: "example key"},
		{name: "not only ASCII", user: "utilisateur_é", key: "clé-d’exemple"},
		{name: "zero", want: []string{"user id is empty", "secret key is empty"}},
		{name: "no user", key: "example-key", want: []string{"user id is empty"}},
		{name: "no key", user: "example_user", want: []string{"secret key is empty"}},
		{name: "line break after key", user: "example_user", key: "example-key\n", want: []string{"secret key starts or ends"}},
		{name: "blank before user", user: " example_user", key: "example-key", want: []string{"user id starts or ends"}},
		{name: "no-break space after key", user: "example_user", key: "example-key\u00a0", want: []string{"secret key starts or ends"}},
		{name: "tab inside key", user: "example_user", key: "example\tkey", want: []string{"secret key has a control or invisible character at byte 7"}},
		{name: "NUL inside user", user: "example\x00user", key: "example-key", want: []string{"user id has a control"}},
		{name: "byte order mark", user: "example_user", key: "\ufeffexample-key", want: []string{"secret key has a control or invisible character at byte 0"}},
		{name: "zero width space", user: "example_user\u200b", key: "example-key", want: []string{"user id has a control or invisible character at byte 12"}},
		{name: "not UTF-8", user: "example_user", key: "cl\xe9", want: []string{"secret key is not UTF-8"}},
		{name: "placeholder", user: "example_user", key: "[redacted]", want: []string{"placeholder"}},
		{name: "partner with hyphen", user: "example_user", key: "example-key", id: "example-partner", want: []string{"partner id has a wrong character at byte 7"}},
		{name: "partner not ASCII", user: "example_user", key: "example-key", id: "é", want: []string{"partner id"}},
		{name: "all at once", user: "\n", key: "\t", id: " ", want: []string{"user id", "secret key", "partner id"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			creds := auth.Credentials{UserID: tt.user, Key: auth.NewSecret(tt.key), PartnerID: tt.id}
			requireErrorParts(t, creds.Validate(), tt.want)
			signer, err := auth.NewSigner(creds)
			requireErrorParts(t, err, tt.want)
			if (signer == nil) != (err != nil) {
				t.Errorf("NewSigner returned %v and %v", signer, err)
			}
		})
	}
}

func requireErrorParts(t *testing.T, err error, want []string) {
	t.Helper()
	if err == nil && len(want) > 0 {
		t.Fatalf("no error, want %q", want)
	}
	if err != nil && len(want) == 0 {
		t.Fatalf("error %v, want none", err)
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %q", err, part)
		}
	}
	if err != nil && len(want) != strings.Count(err.Error(), "\n")+1 {
		t.Errorf("error %q has another number of lines than %q", err, want)
	}
}

func TestCredentials_ValidateShowsNoKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{keyText + "\n", " " + keyText, keyText + "\x00", keyText + "\xff", "\ufeff" + keyText} {
		err := auth.Credentials{UserID: "example_user", Key: auth.NewSecret(key)}.Validate()
		if err == nil {
			t.Fatalf("%q is valid", key)
		}
		requireHidden(t, err.Error(), keyText)
	}
}
