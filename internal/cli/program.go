package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/operations"
)

func (a *app) programCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "program",
		Short: "List channels and tags of programs",
		Long:  "List channels and tags of programs. Programs themselves are objects: see \"mktows object get\".",
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(a.programChannelsCommand(), a.programTagsCommand())
	return cmd
}

type channelJSON struct {
	Name     string              `json:"name"`
	Statuses []channelStatusJSON `json:"statuses"`
}

type channelStatusJSON struct {
	Name       string          `json:"name"`
	Step       int64           `json:"step"`
	Success    bool            `json:"success"`
	Attributes []attributeJSON `json:"attributes"`
}

func (a *app) programChannelsCommand() *cobra.Command {
	var f remoteFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use:     "channels [NAME...]",
		Short:   "List channels and the statuses of leads in them",
		Long:    "List the channels of programs with the statuses that leads can have in them, all or those of\nthese names. Names without a channel are ignored.",
		Example: "  mktows program channels --demo\n  mktows program channels Webinar -o json",
		Args: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if isBlank(name) {
					return usagef("NAME is empty: give the name of a channel, or none for all")
				}
			}
			return out.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				channels, err := api.Programs.Channels(ctx, args...)
				if err != nil {
					return err
				}
				return listAll(channels, newListing(a.stdout, &out, channelShape()))
			})
		},
	}
	f.bind(cmd.Flags())
	out.bind(cmd.Flags(), "table", "json")
	return cmd
}

func channelShape() shape[operations.Channel] {
	return shape[operations.Channel]{
		noun: "channel", nouns: "channels",
		columns: []column{{title: "CHANNEL", weight: 1}, {title: "STATUSES (STEP, * SUCCESS)", weight: 3}},
		cells: func(c *operations.Channel) []string {
			statuses := make([]string, len(c.Statuses))
			for i, s := range c.Statuses {
				statuses[i] = fmt.Sprintf("%s (%d%s)", s.Name, s.Step, map[bool]string{true: "*"}[s.Success])
			}
			return []string{c.Name, strings.Join(statuses, "; ")}
		},
		json: func(c *operations.Channel) any {
			j := channelJSON{c.Name, []channelStatusJSON{}}
			for _, s := range c.Statuses {
				j.Statuses = append(j.Statuses, channelStatusJSON{s.Name, s.Step, s.Success, attributesJSON(s.Attributes)})
			}
			return j
		},
	}
}

type tagJSON struct {
	Type   string   `json:"type"`
	Values []string `json:"values"`
}

func (a *app) programTagsCommand() *cobra.Command {
	var f remoteFlags
	var out outputFlags
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
			return out.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				tags, err := api.Programs.Tags(ctx, filters...)
				if err != nil {
					return err
				}
				return listAll(tags, newListing(a.stdout, &out, tagShape()))
			})
		},
	}
	f.bind(cmd.Flags())
	out.bind(cmd.Flags(), "table", "json")
	return cmd
}

func parseTags(args []string) ([]operations.Tag, error) {
	var tags []operations.Tag
	for _, arg := range args {
		name, value, hasValue := strings.Cut(arg, "=")
		if isBlank(name) || hasValue && isBlank(value) {
			return nil, usagef("%q is not TYPE or TYPE=VALUE", arg)
		}
		tag := operations.Tag{Type: name}
		if hasValue {
			tag.Values = []string{value}
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

func tagShape() shape[operations.Tag] {
	return shape[operations.Tag]{
		noun: "type of tag", nouns: "types of tag",
		columns: []column{{title: "TYPE", weight: 1}, {title: "VALUES", weight: 3}},
		cells:   func(t *operations.Tag) []string { return []string{t.Type, strings.Join(t.Values, "; ")} },
		json:    func(t *operations.Tag) any { return tagJSON{t.Type, append([]string{}, t.Values...)} },
	}
}
