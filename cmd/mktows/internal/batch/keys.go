package batch

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// KeyFlags are the flags of commands that take the keys of leads: as arguments, or with --from from a file.
type KeyFlags struct{ From string }

// Bind adds the flag --from.
func (f *KeyFlags) Bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.From, "from", "", "read keys from `FILE`, or from standard input if it is -")
	settings.FileValue(fs, "from")
}

// Check parses the arguments that are keys. Keys come either from the command line or from a file, never from both:
// the report names records by their line or by their argument, and could not do so for a mixture.
func (f *KeyFlags) Check(args []string) ([]operations.LeadKey, error) {
	switch {
	case len(args) == 0 && f.From == "":
		return nil, exit.Usagef("name one lead or more, or give --from FILE")
	case len(args) > 0 && f.From != "":
		return nil, exit.Usagef("give leads as arguments or with --from, not both")
	}
	return settings.ParseKeys("KEY", args)
}

// Keyed adds one record for each key to b: the keys given as arguments, or those in the file of --from. It also sets
// how the report names the records. On an error in the file, b has the keys that could be read, and must not be sent.
func (f *KeyFlags) Keyed(ctx context.Context, a *console.Console, b *Batches[operations.LeadKey], given []operations.LeadKey) error {
	if f.From == "" {
		b.Name, b.Unit = "leads", "KEY"
		for _, key := range given {
			b.Add(key, 0, key.String())
		}
		return nil
	}
	text, err := records.ReadInput(ctx, a.Stdin, f.From)
	if err != nil {
		return err
	}
	b.Name = records.Name(f.From)
	keys, err := records.ReadKeys(text, b.Name)
	for _, k := range keys {
		b.Add(k.Key, k.Line, k.Key.String())
	}
	return err
}
