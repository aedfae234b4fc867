// Figures measures the shape of this module's code: how long functions and files are, how many files a
// folder holds, how much is documented, commented and tested, and how often lines stand twice. It
// counts Go code that is written by hand; generated files are left out.
//
//	make figures
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"slices"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	files, err := load(root)
	if err != nil {
		log.Fatal(err)
	}
	report(os.Stdout, measure(files))
}

// report writes the figures, one a line.
func report(w io.Writer, f figures) {
	line := func(name, format string, values ...any) {
		fmt.Fprintf(w, "%-34s %s\n", name, fmt.Sprintf(format, values...))
	}
	line("code lines", "%d in %d files", f.code, f.files)
	line("test lines", "%d in %d files", f.tests, f.testFiles)
	line("test lines per code line", "%.2f", ratio(f.tests, f.code))
	line("function lines, p50/p90/max", "%s (%s)", spread(f.functions), f.longestFunction)
	line("file lines, p50/p90/max", "%s (%s)", spread(f.lengths), f.longestFile)
	line("most code files in a folder", "%d (%s)", f.mostFiles, f.fullestFolder)
	line("exported names documented", "%.1f %%", 100*ratio(f.documented, f.exported))
	line("comment lines", "%.1f %%", 100*ratio(f.comments, f.code))
	line("pairs of six equal lines, code", "%d", f.copies)
	line("pairs of six equal lines, tests", "%d", f.testCopies)
	line("pairs of six like lines, code", "%d", f.duplicates)
	line("pairs of six like lines, tests", "%d", f.testDuplicates)
}

// spread returns the median, the ninth decile and the maximum of some lengths.
func spread(lengths []int) string {
	if len(lengths) == 0 {
		return "-"
	}
	slices.Sort(lengths)
	last := len(lengths) - 1
	return fmt.Sprintf("%d/%d/%d", lengths[last/2], lengths[last*9/10], lengths[last])
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
