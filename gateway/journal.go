package gateway

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/mktows/mktows-go/internal/recording"
	"github.com/mktows/mktows-go/server"
)

// Journal records exchanges, so that "mktows gateway compare" can repeat them. It holds personal data: everything that programs send and
// get, but for signatures.
type Journal struct {
	// Folder is where the files go, two for each call. It is made with mode 0700, and its files with 0600. Empty: nothing is recorded.
	Folder string `yaml:"folder"`
	// MaxExchanges and MaxBytes are how much the folder may hold, whoever put it there. Then no more is recorded, and the log says so: what
	// was recorded first stays. Default: 10,000 and 1 GiB.
	MaxExchanges int   `yaml:"maxExchanges"`
	MaxBytes     int64 `yaml:"maxBytes"`
}

const (
	defaultJournalExchanges = 10_000
	defaultJournalBytes     = 1 << 30
	// maxWaiting and maxWaitingBytes are how much may wait for the disk. More is left out, as no call waits for it.
	maxWaiting      = 256
	maxWaitingBytes = 64 << 20
)

// journal writes exchanges behind the calls.
type journal struct {
	writer *recording.Writer
	log    *slog.Logger

	mu      sync.Mutex
	waiting []server.Exchange
	bytes   int           // of those that wait or are being written
	writing chan struct{} // closed when nothing waits any more; nil: nothing does
	trouble string        // that was told last
}

// journal checks the settings of the journal; it returns nil where there is none.
func (p *problems) journal(log *slog.Logger) *journal {
	c := p.config.Journal
	if c.MaxExchanges < 0 {
		p.add("journal.maxExchanges", "is negative")
	}
	if c.MaxBytes < 0 {
		p.add("journal.maxBytes", "is negative")
	}
	if c.Folder == "" {
		if c != (Journal{}) {
			p.add("journal.folder", "is missing: say where the exchanges go, or leave out journal")
		}
		return nil
	}
	folder := p.config.resolve(c.Folder)
	info, err := os.Stat(folder)
	if errors.Is(err, os.ErrNotExist) {
		if _, err = os.Stat(filepath.Dir(folder)); err != nil {
			p.add("journal.folder", "cannot be made: %v", err)
		}
	} else {
		switch {
		case err != nil:
			p.add("journal.folder", "cannot be used: %v", err)
		case !info.IsDir():
			p.add("journal.folder", "%s is no folder", folder)
		case info.Mode().Perm()&0o077 != 0:
			p.add("journal.folder", "others can look into %s, and exchanges hold personal data: make its mode 0700 (chmod 700)", folder)
		}
	}
	if c.MaxExchanges == 0 {
		c.MaxExchanges = defaultJournalExchanges
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = defaultJournalBytes
	}
	return &journal{writer: recording.NewWriter(folder, c.MaxExchanges, c.MaxBytes), log: log}
}

// add notes an exchange of a user who was let in. It takes no time that a caller would notice, and fails for nobody.
func (j *journal) add(e server.Exchange) {
	if j == nil || e.Operation == "" || e.UserID == "" || len(e.RawRequest) == 0 || len(e.RawResponse) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) >= maxWaiting || j.bytes+rawSize(e) > maxWaitingBytes {
		j.tell("exchanges are left out of the journal: the disk is slower than the calls")
		return
	}
	j.waiting = append(j.waiting, e)
	j.bytes += rawSize(e)
	if j.writing == nil {
		j.writing = make(chan struct{})
		go j.write(j.writing)
	}
}

func rawSize(e server.Exchange) int { return len(e.RawRequest) + len(e.RawResponse) }

// write writes what waits.
func (j *journal) write(done chan struct{}) {
	defer close(done)
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) > 0 {
		e := j.waiting[0]
		j.waiting = j.waiting[1:]
		j.mu.Unlock()
		err := j.writer.Write(e.Time, e.Operation, e.RawRequest, e.RawResponse)
		j.mu.Lock()
		j.bytes -= rawSize(e)
		switch {
		case errors.Is(err, recording.ErrFull):
			j.tell("the journal is full, and records no more: move its files away, or raise maxExchanges and maxBytes, and have the configuration read again")
		case err != nil:
			j.tell("exchanges are left out of the journal: " + err.Error())
		default:
			j.trouble = ""
		}
	}
	j.waiting, j.writing = nil, nil
}

// tell logs what is wrong, once until something else is, or nothing.
func (j *journal) tell(trouble string) {
	if j.trouble != trouble {
		j.log.LogAttrs(context.Background(), slog.LevelWarn, trouble)
	}
	j.trouble = trouble
}

// flush returns when what was noted is written, or ctx has ended.
func (j *journal) flush(ctx context.Context) {
	if j == nil {
		return
	}
	j.mu.Lock()
	writing := j.writing
	j.mu.Unlock()
	if writing == nil {
		return
	}
	select {
	case <-writing:
	case <-ctx.Done():
	}
}
