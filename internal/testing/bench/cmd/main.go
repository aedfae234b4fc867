// Command cmd measures the codec and whole calls beside their rivals and prints the
// ratios. Two things are compared only within one run, in turn, because machines
// are noisy; the figures are medians over the rounds.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// work is one way to do a task: n times, as often as the clock allows.
type work struct {
	name string
	run  func(budget time.Duration) (perOp time.Duration, err error)
}

// task is measured in several ways; the first is ours.
type task struct {
	name    string
	bytes   int
	records int
	works   []work
	allocs  float64 // of ours, for one record
}

func main() {
	rounds := flag.Int("rounds", 7, "how often each pair is measured")
	budget := flag.Duration("budget", 200*time.Millisecond, "how long each measurement takes")
	flag.Parse()
	if err := run(*rounds, *budget); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run makes all measurements and prints them as a table.
func run(rounds int, budget time.Duration) error {
	fmt.Printf("%s %s/%s, %d processors, medians of %d rounds of %v\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds, budget)
	rival := newGSOAP()
	defer os.RemoveAll(rival.dir)
	tasks, err := codecTasks(rival)
	if err != nil {
		return err
	}
	calls, stop, err := callTasks()
	if err != nil {
		return err
	}
	defer stop()
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "task\tbytes\tby\tns a record\tMB/s\tours is faster by\tallocs a record")
	for _, t := range append(tasks, calls...) {
		if err := t.measure(out, rounds, budget); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return out.Flush()
}

// measure runs the ways of doing a task by turns and prints a line for each. By turns, because the speed of a machine
// changes within seconds, and both sides should get the same of it.
func (t *task) measure(out *tabwriter.Writer, rounds int, budget time.Duration) error {
	took := make([][]float64, len(t.works))
	for range rounds {
		for i, w := range t.works {
			d, err := w.run(budget)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			took[i] = append(took[i], float64(d.Nanoseconds()))
		}
	}
	for i, w := range t.works {
		ratio, allocs := "", fmt.Sprintf("%.2f", t.allocs)
		if i > 0 {
			ratio, allocs = ratioOf(took[i], took[0]), ""
		}
		ns := median(took[i])
		fmt.Fprintf(out, "%s\t%d\t%s\t%.0f\t%.0f\t%s\t%s\n", t.name, t.bytes, w.name, ns/float64(t.records), float64(t.bytes)/ns*1000, ratio, allocs)
	}
	return nil
}

// ratioOf returns how many times as fast as the rival ours is: the median of the rounds, with the least and the most.
func ratioOf(rival, ours []float64) string {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = rival[i] / ours[i]
	}
	return fmt.Sprintf("%.1f (%.1f to %.1f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// repeat turns a function into work: it is repeated until the time is used up, after a garbage collection, so that
// nobody pays for the memory of the one before.
func repeat(f func() error) func(time.Duration) (time.Duration, error) {
	return func(budget time.Duration) (time.Duration, error) {
		runtime.GC()
		n, begin := 0, time.Now()
		for time.Since(begin) < budget {
			if err := f(); err != nil {
				return 0, err
			}
			n++
		}
		return time.Since(begin) / time.Duration(n), nil
	}
}

// allocations returns how many allocations one run of f makes.
func allocations(f func() error) float64 {
	const runs = 5
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		_ = f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / runs
}
