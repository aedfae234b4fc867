package program

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// Command makes "mktows program" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("program", "List channels and tags of programs", "List channels and tags of programs. Programs themselves are objects: see \"mktows object get\".",
		programChannelsCommand(a), programTagsCommand(a),
	)
}

type channelJSON struct {
	Name     string              `json:"name"`
	Statuses []channelStatusJSON `json:"statuses"`
}

type channelStatusJSON struct {
	Name       string             `json:"name"`
	Step       int64              `json:"step"`
	Success    bool               `json:"success"`
	Attributes []output.Attribute `json:"attributes"`
}

// programChannelsCommand makes "mktows program channels".
func programChannelsCommand(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:     "channels [NAME...]",
		Short:   "List channels and the statuses of leads in them",
		Long:    "List the channels of programs with the statuses that leads can have in them, all or those of\nthese names. Names without a channel are ignored.",
		Example: "  mktows program channels --demo\n  mktows program channels Webinar -o json",
		Args: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if settings.IsBlank(name) {
					return exit.Usagef("NAME is empty: give the name of a channel, or none for all")
				}
			}
			return out.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return settings.WithAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				channels, err := api.Programs.Channels(ctx, &operations.ChannelOptions{Names: args})
				if err != nil {
					return err
				}
				return output.All(channels, output.NewListing(a.Stdout, &out, channelShape()))
			})
		},
	}
	f.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	return cmd
}

// channelShape describes channels in the formats of -o. A status that counts as a success is marked by an asterisk.
func channelShape() output.Shape[operations.Channel] {
	return output.Shape[operations.Channel]{
		Noun: "channel", Nouns: "channels",
		Columns: []output.Column{{Title: "CHANNEL", Weight: 1}, {Title: "STATUSES (STEP, * SUCCESS)", Weight: 3}},
		Cells: func(c *operations.Channel) []string {
			statuses := make([]string, len(c.Statuses))
			for i, s := range c.Statuses {
				statuses[i] = fmt.Sprintf("%s (%d%s)", s.Name, s.Step, map[bool]string{true: "*"}[s.Success])
			}
			return []string{c.Name, strings.Join(statuses, "; ")}
		},
		Json: func(c *operations.Channel) any {
			j := channelJSON{c.Name, []channelStatusJSON{}}
			for _, s := range c.Statuses {
				j.Statuses = append(j.Statuses, channelStatusJSON{s.Name, s.Step, s.Success, output.Attributes(s.Attributes)})
			}
			return j
		},
	}
}

type tagJSON struct {
	Type   string   `json:"type"`
	Values []string `json:"values"`
}

// programTagsCommand makes "mktows program tags".
func programTagsCommand(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	var filters []operations.Tag
	cmd := &cobra.Command{
		Use:     "tags [TYPE[=VALUE]...]",
		Short:   "List types of tag and their values",
		Long:    "List the types of tag of programs with their values, all or those of these types, or those values of\nthem only.",
		Example: "  mktows program tags --demo\n  mktows program tags Region -o json",
		Args: func(_ *cobra.Command, args []string) (err error) {
			if filters, err = parseTags(args); err != nil {
				return err
			}
			return out.Check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				tags, err := api.Programs.Tags(ctx, &operations.TagOptions{Filters: filters})
				if err != nil {
					return err
				}
				return output.All(tags, output.NewListing(a.Stdout, &out, tagShape()))
			})
		},
	}
	f.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	return cmd
}

// parseTags parses TYPE or TYPE=VALUE. Each argument is one filter of the request, with one value at most.
func parseTags(args []string) ([]operations.Tag, error) {
	var tags []operations.Tag
	for _, arg := range args {
		name, value, hasValue := strings.Cut(arg, "=")
		if settings.IsBlank(name) || hasValue && settings.IsBlank(value) {
			return nil, exit.Usagef("%q is not TYPE or TYPE=VALUE", arg)
		}
		tag := operations.Tag{Type: name}
		if hasValue {
			tag.Values = []string{value}
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// tagShape describes types of tags in the formats of -o.
func tagShape() output.Shape[operations.Tag] {
	return output.Shape[operations.Tag]{
		Noun: "type of tag", Nouns: "types of tag",
		Columns: []output.Column{{Title: "TYPE", Weight: 1}, {Title: "VALUES", Weight: 3}},
		Cells:   func(t *operations.Tag) []string { return []string{t.Type, strings.Join(t.Values, "; ")} },
		Json:    func(t *operations.Tag) any { return tagJSON{t.Type, append([]string{}, t.Values...)} },
	}
}
