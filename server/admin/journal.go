package admin

import (
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/server"
)

// How much a journal keeps.
const (
	maxExchanges = 100_000
	maxKept      = 128 << 20 // bytes
	entrySize    = 512       // what an exchange takes beside its texts, about
	callSize     = 80        // and a call behind it
)

// Journal keeps the latest exchanges of a server: at most 100,000, and at most 128 MiB of what was sent in them. Of these it keeps
// the documents, not the messages. Each exchange has an id that no other gets, also after [Journal.Clear]. The zero value is empty.
// It is safe for concurrent use.
type Journal struct {
	mu        sync.Mutex
	list      []*entry // with ids that follow each other
	bytes     int
	last      int64         // the id that was given last
	earlier   int64         // how many have gone for others since it was cleared
	clears    int           // how often it was cleared
	next      chan struct{} // closed when something happens; nil: nobody waits
	listeners int
}

// entry is an exchange that is kept. It does not change.
type entry struct {
	server.Exchange

	id   int64
	size int
}

// Add appends an exchange: give it to [server.WithJournal].
func (j *Journal) Add(e server.Exchange) {
	e.Request, e.Response, e.Context = nil, nil, nil // their size is not known
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	j.list = append(j.list, &entry{e, j.last, sizeOf(&e)})
	j.bytes += sizeOf(&e)
	for len(j.list) > maxExchanges || j.bytes > maxKept && len(j.list) > 1 {
		j.bytes -= j.list[0].size
		j.list[0] = nil // the array stays: let go of what it holds
		j.list = j.list[1:]
		j.earlier++
	}
	j.wake()
}

func sizeOf(e *server.Exchange) int {
	size := entrySize + len(e.RawRequest) + len(e.RawResponse) + len(e.Path) + len(e.UserID) + len(e.Signed)
	for _, name := range e.Passed {
		size += len(name)
	}
	for _, c := range e.Calls {
		size += callSize + len(c.Path)
	}
	return size
}

// wake tells those who wait that something has happened. The lock is held.
func (j *Journal) wake() {
	if j.next != nil {
		close(j.next)
		j.next = nil
	}
}

// Exchanges returns those that are kept, oldest first, and how many came before them.
func (j *Journal) Exchanges() (list []server.Exchange, earlier int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.list {
		list = append(list, e.Exchange)
	}
	return list, j.earlier
}

// Clear empties the journal.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list, j.bytes, j.earlier = nil, 0, 0
	j.clears++
	j.wake()
}

// first is the id of the oldest exchange that is kept, or the one that comes next. The lock is held.
func (j *Journal) first() int64 { return j.last - int64(len(j.list)) + 1 }

// lookup returns the exchange of an id; nil if it is not kept.
func (j *Journal) lookup(id int64) *entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if id < j.first() || id > j.last {
		return nil
	}
	return j.list[id-j.first()]
}

// journalState is what a journal holds, in numbers.
type journalState struct {
	Exchanges    int   `json:"exchanges" doc:"those that are kept"`
	Bytes        int   `json:"bytes" doc:"what they take, about"`
	Earlier      int64 `json:"earlier" doc:"those that are not kept any more"`
	Last         int64 `json:"last" doc:"the id that was given last"`
	MaxExchanges int   `json:"maxExchanges" doc:"more are not kept"`
	MaxBytes     int   `json:"maxBytes" doc:"more are not kept"`
	Listeners    int   `json:"listeners" doc:"of GET /journal/events"`

	clears int // how often it was cleared
}

func (j *Journal) state() journalState {
	j.mu.Lock()
	defer j.mu.Unlock()
	return journalState{len(j.list), j.bytes, j.earlier, j.last, maxExchanges, maxKept, j.listeners, j.clears}
}

// What one request looks at and gives.
const (
	maxExamined  = 10_000
	maxPageBytes = 16 << 20 // of documents
	chunkSize    = 256      // exchanges that are looked up at a time, as calls wait meanwhile
)

// journalQuery is what is asked of a journal.
type journalQuery struct {
	filter filter
	since  int64 // the oldest after this id are wanted; -1: the newest
	before int64 // the newest before this id are wanted; 0: the newest of all
	limit  int
	bytes  int // of documents
}

// found is a page of exchanges, oldest first.
type found struct {
	list     []*entry
	examined int
	reached  int64 // the last one that was examined
	more     bool  // there may be others beyond it
	state    journalState
}

// find returns a page. It looks at a bounded number of exchanges, and only asks for some at a time.
func (j *Journal) find(q journalQuery) found {
	out := found{state: j.state()}
	forward := q.since >= 0
	at, step := q.since+1, int64(1)
	if !forward {
		at, step = out.state.Last, -1
		if q.before > 0 {
			at = min(at, q.before-1)
		}
	}
	size := 0
	for {
		chunk := j.chunk(at, forward)
		for _, e := range chunk {
			if len(out.list) == q.limit || out.examined == maxExamined || size > q.bytes {
				out.more = true
				return out.ordered(forward)
			}
			out.examined, out.reached = out.examined+1, e.id
			if q.filter.matches(e) {
				out.list = append(out.list, e)
				size += e.size
			}
		}
		if len(chunk) == 0 {
			return out.ordered(forward)
		}
		at = chunk[len(chunk)-1].id + step
	}
}

// ordered puts the oldest first.
func (f found) ordered(forward bool) found {
	if !forward {
		slices.Reverse(f.list)
	}
	return f
}

// chunk returns some exchanges from an id on, in the order they are looked at.
func (j *Journal) chunk(at int64, forward bool) []*entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := j.first()
	if forward {
		from := min(max(at, first)-first, int64(len(j.list)))
		return slices.Clone(j.list[from:min(from+chunkSize, int64(len(j.list)))])
	}
	var chunk []*entry
	for i := min(at, j.last) - first; i >= 0 && len(chunk) < chunkSize; i-- {
		chunk = append(chunk, j.list[i])
	}
	return chunk
}

// after returns some exchanges behind an id, how many between them and that are not kept any more, and how often the journal was
// cleared.
func (j *Journal) after(id int64) (chunk []*entry, missed int64, clears int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	from := max(id+1, j.first())
	chunk = j.list[from-j.first():]
	return slices.Clone(chunk[:min(chunkSize, len(chunk))]), from - id - 1, j.clears
}

// exchangeJSON is an exchange as the administration shows it.
type exchangeJSON struct {
	ID            int64      `json:"id" doc:"no other exchange has it"`
	Face          string     `json:"face" enum:"soap,rest"`
	Time          time.Time  `json:"time" doc:"in UTC, by the clock of the mock"`
	Duration      string     `json:"duration" doc:"such as 1.5ms"`
	Version       string     `json:"version,omitempty" doc:"of the contract"`
	UserID        string     `json:"userId,omitempty" doc:"only of a user who was let in"`
	Operation     string     `json:"operation,omitempty"`
	Path          string     `json:"path,omitempty" doc:"of the REST API"`
	Status        int        `json:"status" doc:"of HTTP; 0: closed without an answer"`
	Fault         *faultJSON `json:"fault,omitempty"`
	Error         string     `json:"error,omitempty"`
	Refused       string     `json:"refused,omitempty" doc:"why the caller was not let in"`
	Signed        string     `json:"signed,omitempty" doc:"the text whose signature was expected"`
	Drop          string     `json:"drop,omitempty" enum:"beforeWork,afterWork,halfAnswer"`
	Scripted      bool       `json:"scripted,omitempty" doc:"a rule has acted"`
	Repaired      int        `json:"repaired,omitempty" doc:"characters that were replaced"`
	Passed        []string   `json:"passedOver,omitempty" doc:"elements that the schema lacks"`
	Calls         []callJSON `json:"calls,omitempty" doc:"those of the REST API that were made for it, by a gateway"`
	RequestBytes  int        `json:"requestBytes"`
	ResponseBytes int        `json:"responseBytes"`
	Request       string     `json:"request,omitempty" doc:"as it came, without signatures"`
	Response      string     `json:"response,omitempty" doc:"as it was sent"`
	PrettyRequest string     `json:"prettyRequest,omitempty" doc:"for people to read; missing: as request"`
	PrettyAnswer  string     `json:"prettyResponse,omitempty" doc:"for people to read; missing: as response"`
}

type faultJSON struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Advice  string `json:"advice" doc:"what to do about it"`
}

// callJSON is an [endpoint.Call].
type callJSON struct {
	Method   string `json:"method"`
	Path     string `json:"path"`
	Status   int    `json:"status" doc:"of HTTP; 0: there was no answer"`
	Code     int    `json:"code,omitempty" doc:"what the answer says is wrong"`
	Attempts int    `json:"attempts"`
	Waited   string `json:"waited,omitempty" doc:"for its turn within the limits"`
	Duration string `json:"duration" doc:"with repetitions and waits"`
}

func newCallJSON(c endpoint.Call) callJSON {
	out := callJSON{Method: c.Method, Path: c.Path, Status: c.Status, Code: c.Code, Attempts: c.Attempts, Duration: c.Duration.String()}
	if c.Waited > 0 {
		out.Waited = c.Waited.String()
	}
	return out
}

// isREST reports whether a call was one of the REST API.
func (e *entry) isREST() bool { return e.Path != "" }

// newExchangeJSON returns an exchange without its documents.
func newExchangeJSON(e *entry) exchangeJSON {
	out := exchangeJSON{
		ID: e.id, Face: faceSOAP, Time: e.Time.UTC(), Duration: e.Duration.String(), UserID: e.UserID, Operation: e.Operation, Path: e.Path,
		Status: e.Status, Refused: e.Refused, Signed: e.Signed, Drop: dropNames[e.Drop], Scripted: e.Scripted, Repaired: e.Repaired,
		Passed: e.Passed, RequestBytes: len(e.RawRequest), ResponseBytes: len(e.RawResponse),
	}
	if e.isREST() {
		out.Face = faceREST
	}
	if e.Version != 0 {
		out.Version = e.Version.String()
	}
	if e.Fault != nil {
		out.Fault = newFaultJSON(e.Fault, e.isREST())
	}
	if e.Err != nil {
		out.Error = e.Err.Error()
	}
	for _, c := range e.Calls {
		out.Calls = append(out.Calls, newCallJSON(c))
	}
	return out
}

func newFaultJSON(f *fault.Fault, isREST bool) *faultJSON {
	if isREST {
		said := &fault.RESTError{Code: fault.RESTCode(f.Code), Message: f.Message}
		return &faultJSON{int(f.Code), f.Message, said.Advice()}
	}
	return &faultJSON{int(f.Code), f.Headline(), f.Advice()}
}

// withDocuments adds what was sent.
func (out exchangeJSON) withDocuments(e *entry) exchangeJSON {
	out.Request, out.Response = string(e.RawRequest), string(e.RawResponse)
	return out
}
