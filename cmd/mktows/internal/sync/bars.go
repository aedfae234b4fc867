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

// terminal returns the terminal that messages go to and the writer in front of it. Both are nil if messages go to a
// file or a pipe, or if the terminal cannot move its cursor.
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

// descriptor returns the file descriptor as package term wants it.
func descriptor(file *os.File) int { return int(file.Fd()) }

// widthOf returns the width of a terminal in columns. It is asked for before each drawing, as users resize their
// windows.
func widthOf(file *os.File) int {
	width, _, err := term.GetSize(descriptor(file))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// bars shows progress on a terminal: one bar for each stream, redrawn in place at the bottom of the screen. All other
// output to the terminal has to go through Write, which prints it above the bars; anything written around it would be
// overwritten by the next drawing.
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

// Write implements io.Writer. It expects whole lines, since the bars are drawn below what it writes.
func (b *bars) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draw(string(p))
	return len(p), nil
}

// draw moves the cursor up to the first bar, erases everything below, writes text and draws the bars again. It is a
// single write, so that the terminal never shows a state in between. The caller holds b.mu.
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

// rows returns how many rows of the terminal the bars take that are drawn now. If the window has become narrower
// since, the terminal has wrapped them, and one bar takes several rows.
func (b *bars) rows(width int) int {
	rows := 0
	for _, drawn := range b.drawn {
		rows += max((drawn+width-1)/width, 1)
	}
	return rows
}

// nameWidth returns the width of the longest name of a stream, so that all bars begin in the same column.
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

// barLine returns the line for a stream: name, bar, percentage, and as many facts as there is room for, the most
// important ones first. In a very narrow terminal there is only the percentage.
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
