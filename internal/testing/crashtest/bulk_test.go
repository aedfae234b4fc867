package crashtest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/extract"
)

const bulkPath = "/bulk/v1/activities/export/"

// bulkJobs are the jobs of the bulk extracts of a source, with the trouble that only these have.
type bulkJobs struct {
	wanted bool           // the copy is made by them
	source extract.Source // without trouble

	mu    sync.Mutex
	order map[string]int  // the number of each job, in the order in which they were put into the queue
	busy  map[string]bool // those of which nobody was told that they have ended
	most  int             // of these at once
	ended map[string]bool // those that somebody was told the end of
	met   map[string]fate
}

// fate is what becomes of a job.
type fate string

const (
	good      fate = ""
	fails     fate = "failed"
	forgotten fate = "forgotten while it ran"
	expired   fate = "forgotten before its file was read"
	cutOff    fate = "its file cut off"
)

// fates are those of jobs that follow each other. There is room between them, as a window is given up whose jobs fail three times.
var fates = [...]fate{good, fails, good, good, cutOff, forgotten, good, good, good, expired, good, good}

// meets returns the fate of a job that it is to meet.
func (b *bulkJobs) meets(id string) fate { return fates[b.order[id]%len(fates)] }

// trouble lets jobs meet their fates. Files come in two halves with a pause between them.
func (b *bulkJobs) trouble(next http.Handler) http.Handler {
	b.order, b.busy, b.ended, b.met = map[string]int{}, map[string]bool{}, map[string]bool{}, map[string]fate{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, what, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, bulkPath), "/")
		switch {
		case !ok || !strings.HasPrefix(r.URL.Path, bulkPath):
			next.ServeHTTP(w, r)
		case what == "status.json":
			b.status(w, r, next, id)
		case what == "file.json":
			next.ServeHTTP(&slowWriter{ResponseWriter: w, cut: b.cuts(id)}, r)
		default:
			b.enqueue(id)
			next.ServeHTTP(w, r)
		}
	})
}

// enqueue notes that a job is about to be put into the queue.
func (b *bulkJobs) enqueue(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.order[id] == 0 {
		b.order[id] = len(b.order) + 1
	}
	b.busy[id] = true
	b.most = max(b.most, len(b.busy))
}

var (
	status  = regexp.MustCompile(`"status":"(Queued|Processing|Completed)"`)
	unknown = []byte(`{"requestId":"1#1","success":false,"errors":[{"code":"1013","message":"Export job not found"}]}`)
)

// status answers how far a job has come, as its fate wants it.
func (b *bulkJobs) status(w http.ResponseWriter, r *http.Request, next http.Handler, id string) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	if found := status.FindSubmatch(body); found != nil {
		body = b.seen(id, string(found[1]), body)
	}
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body) // the reader may be gone
}

func (b *bulkJobs) seen(id, state string, body []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	completed := state == "Completed"
	switch meets := b.meets(id); {
	case meets == fails && completed:
		body = status.ReplaceAll(body, []byte(`"status":"Failed"`))
		b.met[id] = meets
	case meets == forgotten, meets == expired && b.ended[id]:
		body = unknown
		b.met[id] = meets
	case !completed:
		return body
	}
	b.ended[id] = true
	delete(b.busy, id)
	return body
}

// cuts reports whether the file of a job is to be cut off: once.
func (b *bulkJobs) cuts(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.meets(id) != cutOff || b.met[id] == cutOff {
		return false
	}
	b.met[id] = cutOff
	return true
}

// check compares what has become of the jobs with what the copy may do.
func (b *bulkJobs) check(tb testing.TB) {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	count := map[fate]int{}
	for _, f := range b.met {
		count[f]++
	}
	tb.Logf("%d jobs, at most %d at once: %v", len(b.order), b.most, count)
	if b.most > 2 {
		tb.Errorf("%d jobs of the copy were in the queue at once; two may be", b.most)
	}
	for _, f := range fates {
		if f != good && count[f] == 0 {
			tb.Errorf("of no job it is true: %s", f)
		}
	}
}

// slowWriter sends half of what it is given, and the rest after a pause, for whoever reads it to be killed in between; or never.
type slowWriter struct {
	http.ResponseWriter

	cut bool
}

func (w *slowWriter) Write(p []byte) (int, error) {
	half := len(p) / 2
	n, err := w.ResponseWriter.Write(p[:half])
	if err != nil {
		return n, err
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	if w.cut {
		panic(http.ErrAbortHandler)
	}
	time.Sleep(20 * time.Millisecond)
	rest, err := w.ResponseWriter.Write(p[half:])
	return n + rest, err
}

func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
