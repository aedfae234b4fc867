// Package operations calls the SOAP API with Go values: it makes requests of plain
// structs and turns answers into time.Time, strings and iterators.
//
// An [API] works over any [gen.Port]: the SOAP client, the simulator or whatever else
// implements the port type. It has a service for each area:
//
//	api := operations.New(port)
//	for a, err := range api.Activities.All(ctx, operations.LeadID(318815), nil) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(a.Time, a.Type, a.AssetName)
//	}
//
// The services are Activities, Leads, Lists, Campaigns, Objects (programs, opportunities
// and roles), CustomObjects and Programs (channels and tags). A [LeadKey] names a
// lead, a [Selector] chooses many, [Attributes] are fields with typed access.
//
// # Pages
//
// A paged operation comes in three forms: All yields the records, Pages the pages, Page
// gets one page. The iterators fetch a page when it is asked for: nothing before the
// first pull, nothing after a break. Ranging twice begins twice at the same place. An
// error is the last pair, with a zero record or page; what was yielded before it is
// good. An empty page is not the end: [Page.More] tells it. Only [MaxEmptyPages] of them in a row
// are an error, [ErrEndless].
//
// Each page has a [Cursor] for the next one. Save it once the page's records are
// safe, and go on from there in another process:
//
//	text := page.Next.String()
//	...
//	at, err := operations.ParseCursor(text)
//	pages := api.Activities.Pages(ctx, key, &operations.ActivityOptions{Start: at})
//
// The cursor of a last page can be asked again later: as long as nothing was added the service says that the
// stream is at its end (20123), and the page is empty. At any other cursor that answer is an error that matches
// [fault.ErrEndOfStream]: more was announced, and only a reading from the start finds it.
//
// # Errors
//
// What the rules of the service forbid is refused before it is sent, with an
// [ArgumentError]. Errors of the port are passed on: those of package fault. Every error of
// a call is or wraps a [fault.OpError], which names the wire operation.
//
// A call that writes many records can succeed as a whole and fail for some of them. It
// returns a status for each record, in the order of the request, with a
// [fault.SyncError] in Err where the record was not taken.
//
// # Memory
//
// The strings of a page's records may share one piece of memory, the document they
// were read from. Clone (strings.Clone) the few that outlive the rest by far. A
// Cursor stands alone.
//
// The package imports gen and fault of this module, internal/paging and internal/safety.
package operations
