// Command cmd writes the generated files of package gen; see package wsdlgen.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mktows/mktows-go/wsdl/internal/wsdlgen"
)

func main() {
	in := flag.String("wsdl", "../wsdl", "the folder of the WSDL documents")
	out := flag.String("out", ".", "the folder of package gen")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run generates the files from the documents in one folder and writes them to another. All of them are generated
// before the first is written, so that an error leaves no mixture of old and new.
func run(in, out string) error {
	files, err := wsdlgen.Generate(in)
	if err != nil {
		return err
	}
	for name, code := range files {
		if err := os.WriteFile(filepath.Join(out, name), code, 0o644); err != nil {
			return err
		}
	}
	return nil
}
