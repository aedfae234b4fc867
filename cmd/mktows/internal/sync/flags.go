package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
)

// leadChoiceFlags choose the leads whose activity the stream lead-activity copies.
type leadChoiceFlags struct {
	leads, list string
	stored      bool
}

func (f *leadChoiceFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.leads, "leads", "", "lead-activity: of the leads whose keys are in `FILE`, one to a line")
	settings.FileValue(fs, "leads")
	fs.StringVar(&f.list, "list", "", "lead-activity: of the leads on this static `LIST`")
	fs.BoolVar(&f.stored, "stored", false, "lead-activity: of the leads that the copy knows")
}

func (f *leadChoiceFlags) chosen() bool { return f.leads != "" || f.list != "" || f.stored }

// apply sets the choice in a stream. It reads the file of keys, so it must not be called while the command line is
// being checked.
func (f *leadChoiceFlags) apply(ctx context.Context, a *console.Console, s *leadsync.Stream) error {
	s.List, s.StoredLeads = f.list, f.stored
	if f.leads == "" {
		return nil
	}
	text, err := records.ReadInput(ctx, a.Stdin, f.leads)
	if err != nil {
		return err
	}
	keys, err := records.ReadKeys(text, records.Name(f.leads))
	if err != nil {
		return err
	}
	for _, k := range keys {
		s.LeadKeys = append(s.LeadKeys, k.Key.String())
	}
	return nil
}

// limitFlags say how many calls a day may be used, and to which Marketo instance they count.
type limitFlags struct {
	daily, reserve int
	instance       string
}

func (f *limitFlags) bind(fs *pflag.FlagSet) {
	fs.IntVar(&f.daily, "daily-quota", 0, "the service takes `N` calls a day (default: 50000 over REST, 10000 over SOAP)")
	fs.StringVar(&f.instance, "instance", "", "`NAME` of the Marketo instance, if it is not to be known by the endpoint's host; a copy is of one instance")
	fs.IntVar(&f.reserve, "reserve", 0, "leave `N` calls of the day to other programs")
}

// check leaves a --reserve that the default quota is too small for to limits, since the default depends on the API.
func (f *limitFlags) check() error {
	if f.daily < 0 {
		return exit.Usagef("--daily-quota is %d: give a number greater than 0", f.daily)
	}
	if f.reserve < 0 || f.daily > 0 && f.reserve >= f.daily {
		return f.badReserve(f.daily)
	}
	return nil
}

func (f *limitFlags) badReserve(daily int) error {
	of := ""
	if daily > 0 {
		of = fmt.Sprintf(", less than --daily-quota, which is %d", daily)
	}
	return exit.Usagef("--reserve is %d: give a number from 0 on%s", f.reserve, of)
}

// limits returns the limits for the copy: those of the API, with the daily quota of the flags. The simulator of --demo
// is not slowed down; only its quota is kept, so that the output shows one. Of the REST API's limits one program is to
// take half, as all programs that use the instance are counted together (Marketo REST API, integration best practices).
func (f *limitFlags) limits(rest, demo bool) (limits.Limits, error) {
	service := limits.SOAP()
	if rest {
		service = limits.REST()
		service.Calls, service.Concurrent = service.Calls/2, service.Concurrent/2
	}
	l := limits.Limits{Daily: f.daily, Reserve: f.reserve}
	if demo {
		l.Calls, l.Concurrent = limits.None, limits.None
	}
	l = l.Or(service)
	if l.Reserve >= l.Daily {
		return l, f.badReserve(l.Daily)
	}
	return l, nil
}

// syncFlags are the flags of "sync run" and "sync plan". The fields below form are filled by check and streams.
type syncFlags struct {
	settings.RemoteFlags
	targetFlags
	leadChoiceFlags
	limitFlags

	names           []string
	since           string
	types, fields   []string
	addFields       []string // of run only
	lookback        time.Duration
	lookbackTypes   []string
	window          time.Duration
	source          string
	concurrency     int
	every           time.Duration // of run only
	noWait          bool          // likewise
	strict          bool          // likewise
	form            *output.Format
	parsed          []leadsync.Stream
	chose           bool // the choice of leads was read
	parsedSince     time.Time
	parsedLookbacks map[string]time.Duration
}

func (f *syncFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.targetFlags.bind(fs)
	f.bindFormat(fs)
	f.leadChoiceFlags.bind(fs)
	f.limitFlags.bind(fs)
	fs.StringSliceVar(&f.names, "stream", []string{string(leadsync.Activities)}, "copy this `STREAM`: activities, lead-activity or leads; several by commas or by repeating the flag")
	settings.Values(fs, "stream", settings.Words(store.StreamNames())...)
	fs.StringVar(&f.since, "since", "", "from this `TIME` on, such as 2026-01-01, which is midnight UTC, or 2026-01-01T00:00:00-06:00; needed for a new copy")
	fs.StringSliceVar(&f.types, "type", nil, "only activities of this `TYPE`; several by commas or by repeating the flag (default: those that the copy was begun with, or all)")
	settings.TypeValues(fs, "type")
	fs.StringSliceVar(&f.fields, "field", nil, "leads: only this `FIELD`, by its API name; several by commas or by repeating the flag (default: those that the copy was begun with, or all)")
	fs.DurationVar(&f.lookback, "lookback", leadsync.DefaultLookback, "read the last `TIME` again, for what was stored late")
	fs.StringArrayVar(&f.lookbackTypes, "lookback-type", nil, "`TYPE=TIME`: look further back for this type, such as \"Send Email=24h\"; repeat the flag for more")
	fs.DurationVar(&f.window, "window", 0, "read `TIME` at once at most, such as 6h (default: a day, by bulk extract a week, more for years)")
	fs.StringVar(&f.source, "source", bySource(leadsync.Pages), "activities: read by `SOURCE`: pages, or bulk, the bulk extract of the REST API")
	settings.Values(fs, "source", slices.Sorted(maps.Keys(sources))...)
	bindConcurrency(fs, &f.concurrency)
}

// sources are what --source takes.
var sources = map[string]leadsync.Source{"pages": leadsync.Pages, "bulk": leadsync.Bulk}

// bySource is the name of a source.
func bySource(s leadsync.Source) string {
	for name, source := range sources {
		if source == s {
			return name
		}
	}
	return ""
}

// bindConcurrency adds the flag that "sync worker" has too; likewise the functions below.
func bindConcurrency(fs *pflag.FlagSet, n *int) {
	fs.IntVar(n, "concurrency", 4, "read `N` windows at the same time, 1 to 100")
}

func checkConcurrency(n int) error {
	if n < 1 || n > 100 {
		return exit.Usagef("--concurrency is %d: give a number from 1 to 100", n)
	}
	return nil
}

func bindNoWait(fs *pflag.FlagSet, set *bool) {
	fs.BoolVar(set, "no-wait", false, "fail when the calls of the day are used up, instead of waiting for the next day")
}

func bindStrict(fs *pflag.FlagSet, set *bool) {
	fs.BoolVar(set, "strict", false, "let a record that cannot be read hold its stream back, instead of keeping it aside")
}

// check turns what was typed into streams, except for the choice of leads, which may have to be read from a file.
// Every error is a mistake in the command line.
func (f *syncFlags) check() (err error) {
	if f.since != "" {
		if f.parsedSince, err = settings.ParsePast("--since", f.since); err != nil {
			return err
		}
	}
	if f.parsedLookbacks, err = parseLookbacks(f.lookbackTypes); err != nil {
		return err
	}
	if _, ok := sources[f.source]; !ok && f.source != "" {
		return exit.Usagef("--source: %q is none of pages and bulk", f.source)
	}
	types, err := settings.ParseNames("--type", f.types)
	if err != nil {
		return err
	}
	for _, name := range f.names {
		if err := f.add(leadsync.StreamName(name), types); err != nil {
			return err
		}
	}
	if err := f.checkStreams(); err != nil {
		return err
	}
	return f.limitFlags.check()
}

// add adds a stream. Flags about fields apply to leads only and flags about types to activities only; checkStreams
// has refused the others unless some stream uses them.
func (f *syncFlags) add(name leadsync.StreamName, types []string) error {
	s := leadsync.Stream{Name: name, Since: f.parsedSince, Lookback: f.lookback, Window: f.window}
	if !slices.Contains(store.StreamNames(), name) {
		return exit.Usagef("--stream: %q is none of %s", string(name), streamList())
	}
	if f.has(name) {
		return exit.Usagef("--stream: %s is named twice", name)
	}
	if name == leadsync.Leads {
		s.Fields, s.AddFields = f.fields, f.addFields
	} else {
		s.Types, s.LookbackByType = types, f.parsedLookbacks
	}
	if name == leadsync.Activities {
		s.Source = sources[f.source]
	}
	f.parsed = append(f.parsed, s)
	return nil
}

func (f *syncFlags) has(name leadsync.StreamName) bool {
	return slices.ContainsFunc(f.parsed, func(s leadsync.Stream) bool { return s.Name == name })
}

func streamList() string { return output.WordList(store.StreamNames()) }

// checkStreams refuses flags that none of the chosen streams uses, because they would be ignored silently, and checks
// the streams by the rules of package leadsync.
func (f *syncFlags) checkStreams() error {
	ofActivities := f.has(leadsync.Activities) || f.has(leadsync.LeadActivity)
	switch {
	case f.has(leadsync.LeadActivity) && !f.chosen():
		return exit.Usagef("the stream lead-activity is about chosen leads: give --leads, --list or --stored")
	case f.chosen() && !f.has(leadsync.LeadActivity):
		return exit.Usagef("--leads, --list and --stored are for --stream lead-activity")
	case len(f.fields)+len(f.addFields) > 0 && !f.has(leadsync.Leads):
		return exit.Usagef("--field and --add-field are for --stream leads")
	case sources[f.source] == leadsync.Bulk && !f.has(leadsync.Activities):
		return exit.Usagef("--source bulk is for --stream activities: the other streams are read by pages")
	case len(f.fields) > 0 && len(f.addFields) > 0:
		return exit.Usagef("--field and --add-field cannot be used together: --add-field adds to the fields that the copy has")
	case len(f.types)+len(f.lookbackTypes) > 0 && !ofActivities:
		return exit.Usagef("--type and --lookback-type are for streams of activities, not for leads")
	}
	if err := checkConcurrency(f.concurrency); err != nil {
		return err
	}
	for _, s := range f.parsed {
		s.StoredLeads = s.Name == leadsync.LeadActivity // its leads are not known yet
		if err := s.Validate(); err != nil {
			return exit.AsUsage(settings.InWords(err, asFlags))
		}
	}
	return nil
}

// asFlags rewrites an error about a field of leadsync.Stream so that it names the flag. It is passed to
// settings.InWords.
func asFlags(err error) error {
	var field *leadsync.FieldError
	if !errors.As(err, &field) {
		return nil
	}
	text := fmt.Sprintf("stream %s: %s: %s", field.Stream, flagOf(field.Field), field.Problem)
	if field.Other != "" {
		text += " " + flagOf(field.Other)
	}
	return errors.New(text)
}

// streams returns the streams with the choice of leads filled in. It may be called several times, as a start is
// retried, but it reads the keys only once: standard input cannot be read again.
func (f *syncFlags) streams(ctx context.Context, a *console.Console) ([]leadsync.Stream, error) {
	for i := range f.parsed {
		if f.parsed[i].Name == leadsync.LeadActivity && !f.chose { // standard input can be read once
			if err := f.apply(ctx, a, &f.parsed[i]); err != nil {
				return nil, err
			}
		}
	}
	f.chose = true
	return f.parsed, nil
}

// parseLookbacks parses TYPE=TIME. The last equals sign separates, since names of types that customers define may
// contain one.
func parseLookbacks(texts []string) (map[string]time.Duration, error) {
	lookbacks := make(map[string]time.Duration)
	for _, text := range texts {
		const flag = "--lookback-type"
		at := strings.LastIndexByte(text, '=')
		if at < 0 {
			return nil, exit.Usagef("%s: %q is not like \"Send Email=24h\"", flag, text)
		}
		names, err := settings.ParseNames(flag, []string{text[:at]})
		if err != nil {
			return nil, err
		}
		d, err := time.ParseDuration(text[at+1:])
		if err != nil || d <= 0 {
			return nil, exit.Usagef("%s: %q is not a time greater than 0, such as 24h", flag, text[at+1:])
		}
		lookbacks[names[0]] = d
	}
	return lookbacks, nil
}
