package leadsync

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
)

// said remembers, during one reading, what was said about GUIDs and leads. A source may give the same one twice with
// different content. Which one is stored must not depend on chance, or each run would update the row back and forth:
// it is the one on the page that came first, and on a page the last one. The zero value remembers nothing.
type said struct {
	seed maphash.Seed
	of   map[uint64]uint32
}

// maxSaid limits how many records are remembered. A longer reading forgets, which costs an unnecessary update at
// most.
const maxSaid = 1 << 18

// keepSaid takes those records out of a page that say something else than an earlier page of the reading did;
// activities among them are kept as versions. An activity from before the range is one that is read again, and may
// have changed in the meantime.
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

// activity returns a hash of the key of an activity and one of its content. The id counts as content, since stores
// keep it beside a GUID.
func (s *said) activity(r *store.ActivityRow) (key uint64, says uint32) {
	id := uint64(r.ID)
	return maphash.String(s.seed, r.Key), short(r.Digest) ^ uint32(id) ^ uint32(id>>32)
}

// lead does the same for a lead.
func (s *said) lead(r *store.LeadRow) (key uint64, says uint32) {
	return maphash.Comparable(s.seed, r.ID), short(r.Digest)
}

// other reports whether something else was said before under the same key.
func (s *said) other(key uint64, says uint32) bool {
	known, ok := s.of[key]
	return ok && known != says
}

// short returns 32 bits of a digest, which is enough to tell two versions of one record apart.
func short(d store.Digest) uint32 { return binary.BigEndian.Uint32(d[:]) }
