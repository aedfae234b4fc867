package console

import (
	"cmp"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// What a build says of itself by -ldflags "-X …": those of a release say the version, which is that of the tag, and those from an
// archive without its history may say all of it. All are empty in others, where the go command notes what it knows.
var (
	version string // as v1.2.3
	commit  string // of 40 digits
	date    string // RFC 3339
)

// Build says what the program was built from. What nobody knows is empty.
type Build struct {
	Version  string    `json:"version"` // of the module, or (devel)
	Commit   string    `json:"commit"`
	Date     time.Time `json:"date,omitzero"` // of the commit, UTC
	Modified bool      `json:"modified"`      // there were changes that the commit does not have
	Go       string    `json:"go"`
	Platform string    `json:"platform"` // as linux/amd64
}

// pseudo takes the time and the commit out of the version that the go command gives a commit without a tag
// (https://go.dev/ref/mod#pseudo-versions).
var pseudo = regexp.MustCompile(`[-.](\d{14})-([0-9a-f]{12})(?:\+|$)`)

// ThisBuild returns what this program was built from: what it was told when it was linked, else what the go command has noted of
// the repository, else what the version of the module tells.
func ThisBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info, version, commit, date)
}

func buildOf(info *debug.BuildInfo, version, commit, date string) Build {
	noted := make(map[string]string)
	for _, s := range info.Settings {
		noted[s.Key] = s.Value
	}
	b := Build{
		Version: cmp.Or(version, info.Main.Version, "(devel)"), Commit: cmp.Or(commit, noted["vcs.revision"]),
		Modified: noted["vcs.modified"] == "true", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	b.Date, _ = time.Parse(time.RFC3339, cmp.Or(date, noted["vcs.time"])) // one that is no time is as good as none
	if m := pseudo.FindStringSubmatch(b.Version); m != nil && b.Commit == "" {
		b.Commit = m[2]
		b.Date, _ = time.Parse("20060102150405", m[1])
	}
	b.Date = b.Date.UTC()
	return b
}

// String returns the version, and the commit and its date where they are known: "v1.2.3 (0123456789ab, 2026-11-29)".
func (b Build) String() string {
	if b.Commit == "" {
		return b.Version
	}
	about := b.Commit[:min(12, len(b.Commit))]
	if !b.Date.IsZero() {
		about += ", " + b.Date.Format(time.DateOnly)
	}
	if b.Modified {
		about += ", modified"
	}
	return b.Version + " (" + about + ")"
}

// Version returns the version of the module that the program was built from, or "(devel)" if the build does not say.
func Version() string { return ThisBuild().Version }

// UserAgent returns the value of the User-Agent header. A product token (RFC 9110, 10.1.5) has no parentheses, so
// those of "(devel)" are removed.
func UserAgent() string { return "mktows/" + strings.Trim(Version(), "()") }
