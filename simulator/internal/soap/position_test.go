package soap

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
)

// A position is read as it was written for its request, and not with any byte changed.
func TestStreamPosition(t *testing.T) {
	t.Parallel()
	request := fingerprint("getMObjects", "Opportunity")
	want := streamPosition{request: request}.next(1500, true)
	text := want.String()
	got, err := readStreamPosition(" "+text+"\n", request)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(streamPosition{})); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for i := range text {
		changed := text[:i] + "_" + text[i+1:]
		if _, err := readStreamPosition(changed, request); !errors.Is(err, fault.CodeBadStreamPosition) && changed != text {
			t.Errorf("%s is read: %v", changed, err)
		}
	}
	if _, err := readStreamPosition(text, request+1); !errors.Is(err, fault.CodeBadStreamPosition) {
		t.Errorf("read for another request: %v", err)
	}
	if _, err := readStreamPosition(want.next(2000, false).String(), request); !errors.Is(err, fault.CodeStreamAtEnd) {
		t.Errorf("at the end: %v", err)
	}
}

// The two positions with a readable form are known for their request alone.
func TestPositions_readable(t *testing.T) {
	t.Parallel()
	lead := leadPosition{oldest: 5, latest: 9, selector: "keys"}.after([]int64{3, 7}, 4)
	for selector, ok := range map[string]bool{"keys": true, "list": false} {
		read := leadPosition{selector: selector}
		if err := read.read(lead.String()); (err == nil) != ok {
			t.Errorf("for %s: %v", selector, err)
		}
		if ok && read != lead {
			t.Errorf("%+v, want %+v", read, lead)
		}
	}
	change := changePosition{id: 7, pages: 2, began: 9, times: [3]string{"a", "-", "b"}, request: "all"}
	for request, ok := range map[string]bool{"all": true, "some": false} {
		read := changePosition{request: request}
		if read.parse(change.String()) != ok {
			t.Errorf("for %s: %+v", request, read)
		}
	}
}
