package admin

import (
	"sync"
	"time"

	"github.com/mktows/mktows-go/server"
)

// How much a journal keeps.
const (
	maxExchanges = 1000
	maxRaw       = 64 << 20 // bytes of envelopes
)

// Journal keeps the latest exchanges of a server: at most 1,000, and of their envelopes at
// most 64 MiB. The zero value is empty. It is safe for concurrent use.
type Journal struct {
	mu    sync.Mutex
	list  []server.Exchange
	raw   int
	total int64 // how many there were
}

// Add appends an exchange: give it to [server.WithJournal].
func (j *Journal) Add(e server.Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.total++
	j.list = append(j.list, e)
	j.raw += rawSize(e)
	for len(j.list) > maxExchanges || j.raw > maxRaw && len(j.list) > 1 {
		j.raw -= rawSize(j.list[0])
		j.list[0] = server.Exchange{} // the array stays: let go of what it holds
		j.list = j.list[1:]
	}
}

func rawSize(e server.Exchange) int { return len(e.RawRequest) + len(e.RawResponse) }

// Exchanges returns those that are kept, oldest first, and how many came before them.
func (j *Journal) Exchanges() (list []server.Exchange, earlier int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append(list, j.list...), j.total - int64(len(j.list))
}

// Clear empties the journal.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list, j.raw, j.total = nil, 0, 0
}

// exchangeJSON is an exchange as GET /journal shows it.
type exchangeJSON struct {
	Number    int64      `json:"number"`
	Time      time.Time  `json:"time"` // in UTC
	Duration  string     `json:"duration"`
	Version   string     `json:"version,omitempty"`
	UserID    string     `json:"userId,omitempty"`
	Operation string     `json:"operation,omitempty"`
	Path      string     `json:"path,omitempty"` // of the REST API
	Status    int        `json:"status"`         // 0: closed without an answer
	Fault     *faultJSON `json:"fault,omitempty"`
	Error     string     `json:"error,omitempty"`
	Drop      string     `json:"drop,omitempty"`
	Scripted  bool       `json:"scripted,omitempty"`
	Repaired  int        `json:"repaired,omitempty"`
	Passed    []string   `json:"passedOver,omitempty"` // what the schema lacks
	Request   string     `json:"request,omitempty"`    // the envelope
	Response  string     `json:"response,omitempty"`
}

type faultJSON struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type journalJSON struct {
	Earlier   int64          `json:"earlier"` // exchanges that are not kept any more
	Exchanges []exchangeJSON `json:"exchanges"`
}

func (j *Journal) json() journalJSON {
	list, earlier := j.Exchanges()
	out := journalJSON{Earlier: earlier, Exchanges: make([]exchangeJSON, len(list))}
	for i, e := range list {
		out.Exchanges[i] = newExchangeJSON(e)
		out.Exchanges[i].Number = earlier + int64(i) + 1
	}
	return out
}

func newExchangeJSON(e server.Exchange) exchangeJSON {
	out := exchangeJSON{
		Time: e.Time.UTC(), Duration: e.Duration.String(), UserID: e.UserID, Operation: e.Operation, Path: e.Path,
		Status: e.Status, Drop: dropNames[e.Drop], Scripted: e.Scripted, Repaired: e.Repaired, Passed: e.Passed,
		Request: string(e.RawRequest), Response: string(e.RawResponse),
	}
	if e.Version != 0 {
		out.Version = e.Version.String()
	}
	if e.Fault != nil {
		out.Fault = &faultJSON{int(e.Fault.Code), e.Fault.Error()}
	}
	if e.Err != nil {
		out.Error = e.Err.Error()
	}
	return out
}
