package bridge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
)

// objectWrite is an object on its way to the service.
type objectWrite struct {
	place  int // in the request
	object rest.Object
}

// writeObjects writes objects in batches: not too many, not too large, and no key twice in one, which
// the service refuses (1036). It tells of each what became of it. When a call fails after others have
// gone through, the objects that were not written get its error; one that fails before anything was
// written is returned. Words are what the service says of an object that it took.
func (w *work) writeObjects(
	list []objectWrite, dedupe, words []string,
	call func([]rest.Object) (*rest.Answer[rest.Outcome], error), tell func(place int, o *rest.Outcome, err error),
) error {
	for begun := false; len(list) > 0; begun = true {
		batch := nextObjects(list, dedupe)
		objects := make([]rest.Object, len(batch))
		for i := range batch {
			objects[i] = batch[i].object
		}
		a, err := call(objects)
		var places []int
		if err == nil {
			places, err = w.outcomes(a, len(batch), words)
		}
		switch {
		case err != nil && !begun:
			return err
		case err != nil:
			for _, one := range list {
				tell(one.place, nil, w.failed(err))
			}
			return nil
		}
		for i := range a.Records {
			tell(batch[places[i]].place, &a.Records[i], w.recordFault(a, i))
		}
		list = list[len(batch):]
	}
	return nil
}

// The words that say that an object was written, or deleted.
var (
	wordsOfSync   = []string{"created", "updated"}
	wordsOfDelete = []string{"deleted"}
)

// outcomes returns the place in the request of each record of an answer, which has to tell of all n what
// became of it: that it was skipped, or one of some words.
func (w *work) outcomes(a *rest.Answer[rest.Outcome], n int, words []string) ([]int, error) {
	places, seen := make([]int, len(a.Records)), make(map[int]bool, n)
	for i := range a.Records {
		o := &a.Records[i]
		if places[i] = i; o.Seq != nil {
			places[i] = *o.Seq
		}
		if places[i] >= 0 && places[i] < n && (o.Skipped() || containsFold(words, o.Status)) {
			seen[places[i]] = true
		}
	}
	if len(a.Records) != n || len(seen) != n {
		return nil, w.untold()
	}
	return places, nil
}

// untold is the error of a write whose answer leaves records out, or says of them what nobody can understand.
func (w *work) untold() error {
	return &fault.UnknownOutcomeError{Op: w.operation, Err: fault.NewContentError(errors.New("the answer does not tell of each record what became of it"))}
}

// nextObjects returns the objects from the first one on that go into one call.
func nextObjects(list []objectWrite, dedupe []string) []objectWrite {
	seen, size := make(map[string]bool), 0
	for i, one := range list {
		size += one.object.Size() + 1
		key := keyOf(one.object, dedupe)
		if i == rest.MaxPage || i > 0 && size > maxBatchSize || seen[key] {
			return list[:i]
		}
		seen[key] = true
	}
	return list
}

// keyOf returns what makes an object what it is, as a text.
func keyOf(object rest.Object, dedupe []string) string {
	var parts []string
	for _, name := range dedupe {
		i := slices.IndexFunc(object, func(m rest.Member) bool { return strings.EqualFold(m.Name, name) })
		if i >= 0 {
			parts = append(parts, strings.ToLower(fmt.Sprint(object[i].Value)))
		}
	}
	return fmt.Sprintf("%q", parts)
}
