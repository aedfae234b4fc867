package crashtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is a child as its parent has it.
type process struct {
	role   string
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr bytes.Buffer // to be read when it has ended
	killed string       // what it was killed after; empty: it was not
}

// event is a line of a child or, with over, its end.
type event struct {
	from *process
	line string
	over bool
	err  error
}

// killer keeps children running and kills them.
type killer struct {
	tb    testing.TB
	rng   *rand.Rand
	job   job
	roles []string
	want  int // kills
	lines int // from one kill to the next, on average
	// aims are the lines after which to kill, in turn; empty: after any.
	aims []string
	// halfway is called once, when half of the kills have happened.
	halfway func()
	// enough is asked, after the kills, at the end of each run: whether one that is
	// complete up to then was the last.
	enough func(upTo time.Time) bool

	events  chan event
	quit    chan struct{}
	readers sync.WaitGroup
	alive   []*process
	left    int              // lines until the next kill, or until one that it aims at
	timer   <-chan time.Time // or the moment of it
	kills   map[string]int   // by what they followed
	answers int              // of the service, that the children have told of
	first   int              // answers before the first kill
	last    int              // and before the last one
	runs    int
}

// run starts a child for each role, and again when it was killed or its run is done. It
// returns when the kills have happened and a run was the last; then all children have ended.
func (k *killer) run() {
	k.tb.Helper()
	k.events, k.quit, k.kills = make(chan event), make(chan struct{}), map[string]int{}
	defer k.end()
	for _, role := range k.roles {
		k.start(role)
	}
	k.plan()
	for {
		select {
		case <-k.timer:
			k.kill("start")
		case e := <-k.events:
			if k.see(e) {
				k.stop()
				return
			}
		}
	}
}

// see reports whether all is done.
func (k *killer) see(e event) bool {
	word, rest, _ := strings.Cut(e.line, " ")
	switch {
	case e.over:
		k.replace(e)
	case word == lineFinished:
		upTo, err := time.Parse(time.RFC3339, rest)
		if err != nil {
			k.tb.Fatal(err)
		}
		k.runs++
		return k.done() && k.enough(upTo)
	default:
		if word == linePage {
			k.answers++
		}
		if k.left--; k.left == 0 && len(k.aims) > 0 && word != k.aims[(k.killed()-k.kills["start"])%len(k.aims)] {
			k.left++
		}
		if k.left == 0 {
			k.kill(word)
		}
	}
	return false
}

// kill kills one of the children, most often at once and sometimes a little later.
func (k *killer) kill(after string) {
	if k.rng.IntN(2) == 0 {
		time.Sleep(time.Duration(k.rng.IntN(20)) * time.Millisecond)
	}
	if k.last = k.answers; k.first == 0 {
		k.first = k.answers
	}
	victim := k.alive[k.rng.IntN(len(k.alive))]
	victim.killed = after
	_ = victim.cmd.Process.Kill() // it may have ended by itself
}

// replace starts the successor of a child that has ended.
func (k *killer) replace(e event) {
	k.alive = slices.DeleteFunc(k.alive, func(p *process) bool { return p == e.from })
	if e.from.killed == "" {
		k.check(e)
	} else {
		if e.err != nil { // it was not faster
			k.kills[e.from.killed]++
		}
		if k.halfway != nil && k.killed() >= k.want/2 {
			k.halfway()
			k.halfway = nil
		}
		k.plan()
	}
	k.start(e.from.role)
}

// check fails the test if a child that was not killed did not end well.
func (k *killer) check(e event) {
	if e.err != nil {
		k.tb.Fatalf("%s has failed: %v\n%s", e.from.role, e.err, e.from.stderr.String())
	}
}

func (k *killer) done() bool { return k.killed() >= k.want }

func (k *killer) killed() (n int) {
	for _, of := range k.kills {
		n += of
	}
	return n
}

// move makes all children go another way, to another address, from now on.
func (k *killer) move(way, url string) {
	k.job.Way, k.job.URL = way, url
	for _, p := range k.alive {
		if p.killed == "" {
			p.killed = "move"
			_ = p.cmd.Process.Kill() // it may have ended by itself
		}
	}
}

// plan chooses when to kill next: after so many lines or, since much happens before the
// first line, after some time.
func (k *killer) plan() {
	k.left, k.timer = 0, nil
	switch {
	case k.done():
	case k.rng.IntN(5) == 0:
		k.timer = time.After(time.Duration(k.rng.ExpFloat64() * float64(200*time.Millisecond)))
	default:
		k.left = 1 + int(k.rng.ExpFloat64()*float64(k.lines))
	}
}

func (k *killer) start(role string) {
	k.tb.Helper()
	j := k.job
	j.Role = role
	text, err := json.Marshal(j)
	if err != nil {
		k.tb.Fatal(err)
	}
	p := &process{role: role, cmd: exec.Command(os.Args[0])} // TestMain makes it a child
	p.cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		k.tb.Fatal(err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		k.tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		k.tb.Fatal(err)
	}
	k.alive = append(k.alive, p)
	k.readers.Go(func() { k.read(p, stdout) })
}

// read hands on what a child prints, and then its end.
func (k *killer) read(p *process, stdout io.Reader) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		k.send(event{from: p, line: lines.Text()})
	}
	k.send(event{from: p, over: true, err: p.cmd.Wait()})
}

func (k *killer) send(e event) {
	select {
	case k.events <- e:
	case <-k.quit:
	}
}

// stop asks all children to end, and waits for that.
func (k *killer) stop() {
	for _, p := range k.alive {
		_ = p.stdin.Close() // it may have ended already
	}
	for left := len(k.alive); left > 0; {
		if e := <-k.events; e.over {
			k.check(e)
			left--
		}
	}
	k.alive = nil
}

// end leaves nothing behind, also after a failure.
func (k *killer) end() {
	for _, p := range k.alive {
		_ = p.cmd.Process.Kill()
	}
	close(k.quit)
	k.readers.Wait()
}
