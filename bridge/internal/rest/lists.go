package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Methods of writes.
const (
	post = http.MethodPost
	del  = http.MethodDelete
)

// Paths of static lists.
var (
	listsPath          = readPath{"/rest/v1/lists.json", 30 * time.Second}
	isMemberPath       = readPath{"/rest/v1/lists/{listId}/leads/ismember.json", 30 * time.Second}
	addToListPath      = writePath{post, "/rest/v1/lists/{listId}/leads.json", 30 * time.Second}
	removeFromListPath = writePath{del, "/rest/v1/lists/{listId}/leads.json", 30 * time.Second}
)

// List is a static list. Its name is bare: the program stands beside it, and is empty for a list
// outside programs.
type List struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	ProgramName string `json:"programName"`
	WorkspaceID int64  `json:"workspaceId"`
}

// ListsByName returns a page of the static lists of a name, in a program or, without one, anywhere:
// names repeat across programs (Marketo REST API, static lists).
func (c *Client) ListsByName(ctx context.Context, name, program string, p Page) (*Answer[List], error) {
	r := newRead(listsPath)
	r.params.add("name", name)
	r.params.addText("programName", program)
	p.add(&r.params)
	return read[List](ctx, c, r)
}

// leadIDs names leads in a body.
type leadIDs struct {
	Input []leadID `json:"input"`
}

type leadID struct {
	ID int64 `json:"id"`
}

func idsOf(leads []int64) []leadID {
	list := make([]leadID, len(leads))
	for i, id := range leads {
		list[i].ID = id
	}
	return list
}

// AddToList puts up to [MaxPage] leads on a list (Marketo REST API, static lists).
func (c *Client) AddToList(ctx context.Context, list int64, leads []int64) (*Answer[Outcome], error) {
	return write[Outcome](ctx, c, newWrite(addToListPath, fault.Idempotent, number(list)).withJSON(leadIDs{idsOf(leads)}))
}

// RemoveFromList takes up to [MaxPage] leads off a list. A lead that is not on it is skipped (1015),
// which leaves what a repetition was to do done.
func (c *Client) RemoveFromList(ctx context.Context, list int64, leads []int64) (*Answer[Outcome], error) {
	w := newWrite(removeFromListPath, fault.Idempotent, number(list))
	w.params.addNumbers("id", leads)
	return write[Outcome](ctx, c, w)
}

// MembersOfList tells of up to [MaxPage] leads which are on a list.
func (c *Client) MembersOfList(ctx context.Context, list int64, leads []int64) (*Answer[Outcome], error) {
	r := newRead(isMemberPath, number(list))
	r.params.addNumbers("id", leads)
	return read[Outcome](ctx, c, r)
}
