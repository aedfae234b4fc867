package envelope

import (
	"context"
	"io"
)

// Until returns a reader that fails with the error of the context once that has ended. It goes below a decompressor,
// because that can make much work out of few bytes and would not notice by itself.
func Until(ctx context.Context, r io.Reader) io.Reader { return untilReader{ctx.Err, r} }

type untilReader struct {
	ended func() error
	r     io.Reader
}

func (u untilReader) Read(p []byte) (int, error) {
	if err := u.ended(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
