// Image writes the container image of the gateway without a container engine: the command line, certificates of authorities and a
// user on an otherwise empty file system. The file is an OCI layout in a tar archive, with the index of "docker save" beside
// it, so that docker load, podman load and skopeo read it. The same inputs give the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run() error {
	var c contents
	flag.StringVar(&c.binary, "binary", "", "the static Linux program mktows, a `FILE`")
	flag.StringVar(&c.authorities, "authorities", "", "certificates of authorities, in PEM, a `FILE`; default: those of this machine")
	flag.StringVar(&c.arch, "arch", runtime.GOARCH, "what the program runs on, as Go names it")
	flag.StringVar(&c.version, "version", "dev", "the version, which is the tag as well")
	out := flag.String("out", "", "the image, a `FILE`")
	flag.Parse()
	if c.binary == "" || *out == "" || flag.NArg() > 0 {
		return errors.New("give -binary and -out, and nothing else than flags")
	}
	if c.authorities == "" {
		path, err := systemAuthorities()
		if err != nil {
			return err
		}
		c.authorities = path
	}
	return write(*out, &c)
}

// systemAuthorities finds the certificates of authorities that this machine trusts.
func systemAuthorities() (string, error) {
	for _, path := range []string{
		"/etc/ssl/certs/ca-certificates.crt", // Debian, Alpine
		"/etc/pki/tls/certs/ca-bundle.crt",   // Fedora
		"/etc/ssl/cert.pem",                  // macOS, BSD
	} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("this machine has no file of authorities: name one with -authorities")
}

// write writes the image to a file, which is there whole or not at all.
func write(path string, c *contents) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // gone already if all went well
	if err := errors.Join(c.archive(temporary), temporary.Close()); err != nil {
		return err
	}
	if err := os.Chmod(temporary.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
