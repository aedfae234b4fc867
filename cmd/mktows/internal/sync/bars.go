package sync

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/leadsync"
)

// terminal returns the terminal that messages go to, nil if they go elsewhere or it cannot
// move its cursor.
func terminal(a *console.Console) (w *console.LockedWriter, file *os.File) {
	w, ok := a.Stderr.(*console.LockedWriter)
	if !ok || a.Getenv("TERM") == "dumb" {
		return nil, nil
	}
	file, ok = w.Out.(*os.File)
	if !ok || !term.IsTerminal(descriptor(file)) {
		return nil, nil
	}
	return w, file
}

func descriptor(file *os.File) int { return int(file.Fd()) }

// widthOf returns how wide a terminal is; it may change.
func widthOf(file *os.File) int {
	width, _, err := term.GetSize(descriptor(file))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// bars is progress on a terminal: a bar for each stream, drawn in place at the bottom.
// What else is to be seen goes through Write, and comes to stand above.
type bars struct {
	tracker

	out   io.Writer
	width func() int
	drawn []int // how wide the lines on the terminal are
}

func newBars(out io.Writer, width func() int, now func() time.Time) *bars {
	return &bars{tracker: tracker{now: now}, out: out, width: width}
}

func (b *bars) update(p leadsync.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.put(p)
}

func (b *bars) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draw("")
}

// Write implements io.Writer. It wants whole lines.
func (b *bars) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draw(string(p))
	return len(p), nil
}

// draw writes text, and the bars below it, in one go.
func (b *bars) draw(text string) {
	width := max(b.width(), 2)
	var out strings.Builder
	if rows := b.rows(width); rows > 0 {
		fmt.Fprintf(&out, "\x1b[%dA", rows)
	}
	if len(b.drawn) > 0 {
		out.WriteString("\r\x1b[J") // up to the end of the screen
	}
	out.WriteString(text)
	b.drawn = b.drawn[:0]
	now := b.now()
	for _, s := range b.streams {
		line := output.Clip(barLine(s, now, b.nameWidth(), width-1), width-1) // the last column makes some terminals wrap
		b.drawn = append(b.drawn, output.TextWidth(line))
		out.WriteString(line + "\n")
	}
	_, _ = io.WriteString(b.out, out.String()) // who cannot be told cannot be told that either
}

// rows is how many rows of the terminal the bars take, which has become narrower, perhaps,
// and has wrapped them.
func (b *bars) rows(width int) int {
	rows := 0
	for _, drawn := range b.drawn {
		rows += max((drawn+width-1)/width, 1)
	}
	return rows
}

func (b *bars) nameWidth() int {
	n := 0
	for _, s := range b.streams {
		n = max(n, output.TextWidth(string(s.Stream)))
	}
	return n
}

const (
	shortBar = 10
	longBar  = 30
)

// barLine is a line for a stream: name, bar, percentage and as many facts as there is room for.
func barLine(s *streamProgress, now time.Time, nameWidth, width int) string {
	name := string(s.Stream)
	name += strings.Repeat(" ", nameWidth-output.TextWidth(name))
	share := fmt.Sprintf("%4s", percent(s.share()))
	length := min(width/4, longBar)
	room := width - nameWidth - len(share) - 2 - length
	if length < shortBar || room < 0 {
		return name + " " + share
	}
	full := int(s.share() * float64(length))
	line := name + " " + strings.Repeat("█", full) + strings.Repeat("░", length-full) + " " + share
	for i, part := range s.parts(now) {
		part = strings.Repeat(" ", output.Gap) + part
		if i == 0 {
			part = output.Clip(part, max(room, 1))
		}
		if room -= output.TextWidth(part); room < 0 {
			break
		}
		line += part
	}
	return line
}
