package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// Exchange is a recorded call and its answer.
type Exchange struct {
	Name      string      // of its files, without what they end in
	Version   gen.Version // by the path of the request, else by what the answer has
	UserID    string      // empty: the request has none
	Time      time.Time   // of the request's signature; zero: it has none
	Context   *gen.MktowsContextHeaderInfo
	Operation *gen.Operation
	Request   gen.Message
	Response  gen.Message  // nil where the answer is a fault
	Fault     *fault.Fault // nil where it is none
}

// Problem says why a file cannot be used, and what to do about it.
type Problem struct {
	File string `json:"file"` // its name in the folder
	Text string `json:"text"`
}

func (p *Problem) Error() string { return p.File + ": " + p.Text }

// Folder returns the exchanges of a folder, by name, and what is wrong with others. The error says that there are none at all.
func Folder(ctx context.Context, path string) (all []*Exchange, problems []*Problem, err error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, fmt.Errorf("the recording cannot be read: %w", err)
	}
	seen := make(map[string]bool)
	for _, entry := range entries {
		name, isRequest := strings.CutSuffix(entry.Name(), requestSuffix)
		if !isRequest {
			name, _ = strings.CutSuffix(entry.Name(), responseSuffix)
		}
		if name == entry.Name() || strings.HasPrefix(name, ".") {
			continue
		}
		seen[name] = true
	}
	if len(seen) == 0 {
		return nil, nil, fmt.Errorf("%s holds no recording: it needs pairs of files, NAME%s and NAME%s", path, requestSuffix, responseSuffix)
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		e, err := read(ctx, path, name)
		var p *Problem
		switch {
		case err == nil:
			all = append(all, e)
		case errors.As(err, &p):
			problems = append(problems, p)
		default:
			return nil, nil, err
		}
	}
	return all, problems, nil
}

// read reads one exchange. Its error is a *Problem, or that of ctx.
func read(ctx context.Context, folder, name string) (*Exchange, error) {
	e := &Exchange{Name: name, Version: gen.V2_7}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	request, path, problem := document(folder, name+requestSuffix)
	if problem == nil {
		problem = e.readRequest(ctx, name+requestSuffix, request)
	}
	var response string
	if problem == nil {
		response, _, problem = document(folder, name+responseSuffix)
	}
	if problem == nil {
		problem = e.readResponse(ctx, name+responseSuffix, response)
	}
	if problem != nil {
		return nil, problem
	}
	switch v, err := gen.ParseVersion(path[strings.LastIndexByte(path, '/')+1:]); {
	case path != "" && err == nil:
		e.Version = v
	case strings.Contains(response, "marketoGUID"): // which only the later contract has
		e.Version = gen.V3_1
	}
	return e, nil
}

// document returns the envelope of a file in UTF-8, and the path of a request with headers of HTTP.
func document(folder, file string) (doc, path string, problem *Problem) {
	full := filepath.Join(folder, file)
	refuse := func(format string, args ...any) (string, string, *Problem) {
		return "", "", &Problem{file, fmt.Sprintf(format, args...)}
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, os.ErrNotExist) && strings.HasSuffix(file, responseSuffix):
		return refuse("is missing: a request without its answer has nothing to be compared with; add it, or take the request away")
	case errors.Is(err, os.ErrNotExist):
		return refuse("is missing: add the request that this answer belongs to, or take the answer away")
	case err != nil:
		return refuse("cannot be read: %v", err)
	case !info.Mode().IsRegular():
		return refuse("is no plain file")
	}
	in, err := os.Open(full)
	if err != nil {
		return refuse("cannot be read: %v", err)
	}
	defer in.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(in, int64(maxFile)+1))
	switch {
	case err != nil:
		return refuse("cannot be read: %v", err)
	case len(data) > maxFile:
		return refuse("has more than %d MiB: no envelope is that large; leave it out", maxFile>>20)
	}
	doc, path, err = body(string(data))
	if err != nil {
		return refuse("%v", err)
	}
	return doc, path, nil
}

// readRequest reads the envelope of a request.
func (e *Exchange) readRequest(ctx context.Context, file, doc string) *Problem {
	q, err := envelope.OpenRequest(ctx, doc)
	if err != nil {
		return &Problem{file, fmt.Sprintf("cannot be read as a request: %s; record it again, or leave it out", told(err))}
	}
	e.Operation = gen.OperationByInput(q.Element)
	if e.Operation == nil {
		return &Problem{file, fmt.Sprintf("holds %.100q, which is the request of no operation: leave it out", q.Element)}
	}
	e.Request = e.Operation.NewInput()
	if err := q.Read(e.Request); err != nil {
		return &Problem{file, fmt.Sprintf("cannot be read as a request of %s: %s; record it again, or leave it out", e.Operation.Name, told(err))}
	}
	e.Context = q.Context
	if a := q.Authentication; a != nil {
		e.UserID = strings.TrimSpace(a.MktowsUserId)
		e.Time, _ = gen.DateTime(strings.TrimSpace(a.RequestTimestamp)).Time() // zero is: not known
	}
	return nil
}

// readResponse reads the envelope of the answer.
func (e *Exchange) readResponse(ctx context.Context, file, doc string) *Problem {
	out := e.Operation.NewOutput()
	err := envelope.ReadResponse(ctx, doc, out)
	switch {
	case err == nil:
		e.Response = out
	case errors.As(err, &e.Fault):
	default:
		return &Problem{file, fmt.Sprintf("cannot be read as an answer of %s: %s; record it again, or leave both files out", e.Operation.Name, told(err))}
	}
	return nil
}

// told describes an error without a value of the document, which may be personal data.
func told(err error) string {
	if syntax := new(soapxml.SyntaxError); errors.As(err, &syntax) && syntax.Value {
		return fmt.Sprintf("a value is missing or not of its type (in %s, at byte %d)", syntax.Path, syntax.Offset)
	}
	return err.Error()
}
