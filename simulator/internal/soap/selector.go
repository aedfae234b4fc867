package soap

import (
	"strconv"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
)

const (
	maxSelectorKeys = 100 // of a LeadKeySelector
	maxUpdateRange  = 30 * 24 * time.Hour
)

// readKeys checks the first maxSelectorKeys keys of a selector and returns them. Keys after those are not even looked
// at, because the service ignores them; that is why a client has to split longer lists itself.
func readKeys(sel *gen.LeadKeySelector) ([]string, error) {
	if sel.KeyValues == nil || len(sel.KeyValues.StringItem) == 0 {
		return nil, fault.New(fault.CodeLeadKeyRequired, "leadSelector/keyValues has no key")
	}
	values := sel.KeyValues.StringItem[:min(len(sel.KeyValues.StringItem), maxSelectorKeys)]
	for _, value := range values {
		if err := checkKey(&gen.LeadKey{KeyType: sel.KeyType, KeyValue: value}); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// selectedList returns the list of a selector. With a name and an id both have to be
// those of one list.
func (s Service) selectedList(sel *gen.StaticListSelector) (*lists.List, error) {
	name := sel.StaticListName.Or("")
	id, hasID := sel.StaticListId.Get()
	if name == "" && !hasID {
		return nil, fault.New(fault.CodeParameterRequired, "leadSelector has neither staticListName nor staticListId")
	}
	l := s.Lists.Find(int64(id))
	if !hasID {
		l = s.Lists.Named(name)
	}
	switch {
	case l == nil && hasID:
		return nil, listNotFound("No list found with the id %d", id)
	case l == nil:
		return nil, listNotFound("No list found with the name %s", name)
	case name != "" && name != l.FullName():
		return nil, fault.Newf(fault.CodeBadParameter, "leadSelector: the list %d is not called %q: give one of the two", id, name)
	}
	return l, nil
}

// readRange reads the range of a selector; one without an end of its own ends at end. It gives 20109 for a range
// without a beginning, 20110 for an unreadable time, and 20022 for one of more than 30 days. Leads keep whole
// seconds, so a beginning inside a second is rounded up to the next one.
func readRange(sel *gen.LastUpdateAtSelector, end time.Time) (leads.Range, error) {
	if sel.OldestUpdatedAt == "" {
		return leads.Range{}, fault.New(fault.CodeParameterRequired, "leadSelector/oldestUpdatedAt is missing")
	}
	oldest, err := sel.OldestUpdatedAt.Time()
	if err != nil {
		return leads.Range{}, badSelectorTime("oldestUpdatedAt", sel.OldestUpdatedAt)
	}
	latest := end
	if text := sel.LatestUpdatedAt.Or(""); text != "" {
		if latest, err = text.Time(); err != nil {
			return leads.Range{}, badSelectorTime("latestUpdatedAt", text)
		}
	}
	if latest.Sub(oldest) > maxUpdateRange {
		return leads.Range{}, fault.Newf(fault.CodeTimeRangeExceeded,
			"leadSelector: more than 30 days lie between oldestUpdatedAt %s and %s", sel.OldestUpdatedAt, gen.NewDateTime(latest))
	}
	return leads.Range{From: oldest.Add(time.Second - 1).Unix(), To: latest.Unix()}, nil
}

func badSelectorTime(field string, text gen.DateTime) error {
	return fault.Newf(fault.CodeBadParameter, "leadSelector/%s %q is not an xs:dateTime", field, text)
}

// describe returns a selector as a text that two selectors have in common only if they ask for the same. It goes into
// the check sum of positions, so that a position cannot be used with another selector than the one it was given for.
func describe(sel gen.LeadSelector) string {
	switch sel := sel.(type) {
	case *gen.LeadKeySelector:
		text := "keys " + string(sel.KeyType)
		if sel.KeyValues != nil {
			for _, value := range sel.KeyValues.StringItem {
				text += " " + strconv.Quote(value)
			}
		}
		return text
	case *gen.StaticListSelector:
		return "list " + strconv.Quote(sel.StaticListName.Or("")) + " " + strconv.Itoa(int(sel.StaticListId.Or(0)))
	case *gen.LastUpdateAtSelector:
		return "updated " + moment36(sel.OldestUpdatedAt) + " " + moment36(sel.LatestUpdatedAt.Or(""))
	}
	return ""
}

// moment36 returns a time as milliseconds in base 36, which are the same for all ways to write one moment: clients
// read positions and requests into values of their own and write them again, perhaps in another time zone.
func moment36(text gen.DateTime) string {
	t, err := text.Time()
	if text == "" || err != nil {
		return "-"
	}
	return strconv.FormatInt(t.UnixMilli(), 36)
}
