package activity

import (
	"context"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// maxSharers is how many of the leads that share a key are named.
const maxSharers = 10

// tellSharers says which leads share a key, and whose activities came: the service picks one of them,
// in a way that is not documented (Marketo SOAP API, getLeadActivity). It costs a call, so keys that
// one lead has at most go without. If the call fails nothing is said: the activities are there.
func tellSharers(ctx context.Context, a *console.Console, port gen.Port, key operations.LeadKey, picked int64) {
	if key.Type == operations.KeyID || key.Type == operations.KeyCookie {
		return
	}
	page, err := operations.New(port).Leads.Page(ctx, operations.ByKeys(key), operations.Cursor{},
		&operations.LeadOptions{Fields: []string{"Id"}, BatchSize: maxSharers})
	if err != nil || len(page.Items) < 2 {
		return
	}
	ids := make([]string, len(page.Items))
	other := page.Items[0].ID
	for i := range page.Items {
		ids[i] = fmt.Sprint(page.Items[i].ID)
		if other == picked {
			other = page.Items[i].ID
		}
	}
	if page.More {
		ids = append(ids, "more")
	}
	last := len(ids) - 1
	text := fmt.Sprintf("the leads %s and %s share %s", strings.Join(ids[:last], ", "), ids[last], key)
	if picked != 0 {
		text += fmt.Sprintf("; these are the activities of lead %d", picked)
	}
	a.Warnf("%s; to choose, ask by id: mktows activity %d", text, other)
}
