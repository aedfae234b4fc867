package console

import (
	"runtime/debug"
	"testing"
)

func TestBuildOf(t *testing.T) {
	t.Parallel()
	const revision = "0123456789abcdef0123456789abcdef01234567"
	stamped := []debug.BuildSetting{
		{Key: "vcs.revision", Value: revision}, {Key: "vcs.time", Value: "2026-11-29T01:02:03Z"}, {Key: "vcs.modified", Value: "true"},
	}
	for name, c := range map[string]struct {
		version    string // of the module
		settings   []debug.BuildSetting
		linked     [3]string
		want       string
		wantCommit string
	}{
		"nothing is known":       {want: "(devel)"},
		"test":                   {version: "(devel)", want: "(devel)"},
		"from a working copy":    {version: "(devel)", settings: stamped, want: "(devel) (0123456789ab, 2026-11-29, modified)", wantCommit: revision},
		"a tag":                  {version: "v1.2.3", want: "v1.2.3"},
		"go install of a branch": {version: "v0.0.0-20261129010203-0123456789ab", want: "v0.0.0-20261129010203-0123456789ab (0123456789ab, 2026-11-29)", wantCommit: "0123456789ab"},
		"a commit after a tag":   {version: "v1.2.4-0.20261129010203-0123456789ab+dirty", want: "v1.2.4-0.20261129010203-0123456789ab+dirty (0123456789ab, 2026-11-29)", wantCommit: "0123456789ab"},
		"told by the linker": {
			version: "(devel)", linked: [3]string{"v1.2.3", revision, "2026-11-28T23:30:00-05:00"},
			want: "v1.2.3 (0123456789ab, 2026-11-29)", wantCommit: revision,
		},
		"told a date that is none": {linked: [3]string{"v1.2.3", "012", "yesterday"}, want: "v1.2.3 (012)", wantCommit: "012"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := &debug.BuildInfo{Settings: c.settings}
			info.Main.Version = c.version
			b := buildOf(info, c.linked[0], c.linked[1], c.linked[2])
			if b.String() != c.want || b.Commit != c.wantCommit {
				t.Errorf("%s of commit %q, want %s of commit %q", b, b.Commit, c.want, c.wantCommit)
			}
		})
	}
}
