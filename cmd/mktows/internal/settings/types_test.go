package settings

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
)

// TestHintNames: a name that is not known is told, with what it resembles, and asked for nonetheless.
func TestHintNames(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	a := &console.Console{Stderr: &told}
	HintNames(a, "--type", []string{"newlaed", "Bought a boat", "Add to Nurture", "visitwebpage", "smartcampaigntest"})
	const want = `mktows: warning: --type: no activity type is known by the name "newlaed"; types of your own are taken as they are; did you mean New Lead?
mktows: warning: --type: no activity type is known by the name "Bought a boat"; types of your own are taken as they are
mktows: warning: --type: the name of the type SmartCampaignTest in activities is not documented; asking for "SmartCampaignTest"
`
	if told.String() != want {
		t.Errorf("told:\n%swant:\n%s", &told, want)
	}
}
