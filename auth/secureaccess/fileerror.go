package secureaccess

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
)

// FileError says where a file of tokens or of access secrets cannot be read. It never quotes from the file.
type FileError struct {
	Name string
	Line int   // from 1; 0: the file as a whole
	Err  error // what is wrong there
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("secureaccess: %s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("secureaccess: %s:%d: %v", e.Name, e.Line, e.Err)
}

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// readError takes out the path, which stands in front already, and the scanner's word
// for a line, which is "token".
func readError(err error) error {
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("the line is longer than %d bytes", bufio.MaxScanTokenSize)
	}
	return err
}
