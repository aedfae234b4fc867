package admin

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
)

// journalJSON is what GET /journal answers.
type journalJSON struct {
	Earlier  int64          `json:"earlier" doc:"exchanges that are not kept any more"`
	Last     int64          `json:"last" doc:"the id that was given last"`
	Examined int            `json:"examined" doc:"exchanges that were looked at"`
	Matches  []exchangeJSON `json:"exchanges"`
	Next     string         `json:"next,omitempty" doc:"where there may be more; missing: there are no more"`
}

func (h *handler) getJournal(w http.ResponseWriter, r *request) error {
	q := journalQuery{filter: newFilter(r.query), since: r.whole("since", -1), before: r.whole("before", 0), limit: int(r.whole("limit", defaultLimit))}
	if q.since >= 0 && q.before > 0 {
		return badQuery("since", "since and before cannot both be given", "give one of them")
	}
	withDocuments := r.query["documents"] != "false"
	if q.bytes = maxPageBytes; !withDocuments {
		q.bytes = math.MaxInt
	}
	page := h.Journal.find(q)
	out := journalJSON{Earlier: page.state.Earlier, Last: page.state.Last, Examined: page.examined, Matches: []exchangeJSON{}}
	for _, e := range page.list {
		one := newExchangeJSON(e)
		if withDocuments {
			one = one.withDocuments(e)
		}
		out.Matches = append(out.Matches, one)
	}
	if page.more {
		name := "before"
		if q.since >= 0 {
			name = "since"
		}
		out.Next = r.nextURL(map[string]string{name: strconv.FormatInt(page.reached, 10)})
	}
	return writeJSON(w, http.StatusOK, out)
}

func (h *handler) deleteJournal(w http.ResponseWriter, _ *request) error {
	h.Journal.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) getExchange(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	e := h.Journal.lookup(id)
	if e == nil {
		return gone(fmt.Sprintf("there is no exchange %d, or not any more", id), "GET /journal lists those that are kept")
	}
	out := newExchangeJSON(e).withDocuments(e)
	out.PrettyRequest, out.PrettyAnswer = pretty(e.RawRequest), pretty(e.RawResponse)
	return writeJSON(w, http.StatusOK, out)
}
