package listen

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// TestAnnouncement: both forms say the same, and neither tells a secret that is withheld.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	n := new(Announcement)
	n.Listening("serve", "http://127.0.0.1:1/soap", " (contract: ?WSDL)")
	n.Export("USER", "it's me")
	n.Secret("KEY", "placeholder", "")
	n.Secret("OTHER", "placeholder", "the one of this server's environment")
	n.Admin("http://127.0.0.1:2/")
	for form, want := range map[string]string{
		output.Shell: "# mktows serve: listening on http://127.0.0.1:1/soap (contract: ?WSDL)\nexport USER='it'\\''s me'\nexport KEY=placeholder\n" +
			"# OTHER is the one of this server's environment\n# administration: http://127.0.0.1:2/\n",
		output.JSON: `{"listening":["http://127.0.0.1:1/soap"],"admin":"http://127.0.0.1:2/",` +
			`"environment":{"KEY":"placeholder","USER":"it's me"},"withheld":["OTHER"]}` + "\n",
	} {
		var b strings.Builder
		if err := n.Write(&b, form); err != nil || b.String() != want {
			t.Errorf("%s: %v, %s, want %s", form, err, &b, want)
		}
	}
}
