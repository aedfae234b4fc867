package cli

import (
	"regexp"
	"slices"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/profiles"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/cmd/mktows/internal/sync"
)

// TestProfiles_members binds what a profile may have to the variables that commands read, both ways: one that package settings renames, or adds
// to its help, has to be in profiles too. Of a secret the file is there, and never the secret.
func TestProfiles_members(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"rest-endpoint": settings.VarRESTEndpoint, "client-id": settings.VarClientID, "client-secret-file": settings.VarClientSecret + "_FILE",
		"rest-names": settings.VarRESTNames, "endpoint": settings.VarEndpoint, "user-id": settings.VarUserID, "secret-key-file": settings.VarSecretKey + "_FILE",
		"partner-id": settings.VarPartnerID, "sync-to": sync.VarSyncTo, "sync-schema": sync.VarSyncSchema,
	}
	known := []string{profiles.VarConfig, settings.VarProfile} // they say which profile
	for _, m := range profiles.Members() {
		if m.Variable != want[m.Name] {
			t.Errorf("%s stands for %s, want %q", m.Name, m.Variable, want[m.Name])
		}
		delete(want, m.Name)
		known = append(known, m.Variable, m.Of())
	}
	if len(want) > 0 {
		t.Errorf("no profile can have %v", want)
	}
	for _, name := range regexp.MustCompile(`MKTOWS_[A-Z_]+`).FindAllString(settings.Help+settings.ProfilesHelp, -1) {
		if !slices.Contains(known, name) {
			t.Errorf("the help names %s, which no profile can have", name)
		}
	}
}
