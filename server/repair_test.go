package server_test

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

func TestWithRepair(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value, want string
		count             int
	}{
		{"nothing to do", "a&amp;b &#x41; ä\t<![CDATA[<&#1;>]]>", "a&b A ä\t<&#1;>", 0},
		{"raw", "a\x00b\x0Bc\x1Fd", "a\uFFFDb\uFFFDc\uFFFDd", 3},
		{"references", "a&#11;b&#x1f;c&#0;d", "a\uFFFDb\uFFFDc\uFFFDd", 3},
		{"surrogates and beyond Unicode", "&#xD800;&#x110000;&#xFFFF;", "\uFFFD\uFFFD\uFFFD", 3},
		{"non-characters", "\uFFFE\uFFFF", "\uFFFD\uFFFD", 2},
		{"in CDATA", "<![CDATA[\x01&#1;]]>\x02", "\uFFFD&#1;\uFFFD", 2},
		{"in a comment", "a<!-- \x01 -->b", "ab", 1},
		{"longest reference", "&#x10FFFF;&#0000000065;", "\U0010FFFFA", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil, server.WithRepair())
			for calls := 1; calls <= 2; calls++ {
				if f := b.post(b.signed(strings.Replace(body, "318815", test.value, 1))).fault(t); f != nil {
					t.Fatal(f)
				}
				e := b.exchanges.last()
				if got := e.Request.(*gen.ParamsGetLeadActivity).LeadKey.KeyValue; got != test.want {
					t.Errorf("the port got %q, want %q", got, test.want)
				}
				if e.Repaired != test.count || b.Repaired() != int64(calls*test.count) {
					t.Errorf("%d repaired, %d in all; want %d each time", e.Repaired, b.Repaired(), test.count)
				}
				if !strings.Contains(string(e.RawRequest), test.value) {
					t.Error("the journal lacks the request as it came")
				}
			}
		})
	}
}

// What is broken in other ways stays so.
func TestWithRepair_otherFaults(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"\xE4", "&b;", "&#;", "&#x;", "&", "&#12", "&#-1;", "<![CDATA[\x01", "&#99999999999;"} {
		b := setup(t, nil, server.WithRepair())
		if code := b.post(b.signed(strings.Replace(body, "318815", value, 1))).code(t); code != fault.CodeRequestNotUnderstood {
			t.Errorf("%q: fault %d, want 20012", value, code)
		}
	}
}
