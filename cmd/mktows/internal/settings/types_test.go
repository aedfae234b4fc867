package settings

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
)

// TestHintNames: what looks like a typing error is told, and asked for nonetheless.
func TestHintNames(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	a := &console.Console{Stderr: &told}
	HintNames(a, "--type", []string{"newlaed", "Touch Complete", "Add to Nurture", "visitwebpage", "smartcampaigntest"})
	const want = `mktows: warning: --type: no known type has the name "newlaed"; asking for it as it is; similar: New Lead
mktows: warning: --type: the name of the type SmartCampaignTest in activities is not documented; asking for "SmartCampaignTest"
`
	if told.String() != want {
		t.Errorf("told:\n%swant:\n%s", &told, want)
	}
}
