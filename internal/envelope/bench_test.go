package envelope_test

import (
	"context"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/testing/bench"
)

// BenchmarkReadResponse reads a page of activities; make bench compares it with others.
func BenchmarkReadResponse(b *testing.B) {
	for name, form := range map[string]func(*gen.SuccessGetLeadActivity) (string, error){"compact": bench.Compact, "indented": bench.Indented} {
		b.Run(name, func(b *testing.B) {
			doc, err := form(bench.Page(1000))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				var v gen.SuccessGetLeadActivity
				if err := envelope.ReadResponse(context.Background(), doc, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
