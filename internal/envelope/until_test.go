package envelope_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
)

func TestUntil(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := envelope.Until(ctx, strings.NewReader("abcdef"))
	p := make([]byte, 3)
	if n, err := r.Read(p); n != 3 || err != nil || string(p) != "abc" {
		t.Errorf("%d bytes %q, %v", n, p, err)
	}
	cancel()
	if n, err := r.Read(p); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %d bytes, %v", n, err)
	}
	whole, err := io.ReadAll(envelope.Until(t.Context(), strings.NewReader("abc")))
	if string(whole) != "abc" || err != nil {
		t.Errorf("%q, %v", whole, err)
	}
}

// TestReading_stopsWithItsContext holds that a document which nobody waits for is neither
// read nor judged.
func TestReading_stopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	doc := open + `<e:Body>` + strings.Repeat(`<m:a>`, 10) + strings.Repeat(`<b/>`, 100_000)
	q, err := envelope.OpenRequest(ctx, open+`<e:Body><m:paramsGetLead>`+strings.Repeat(`<b/>`, 100_000)+`</m:paramsGetLead></e:Body></e:Envelope>`)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := q.Read(new(gen.ParamsGetLead)); !errors.Is(err, context.Canceled) {
		t.Errorf("the body is read on: %v", err)
	}
	if err := envelope.ReadResponse(ctx, doc, new(gen.SuccessGetLead)); !errors.Is(err, context.Canceled) || errors.Is(err, envelope.ErrNotEnvelope) {
		t.Errorf("answer: %v", err)
	}
	if _, err := envelope.OpenRequest(ctx, "<html"); !errors.Is(err, context.Canceled) || errors.Is(err, envelope.ErrNotEnvelope) {
		t.Errorf("request: %v", err)
	}
}
