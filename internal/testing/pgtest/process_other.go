//go:build !unix

package pgtest

import (
	"fmt"
	"runtime"
	"syscall"
)

type owner struct{}

func unprivileged() (*owner, error) {
	return nil, fmt.Errorf("%w: there is no support for %s", errMissing, runtime.GOOS)
}

func attributes(*owner) *syscall.SysProcAttr { return nil }

func folder(*owner) (string, error) { _, err := unprivileged(); return "", err }

func signal(int, bool) error { _, err := unprivileged(); return err }
