package crashtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // the nights when clocks change

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// history makes activities. What it makes depends on the seed only.
type history struct {
	rng    *rand.Rand
	types  []gen.ActivityType
	serial int64
	last   time.Time // of the last activity
}

func newHistory(seed uint64) *history {
	return &history{
		rng:   rand.New(rand.NewPCG(seed, 1)),
		types: append(gen.ActivityType("").Values(), "Add to Nurture", "Reached a Milestone"),
	}
}

// between returns n activities in [from, to), in no order. Some share their second, some
// have an exact twin, and some lie within an hour of the moments when US clocks change.
func (h *history) between(from, to time.Time, n int) []simulator.Activity {
	changes := clockChanges(from, to)
	var list []simulator.Activity
	for len(list) < n {
		at := from.Add(time.Duration(h.rng.Int64N(int64(to.Sub(from)/time.Second))) * time.Second)
		switch p := h.rng.IntN(100); {
		case p < 3 && len(changes) > 0:
			near := changes[h.rng.IntN(len(changes))]
			at = near.Add(time.Duration(h.rng.IntN(4*3600)-2*3600) * time.Second)
		case p < 15 && !h.last.IsZero() && !h.last.Before(from) && h.last.Before(to):
			at = h.last
		}
		h.last = at
		list = append(list, h.next(at)...)
	}
	return list
}

// next returns an activity, or two that are alike.
func (h *history) next(at time.Time) []simulator.Activity {
	kind := ids(h.rng.Int64N(int64(idKinds)))
	if h.rng.IntN(100) == 0 {
		kind = bare
	}
	a := h.activity(at, kind)
	if kind != bare || h.rng.IntN(2) == 0 {
		return []simulator.Activity{a}
	}
	twin := a
	twin.ID = h.id(kind)
	return []simulator.Activity{a, twin}
}

// crowd returns n activities that are alike in everything.
func (h *history) crowd(at time.Time, n int) []simulator.Activity {
	list := slices.Repeat([]simulator.Activity{h.activity(at, bare)}, n)
	for i := range list {
		list[i].ID = h.id(bare)
	}
	return list
}

func (h *history) activity(at time.Time, kind ids) simulator.Activity {
	id := h.id(kind)
	a := simulator.Activity{
		ID: id, Time: simulator.At(at.UTC()), Type: h.types[h.rng.IntN(len(h.types))],
		Attributes: []simulator.Attribute{
			{Name: "Serial", Value: strconv.FormatInt(id, 36)}, // else chance could make twins of what has an id
			{Name: "Choice Number", Value: strconv.Itoa(h.rng.IntN(9))},
			{Name: "Query Parameters", Value: "q=\"a&b\"<c>\n" + strconv.Itoa(h.rng.IntN(1e6))},
			{Name: "Choice Number", Value: strconv.Itoa(h.rng.IntN(9))},
			{Name: "Old Value", Value: ""},
		},
	}
	if h.rng.IntN(3) > 0 {
		a.AssetName = fmt.Sprintf("Página %d, “preços” 価格 🎈", h.rng.IntN(500))
	}
	if h.rng.IntN(4) == 0 {
		a.Campaign = fmt.Sprintf("Programme.Campaign %d", h.rng.IntN(50))
	}
	if h.rng.IntN(20) == 0 { // not from the service's own zone
		a.Time = simulator.At(at.In(time.FixedZone("", 3600*(h.rng.IntN(25)-12))))
	}
	return a
}

// keyed returns an activity that version 2_7 of the service gives an id.
func (h *history) keyed(at time.Time) simulator.Activity {
	return h.activity(at, []ids{whole, noGUID, shared, sharedOnly}[h.rng.IntN(4)])
}

// id returns a new id that tells what readers see of it.
func (h *history) id(kind ids) int64 {
	h.serial++
	return h.serial<<idBits | int64(kind)
}

// clockChanges are the moments in [from, to) when US Central time jumps.
func clockChanges(from, to time.Time) []time.Time {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		panic(err)
	}
	offset := func(t time.Time) int { _, o := t.In(zone).Zone(); return o }
	var found []time.Time
	for at := from.Truncate(time.Hour); at.Before(to.Add(-3 * time.Hour)); at = at.Add(time.Hour) {
		if before := at.Add(-time.Hour); before.After(from.Add(3*time.Hour)) && offset(before) != offset(at) {
			found = append(found, at)
		}
	}
	return found
}

// ids says what readers see of the id and the GUID of an activity. The lowest bits of its
// id in the simulator tell it, so that every reading shows the same.
type ids int64

const (
	whole      ids = iota
	noID           // the GUID only
	noGUID         // the id only
	shared         // an id that neighbours have too, and the GUID
	sharedOnly     // an id that neighbours have too, and no GUID
	neither
	idKinds // how many of these there are
)

const (
	bare   ids = 7 // neither, and maybe a twin
	idBits     = 3
)

// skip leaves room for ids that the simulator gives itself.
func (h *history) skip() { h.serial += 8 }

// seen returns what a reader sees of an activity's id and GUID: both, if the simulator has
// made it by itself.
func seen(id gen.Opt[int64], guid string, attributes []gen.Attribute) (gen.Opt[int64], string) {
	if !slices.ContainsFunc(attributes, func(a gen.Attribute) bool { return a.AttrName == "Serial" }) {
		return id, guid
	}
	number := id.Value
	neighbours := gen.Some(number >> (idBits + 4))
	switch ids(number & (1<<idBits - 1)) {
	case noID:
		return gen.NilOf[int64](), guid
	case noGUID:
		return id, ""
	case shared:
		return neighbours, guid
	case sharedOnly:
		return neighbours, ""
	case neither, bare:
		return gen.NilOf[int64](), ""
	}
	return id, guid
}

// scatter gives activities to leads by chance.
func scatter(rng *rand.Rand, activities []simulator.Activity, leads int) map[int64][]simulator.Activity {
	byLead := make(map[int64][]simulator.Activity, leads)
	lead := func() int64 { return 1 + rng.Int64N(int64(leads)) }
	for i := 0; i < len(activities); {
		to := lead()
		n := 1
		for i+n < len(activities) && twins(&activities[i], &activities[i+n]) { // of one lead
			n++
		}
		byLead[to] = append(byLead[to], activities[i:i+n]...)
		i += n
	}
	return byLead
}

func twins(a, b *simulator.Activity) bool { return slices.Equal(a.Attributes, b.Attributes) }
