// Command launch stands for the program in scripts. It hands the command line to the process behind the socket that
// MKTOWS_TEST_SERVER names, with its folder, its variables and its streams, and ends with the exit code of the command. Where
// that process names a program instead, launch becomes that program.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"syscall"
)

func main() {
	code, err := launch()
	if err != nil {
		fmt.Fprintln(os.Stderr, "launch:", err)
		code = 70
	}
	os.Exit(code)
}

func launch() (int, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: os.Getenv("MKTOWS_TEST_SERVER"), Net: "unix"})
	if err != nil {
		return 0, err
	}
	if _, _, err := conn.WriteMsgUnix([]byte{'\n'}, syscall.UnixRights(0, 1, 2), nil); err != nil {
		return 0, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	if err := json.NewEncoder(conn).Encode(map[string]any{"Args": os.Args[1:], "Dir": dir, "Env": os.Environ()}); err != nil {
		return 0, err
	}
	var answer struct {
		Code    int
		Program string // to run instead
	}
	if err := json.NewDecoder(conn).Decode(&answer); err != nil {
		return 0, fmt.Errorf("the process that runs the commands of the script does not answer: %w", err)
	}
	if answer.Program != "" {
		return 0, syscall.Exec(answer.Program, append([]string{"mktows"}, os.Args[1:]...), os.Environ())
	}
	return answer.Code, nil
}
