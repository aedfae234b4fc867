package compare

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// pair is an element of the recording and the one of the answer that it is compared with; one may be nil.
type pair struct {
	recorded, answered *node
	place              int // of the one that is answered, among those; -1: none is
}

// keys are what elements of a name are known by, the surest first. An empty text is no key. Others are known by their place.
var keys = map[string][]func(*node) string{
	"leadRecord":            {field("Id"), field("Email")},
	"activityRecord":        activityKeys,
	"leadChangeRecord":      activityKeys,
	"attribute":             {field("attrName")},
	"attrib":                {field("name")},
	"mObject":               {field("id"), func(n *node) string { return n.child("externalKey").all() }, func(n *node) string { return n.child("attribList").attrib("Name") }, roleKey},
	"association":           {field("mObjType")},
	"mObjAssociation":       {field("mObjType")},
	"typeAttrib":            {groupKey},
	"customObj":             {func(n *node) string { return n.child("customObjKeyList").all() }},
	"campaignRecord":        {field("id")},
	"tag":                   {field("type")},
	"tagStatus":             {field("tagValue")},
	"progressionStatusItem": {func(n *node) string { return n.child("progressionStatus").attrib("Status") }},
	"field":                 {field("name")},
	"leadStatus":            {func(n *node) string { return n.child("leadKey").all() }},
	"stringItem":            {(*node).all},
	"objects":               {(*node).all},
}

// Records of activities share ids, and have others in another version of the contract.
var activityKeys = []func(*node) string{
	field("marketoGUID"), field("id"),
	func(n *node) string { return whenAndWhat(n) + n.value("mktgAssetName") },
	whenAndWhat,
}

func whenAndWhat(n *node) string {
	at, err := gen.DateTime(n.value("activityDateTime")).Time()
	if err != nil {
		return ""
	}
	return strconv.FormatInt(at.Unix(), 10) + " " + n.value("activityType") + " " + n.value("mktPersonId") + " "
}

func roleKey(n *node) string {
	text := ""
	if l := n.child("associationList"); l != nil {
		for _, inner := range l.inner {
			text += inner.value("mObjType") + " " + inner.value("id") + inner.child("externalKey").all() + " "
		}
	}
	if text == "" {
		return ""
	}
	return text + n.child("attribList").attrib("Role")
}

func groupKey(n *node) string {
	list := n.child("attrList")
	return n.value("attrType") + " " + list.attrib("Type") + list.attrib("Name") + list.attrib("Month")
}

func field(name string) func(*node) string {
	return func(n *node) string { return n.value(name) }
}

// unordered are elements whose order says nothing.
var unordered = []string{"attribute", "attrib", "typeAttrib", "tag", "stringItem", "objects", "mObjAssociation", "association", "field"}

// align finds for each element of the recording the one of the answer that it is compared with. All are of one name.
func align(recorded, answered []*node) []pair {
	pairs := make([]pair, 0, max(len(recorded), len(answered)))
	for _, n := range recorded {
		pairs = append(pairs, pair{n, nil, -1})
	}
	taken := make([]bool, len(answered))
	take := func(p *pair, place int) {
		p.answered, p.place, taken[place] = answered[place], place, true
	}
	var how []func(*node) string
	if len(recorded) > 0 {
		how = keys[recorded[0].name]
	}
	if how == nil {
		for i := range min(len(recorded), len(answered)) {
			take(&pairs[i], i)
		}
	}
	for _, key := range how {
		byKey := make(map[string][]int)
		for i, n := range answered {
			if k := key(n); k != "" && !taken[i] {
				byKey[k] = append(byKey[k], i)
			}
		}
		for i := range pairs {
			k := key(pairs[i].recorded)
			if places := byKey[k]; k != "" && pairs[i].answered == nil && len(places) > 0 {
				take(&pairs[i], places[0])
				byKey[k] = places[1:]
			}
		}
	}
	for i, n := range answered {
		if !taken[i] {
			pairs = append(pairs, pair{nil, n, i})
		}
	}
	return pairs
}

// inOrder reports whether the elements that both have come in the same order. Activities of one moment have none.
func inOrder(pairs []pair, answered []*node) bool {
	if times := timesOf(answered); len(times) > 0 && slices.IsSortedFunc(times, time.Time.Compare) {
		return true
	}
	last := -1
	for _, p := range pairs {
		if p.recorded == nil || p.answered == nil {
			continue
		}
		if p.place < last {
			return false
		}
		last = p.place
	}
	return true
}

// step is how an element is called in a path: by its name, and where there are several by what it is, without a value of the record; and,
// in the second path, by its number where that tells nothing apart.
func step(n *node, number int) (kind, path string) {
	of := ""
	switch n.name {
	case "attribute":
		of = n.value("attrName")
	case "attrib", "field":
		of = n.value("name")
	case "typeAttrib":
		of = strings.TrimSpace(groupKey(n))
	case "activityRecord", "leadChangeRecord":
		of = n.value("activityType")
		return n.name + "[" + of + "]", n.name + "[" + strconv.Itoa(number) + " " + of + "]"
	}
	if of == "" {
		return n.name, n.name + "[" + strconv.Itoa(number) + "]"
	}
	return n.name + "[" + of + "]", n.name + "[" + of + "]"
}
