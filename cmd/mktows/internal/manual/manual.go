// Package manual makes files of the help of a command line, as packages have them: man pages, and completions for the shells.
package manual

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// Write writes a page for each command and topic, and the completions, below a folder as they lie below /usr/share. The
// environment variable SOURCE_DATE_EPOCH is the date of the pages; without one it is now.
func Write(root *cobra.Command, share string) error {
	root.InitDefaultHelpFlag()
	root.InitDefaultCompletionCmd()
	return errors.Join(writePages(root, share), writeCompletions(root, share))
}

// writeCompletions writes each completion to where its shell looks for it.
func writeCompletions(root *cobra.Command, share string) error {
	for path, generate := range map[string]func(*bytes.Buffer) error{
		"bash-completion/completions/" + root.Name():         func(b *bytes.Buffer) error { return root.GenBashCompletionV2(b, true) },
		"zsh/site-functions/_" + root.Name():                 func(b *bytes.Buffer) error { return root.GenZshCompletion(b) },
		"fish/vendor_completions.d/" + root.Name() + ".fish": func(b *bytes.Buffer) error { return root.GenFishCompletion(b, true) },
		root.Name() + "/completion.ps1":                      func(b *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(b) },
	} {
		var text bytes.Buffer
		if err := errors.Join(generate(&text), put(filepath.Join(share, path), text.Bytes())); err != nil {
			return err
		}
	}
	return nil
}

// writePages writes a page for a command and for each below it: section 1 for what can be run, 7 for topics.
func writePages(cmd *cobra.Command, share string) error {
	section := "1"
	if cmd.IsAdditionalHelpTopicCommand() {
		section = "7"
	}
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() || sub.Name() == "help" {
			continue
		}
		if err := writePages(sub, share); err != nil {
			return err
		}
	}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + "." + section + ".gz"
	text, err := page(cmd, section)
	if err != nil {
		return err
	}
	return put(filepath.Join(share, "man", "man"+section, name), packed(text))
}

// page returns a command's page.
func page(cmd *cobra.Command, section string) ([]byte, error) {
	root := cmd.Root()
	cmd.DisableAutoGenTag = true
	cmd.Long = markdown(cmd.Long)
	var text bytes.Buffer
	err := doc.GenMan(cmd, &doc.GenManHeader{Section: section, Source: root.Name(), Manual: root.Name() + " manual"}, &text)
	return text.Bytes(), err
}

// plain takes the meaning of Markdown from its characters.
var plain = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, ">", `\>`, "#", `\#`, "[", `\[`, "]", `\]`)

// markdown makes Markdown, which package doc wants, of a help text: what is set in is laid out by hand and stays as it is.
func markdown(help string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(help) {
		indented := strings.HasPrefix(line, "  ")
		switch {
		case strings.TrimSpace(line) == "":
		case indented != inside:
			b.WriteString("\n")
			inside = indented
		}
		if indented {
			b.WriteString("  " + line)
		} else {
			b.WriteString(plain.Replace(line))
		}
	}
	return b.String()
}

// packed compresses a page, as packages have to.
func packed(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one that there is
	_, _ = w.Write(text)                                  // a Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func put(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // for all to read
		return err
	}
	return os.WriteFile(path, text, 0o644) //nolint:gosec // for all to read
}
