package gen_test

import (
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// An optional element is absent, nil, or there, and each is another thing on the wire.
func ExampleOpt() {
	for _, position := range []gen.Opt[string]{{}, gen.NilOf[string](), gen.Some("318815:0")} {
		doc, err := gen.Marshal(&gen.ParamsGetLeadActivity{
			LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"}, StartPosition: gen.Some(gen.StreamPosition{Offset: position}),
		}, gen.V2_7)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, rest, _ := strings.Cut(string(doc), "<startPosition")
		written, _, _ := strings.Cut(rest, "</ns1:")
		fmt.Println("<startPosition" + written)
	}
	// Output:
	// <startPosition></startPosition>
	// <startPosition><offset xsi:nil="true"/></startPosition>
	// <startPosition><offset>318815:0</offset></startPosition>
}
