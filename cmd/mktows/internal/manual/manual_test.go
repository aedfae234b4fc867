package manual

import (
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// tree is a command line with all that a page can have in it.
func tree() *cobra.Command {
	run := func(*cobra.Command, []string) {}
	root := &cobra.Command{Use: "tool", Short: "Does things", Long: "Does things with *stars* and <KEY>s, a_b_c:\n\n  one   laid out\n  two   by hand\n\nAnd on."}
	sub := &cobra.Command{Use: "sub KEY", Short: "Does one", Run: run}
	sub.Flags().StringP("output", "o", "table", "`FORM` of the output")
	root.AddCommand(sub, &cobra.Command{Use: "hidden", Hidden: true, Run: run}, &cobra.Command{Use: "codes", Short: "What codes mean", Long: "  0  all is well"})
	return root
}

func TestWrite(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1795917723")
	var all [2]map[string]string
	for i := range all {
		share := t.TempDir()
		if err := Write(tree(), share); err != nil {
			t.Fatal(err)
		}
		all[i] = read(t, share)
	}
	names := []string{}
	for name, text := range all[0] {
		names = append(names, name)
		if text != all[1][name] {
			t.Errorf("%s is not the same a second time", name)
		}
	}
	slices.Sort(names)
	want := []string{
		"bash-completion/completions/tool", "fish/vendor_completions.d/tool.fish", "man/man1/tool-completion-bash.1", "man/man1/tool-completion-fish.1",
		"man/man1/tool-completion-powershell.1", "man/man1/tool-completion-zsh.1", "man/man1/tool-completion.1", "man/man1/tool-sub.1",
		"man/man1/tool.1", "man/man7/tool-codes.7", "tool/completion.ps1", "zsh/site-functions/_tool",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the files are %q", names)
	}
	for name, wants := range map[string][]string{
		"man/man1/tool.1":       {`.TH "TOOL" "1" "Nov 2026" "tool" "tool manual"`, "*stars* and <KEY>s, a_b_c:", "\none   laid out\ntwo   by hand\n", "\nAnd on."},
		"man/man1/tool-sub.1":   {`\fB-o\fP, \fB--output\fP="table"`},
		"man/man7/tool-codes.7": {`"7"`, "\n0  all is well\n"},
	} {
		for _, w := range wants {
			if !strings.Contains(all[0][name], w) {
				t.Errorf("%s lacks %q:\n%s", name, w, all[0][name])
			}
		}
	}
}

// read returns the files below a folder, unpacked, by their paths.
func read(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // only read
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		var in io.Reader = file
		if page, packed := strings.CutSuffix(name, ".gz"); packed {
			if in, err = gzip.NewReader(file); err != nil {
				return err
			}
			name = page
		}
		text, err := io.ReadAll(in)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
