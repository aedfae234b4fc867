package deploytest

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var dist = flag.String("deploy.dist", "", "the folder of what make dist has built; default: it is not tested")

const (
	goreleaser = deploy + "../.goreleaser.yaml"
	// largest is how large a program may be; deploy/README.md says what takes the space.
	largest = 48_000_000
)

var platforms = []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"}

// What GoReleaser is told names what there is: platforms, variables that the linker sets, targets of the Makefile.
func TestReleaseConfiguration(t *testing.T) {
	t.Parallel()
	text := readFile(t, goreleaser)
	var c struct {
		Builds []struct {
			Goos, Goarch, Ldflags []string
			Hooks                 struct{ Post []string }
		}
		Before struct{ Hooks []string }
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	var built, hooks []string
	hooks = append(hooks, c.Before.Hooks...)
	for _, b := range c.Builds {
		hooks = append(hooks, b.Hooks.Post...)
		for _, system := range b.Goos {
			for _, arch := range b.Goarch {
				built = append(built, system+"_"+arch)
			}
		}
	}
	if slices.Sort(built); !slices.Equal(built, platforms) {
		t.Errorf("it builds for %q", built)
	}
	makefile := readFile(t, deploy+"../Makefile")
	for _, m := range regexp.MustCompile(`make ((?:[a-z-]+ ?)+)`).FindAllStringSubmatch(strings.Join(hooks, "\n"), -1) {
		for _, target := range strings.Fields(m[1]) {
			if !regexp.MustCompile(`(?m)^` + target + `:`).Match(makefile) {
				t.Errorf("the Makefile has no %s, which %q wants", target, m[0])
			}
		}
	}
	set := regexp.MustCompile(`-X github\.com/mktows/mktows-go/(\S+)\.(\w+)=`).FindAllSubmatch(text, -1)
	if len(set) != 1 {
		t.Errorf("the linker sets %d variables, want the version", len(set))
	}
	for _, m := range set {
		source := readFile(t, filepath.Join(deploy, "..", string(m[1]), "version.go"))
		if !regexp.MustCompile(`(?m)^\t` + string(m[2]) + ` +string\b`).Match(source) {
			t.Errorf("%s has no variable %s, so that the linker sets nothing", m[1], m[2])
		}
	}
}

// builtBy returns the only file of what make dist has built by this pattern.
func builtBy(t *testing.T, pattern string) string {
	t.Helper()
	if *dist == "" {
		t.Skip("make dist builds it")
	}
	found, err := filepath.Glob(filepath.Join(*dist, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s in %s: %q, %v", pattern, *dist, found, err)
	}
	return found[0]
}

// Each archive has its sum, the program for its platform, which is not too large, and the man pages and completions.
func TestDist_archives(t *testing.T) {
	t.Parallel()
	sums := string(readFile(t, builtBy(t, "SHA256SUMS")))
	if n := strings.Count(sums, "\n"); n != 18 {
		t.Errorf("there are %d sums, want those of 6 archives, 6 lists of what is linked, 4 packages and 2 images:\n%s", n, sums)
	}
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			program, ending := "mktows", ".tar.gz"
			if strings.HasPrefix(platform, "windows") {
				program, ending = "mktows.exe", ".zip"
			}
			archive := builtBy(t, "mktows_*_"+platform+ending)
			sum := sha256.Sum256(readFile(t, archive))
			if want := hex.EncodeToString(sum[:]) + "  " + filepath.Base(archive) + "\n"; !strings.Contains(sums, want) {
				t.Errorf("there is no sum %q", want)
			}
			files := packed(t, archive)
			for _, name := range []string{program, "LICENSE", "share/man/man1/mktows.1.gz", "share/man/man7/mktows-exit-codes.7.gz", "share/bash-completion/completions/mktows", "share/mktows/completion.ps1"} {
				if files[name] == 0 {
					t.Errorf("it has no %s: %q", name, slices.Sorted(maps.Keys(files)))
				}
			}
			if files[program] > largest {
				t.Errorf("the program has %d bytes, more than %d", files[program], largest)
			}
			t.Logf("%d bytes", files[program])
		})
	}
}

// packed returns the sizes of the files of an archive.
func packed(t *testing.T, archive string) map[string]int64 {
	t.Helper()
	files := make(map[string]int64)
	if strings.HasSuffix(archive, ".zip") {
		in, err := zip.OpenReader(archive)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close() //nolint:errcheck // only read
		for _, f := range in.File {
			files[f.Name] = f.FileInfo().Size()
		}
		return files
	}
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(plain); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = h.Size
	}
}

// The list of what is linked names what the program itself says that it has.
func TestDist_bill(t *testing.T) {
	t.Parallel()
	for _, platform := range platforms {
		var bill struct {
			BOMFormat  string
			Components []struct{ Name, Version string }
		}
		if err := json.Unmarshal(readFile(t, builtBy(t, "mktows_*_"+platform+".cdx.json")), &bill); err != nil {
			t.Fatal(err)
		}
		listed := make(map[string]bool)
		for _, c := range bill.Components {
			listed[c.Name+" "+c.Version] = true
		}
		info, err := buildinfo.ReadFile(program(t, platform))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range info.Deps {
			if !listed[m.Path+" "+m.Version] {
				t.Errorf("%s: %s %s is linked and not listed", platform, m.Path, m.Version)
			}
		}
		if bill.BOMFormat != "CycloneDX" || len(info.Deps) == 0 {
			t.Errorf("%s: %q, and %d modules are linked", platform, bill.BOMFormat, len(info.Deps))
		}
	}
}

// program returns the path of the program for a platform.
func program(t *testing.T, platform string) string {
	t.Helper()
	name := "mktows"
	if strings.HasPrefix(platform, "windows") {
		name = "mktows.exe"
	}
	return builtBy(t, "mktows_"+platform+"_v*/"+name)
}

// The program for this platform runs, and tells its version, commit and date.
func TestDist_runs(t *testing.T) {
	t.Parallel()
	mktows := program(t, runtime.GOOS+"_"+runtime.GOARCH)
	out, err := exec.Command(mktows, "version", "-o", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Version, Commit, Date, Platform string }
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(told.Version, "v") || len(told.Commit) != 40 || told.Date == "" || told.Platform != runtime.GOOS+"/"+runtime.GOARCH {
		t.Errorf("it tells %s", out)
	}
	if out, err := exec.Command(mktows, "activity", "318815", "--demo").Output(); err != nil || strings.Count(string(out), "\n") < 3 {
		t.Errorf("%v:\n%s", err, out)
	}
}

// The cask for Homebrew names the archives that there are, with their sums.
func TestDist_cask(t *testing.T) {
	t.Parallel()
	cask, sums := string(readFile(t, builtBy(t, "homebrew/Casks/mktows.rb"))), string(readFile(t, builtBy(t, "SHA256SUMS")))
	named := regexp.MustCompile(`sha256 "([0-9a-f]{64})"`).FindAllStringSubmatch(cask, -1)
	if len(named) != 4 {
		t.Errorf("it names %d archives, want those of macOS and Linux:\n%s", len(named), cask)
	}
	for _, m := range named {
		if !strings.Contains(sums, m[1]) {
			t.Errorf("no archive has the sum %s", m[1])
		}
	}
}
