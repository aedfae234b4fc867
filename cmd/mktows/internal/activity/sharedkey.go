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

// tellSharers warns if several leads share the key and says whose activities were printed. The service picks one of
// the leads in a way that is not documented (Marketo SOAP API, getLeadActivity). Finding the others takes one more
// call, so it is not made for types of keys that belong to one lead at most. If it fails, nothing is said: the
// activities have been printed, and the command has succeeded.
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
