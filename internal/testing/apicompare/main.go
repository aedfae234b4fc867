// Apicompare compares the exported API with that of an earlier commit, by apidiff, and fails if something that breaks programs is not
// named in CHANGELOG.md below its first heading. "make apidiff" runs it.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "github.com/mktows/mktows-go"

func main() {
	tool := flag.String("tool", "bin/apidiff", "the program apidiff")
	base := flag.String("base", "", "the commit that is compared with; default: the last tag, else the last landing on main")
	flag.Parse()
	if err := run(*tool, *base); err != nil {
		fmt.Fprintln(os.Stderr, "apicompare:", err)
		os.Exit(1)
	}
}

func run(tool, base string) error {
	base, err := resolve(base)
	if err != nil {
		return err
	}
	if base == "" {
		fmt.Println("There is no earlier commit here to compare with.")
		return nil
	}
	before, err := exported(tool, base)
	if err != nil {
		return err
	}
	report, err := output(".", tool, "-m", before, module)
	if err != nil {
		return err
	}
	changes, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return err
	}
	fmt.Printf("Compared with %s:\n%s", base, report)
	if missing := unnamed(breaking(report), section(string(changes))); len(missing) > 0 {
		return fmt.Errorf("this breaks programs, and CHANGELOG.md does not name it:\n  %s", strings.Join(missing, "\n  "))
	}
	return nil
}

// resolve returns the commit that is compared with, or "" if there is none.
func resolve(base string) (string, error) {
	if base == "" {
		base, _ = output(".", "git", "describe", "--tags", "--abbrev=0", "--match", "v*") // none: there is no tag
	}
	for _, branch := range []string{"origin/main", "main"} {
		if base != "" {
			break
		}
		base, _ = output(".", "git", "merge-base", "HEAD", branch)
	}
	if base == "" {
		return "", nil
	}
	commit, err := output(".", "git", "rev-parse", base+"^{commit}")
	if err != nil {
		return "", err
	}
	if head, err := output(".", "git", "rev-parse", "HEAD"); err != nil || head != commit {
		return commit, err
	}
	before, _ := output(".", "git", "rev-parse", "--verify", "--quiet", "HEAD^1") // none: it is the first commit, or the only one that was fetched
	return before, nil
}

// exported returns a file with the exported API of a commit. It is kept outside of the repository, since a commit does not change.
func exported(tool, commit string) (string, error) {
	caches, err := os.UserCacheDir()
	if err != nil {
		caches = os.TempDir()
	}
	kept := filepath.Join(caches, "mktows-go", "api", commit)
	if _, err := os.Stat(kept); err == nil {
		return kept, nil
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil { //nolint:gosec // nothing in it is secret
		return "", err
	}
	tree, err := os.MkdirTemp("", "api")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tree) //nolint:errcheck // temporary
	if _, err := output(".", "git", "worktree", "add", "--detach", tree, commit); err != nil {
		return "", err
	}
	_, err = output(tree, tool, "-m", "-w", kept+".new", module)
	_, removed := output(".", "git", "worktree", "remove", "--force", tree)
	if err := errors.Join(err, removed); err != nil {
		return "", err
	}
	return kept, os.Rename(kept+".new", kept)
}

// output runs a program in a folder and returns what it prints.
func output(folder, name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	command.Dir = folder
	var complaint strings.Builder
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, cmp.Or(strings.TrimSpace(complaint.String()), "it says nothing"))
	}
	return strings.TrimRight(string(out), "\n"), nil
}
