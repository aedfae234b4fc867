package leadsync

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
)

// said remembers what a reading said of GUIDs and of leads. A source may give one of them twice and say something else: then the
// page that came first counts, and on a page the last record, so that another reading changes nothing.
// The zero value remembers nothing.
type said struct {
	seed maphash.Seed
	of   map[uint64]uint32
}

// maxSaid bounds what is remembered. What is forgotten of a longer reading costs an update.
const maxSaid = 1 << 18

// keepSaid takes what says something else than an earlier page did from a page of a range; of activities these are
// other versions. What lies before the range is an activity that is read again, and may have changed.
func (s *said) keepSaid(p *piece, asked timeRange) {
	if s.of == nil || len(s.of) > maxSaid {
		*s = said{maphash.MakeSeed(), map[uint64]uint32{}}
	}
	kept := p.activities[:0]
	for _, r := range p.activities {
		if r.GUID != "" && r.Time.Unix() >= asked.From && s.other(s.activity(&r)) {
			p.versions = append(p.versions, r)
		} else {
			kept = append(kept, r)
		}
	}
	p.activities = kept
	p.leads = slices.DeleteFunc(p.leads, func(r store.LeadRow) bool { return s.other(s.lead(&r)) })
	for i := range p.activities {
		if r := &p.activities[i]; r.GUID != "" {
			key, says := s.activity(r)
			s.of[key] = says
		}
	}
	for i := range p.leads {
		key, says := s.lead(&p.leads[i])
		s.of[key] = says
	}
}

// activity returns hashes of a GUID and of what is said of it. The id is part of that: stores keep it.
func (s *said) activity(r *store.ActivityRow) (key uint64, says uint32) {
	id := uint64(r.ID)
	return maphash.String(s.seed, r.Key), short(r.Digest) ^ uint32(id) ^ uint32(id>>32)
}

func (s *said) lead(r *store.LeadRow) (key uint64, says uint32) {
	return maphash.Comparable(s.seed, r.ID), short(r.Digest)
}

func (s *said) other(key uint64, says uint32) bool {
	known, ok := s.of[key]
	return ok && known != says
}

// short is a part of a digest that tells two apart well enough.
func short(d store.Digest) uint32 { return binary.BigEndian.Uint32(d[:]) }
