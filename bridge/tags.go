package bridge

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// allAssets reads all pages of a list of assets. A page that is not full is the last one.
func allAssets[T any](fetch func(offset int) (*rest.Answer[T], error)) ([]T, error) {
	var all, before []T
	for {
		a, err := fetch(len(all))
		switch {
		case said(err, 702):
			return all, nil
		case err != nil:
			return nil, err
		case len(before) > 0 && reflect.DeepEqual(a.Records, before):
			return nil, fault.NewContentError(errors.New("the page of another offset is the one before, so the pages have no end"))
		}
		all, before = append(all, a.Records...), a.Records
		if len(a.Records) < rest.MaxAssets {
			return all, nil
		}
	}
}

// GetChannels returns channels with their statuses, both sorted by name.
//
// Lost: the members "Webinar Behavior" and "Check-in Status" of statuses, where the REST API does not
// tell the type of the status. It costs a call for each 200 channels.
func (b *Bridge) GetChannels(ctx context.Context, in *gen.ParamsGetChannels) (*gen.SuccessGetChannels, error) {
	return perform(ctx, b, "getChannels", in, (*work).getChannels)
}

func (w *work) getChannels(in *gen.ParamsGetChannels) (*gen.SuccessGetChannels, error) {
	all, err := allAssets(func(offset int) (*rest.Answer[rest.Channel], error) { return w.rest.Channels(w, offset) })
	if err != nil {
		return nil, err
	}
	names := in.Tag.Value.Values.Value.StringItem
	tags := new(gen.ArrayOfTagStatus)
	slices.SortFunc(all, func(a, b rest.Channel) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range all {
		if len(names) == 0 || containsFold(names, c.Name) {
			tags.TagStatus = append(tags.TagStatus, tagStatus(c))
		}
	}
	return &gen.SuccessGetChannels{Result: &gen.ResultGetChannels{Tags: tags}}, nil
}

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

// statusDetails are the names that the SOAP API has for the type of a status, by the programs that the
// channel is for.
var statusDetails = map[string]string{"webinar": "Webinar Behavior", "event": "Check-in Status"}

// tagStatus returns a channel with its statuses. The SOAP API showed none that is hidden, as Not in
// Program is.
func tagStatus(c rest.Channel) gen.TagStatus {
	slices.SortFunc(c.Statuses, func(a, b rest.Status) int { return cmp.Compare(a.Name, b.Name) })
	list := []gen.ProgressionStatus{}
	for _, s := range c.Statuses {
		if s.Hidden || s.Step == 0 {
			continue
		}
		attribs := []gen.Attrib{{Name: "Status", Value: clean(s.Name)}, {Name: "Step", Value: strconv.Itoa(int(s.Step))}}
		if detail := statusDetails[strings.ToLower(c.Programs)]; detail != "" && s.Type != "" {
			attribs = append(attribs, gen.Attrib{Name: detail, Value: clean(s.Type)})
		}
		attribs = append(attribs, gen.Attrib{Name: "Success", Value: strconv.FormatBool(s.Success)})
		list = append(list, gen.ProgressionStatus{ProgressionStatus: gen.Some(gen.ArrayOfAttrib{Attrib: attribs})})
	}
	return gen.TagStatus{TagValue: clean(c.Name), StatusList: &gen.ArrayOfProgressionStatus{ProgressionStatusItem: list}}
}

// GetTags returns types of tag with their values.
//
// Lost: a value with ", " in it comes as two. It costs a call for each type, and one for each 200 of
// them.
func (b *Bridge) GetTags(ctx context.Context, in *gen.ParamsGetTags) (*gen.SuccessGetTags, error) {
	return perform(ctx, b, "getTags", in, (*work).getTags)
}

func (w *work) getTags(in *gen.ParamsGetTags) (*gen.SuccessGetTags, error) {
	wanted := in.TagList.Value.Tag
	for _, tag := range wanted {
		if tag.Type.Or("") == "" {
			return nil, missing("tagList/tag/type is missing")
		}
	}
	types, err := allAssets(func(offset int) (*rest.Answer[rest.TagType], error) { return w.rest.TagTypes(w, offset) })
	if err != nil {
		return nil, err
	}
	list := new(gen.ArrayOfTag)
	for _, t := range types {
		isWanted := len(wanted) == 0 || slices.ContainsFunc(wanted, func(tag gen.Tag) bool { return strings.EqualFold(tag.Type.Value, t.Type) })
		if !isWanted || t.Type == "Channel" { // of channels getChannels tells
			continue
		}
		a, err := w.rest.TagTypesByName(w, t.Type)
		if err != nil {
			return nil, err
		}
		for _, one := range a.Records {
			if values, ok := chosenValues(one, wanted); ok {
				list.Tag = append(list.Tag, gen.Tag{Type: gen.Some(clean(t.Type)), Values: gen.Some(gen.ArrayOfString{StringItem: values})})
			}
		}
	}
	return &gen.SuccessGetTags{Result: &gen.ResultGetTags{TagList: list}}, nil
}

// chosenValues returns the values that a request wants, and whether it wants the type: not where it
// names values of which there is none.
func chosenValues(t rest.TagType, wanted []gen.Tag) (values []string, ok bool) {
	all := t.List()
	for i := range all {
		all[i] = clean(all[i])
	}
	if len(wanted) == 0 {
		return all, true
	}
	var names []string
	for _, tag := range wanted {
		if !strings.EqualFold(tag.Type.Value, t.Type) {
			continue
		}
		if len(tag.Values.Value.StringItem) == 0 {
			return all, true
		}
		names = append(names, tag.Values.Value.StringItem...)
	}
	values = slices.DeleteFunc(all, func(value string) bool { return !containsFold(names, value) })
	return values, len(values) > 0
}
