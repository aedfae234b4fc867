package soap

import (
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/fault"
)

// leadPosition is a place in the leads of a selector. Its text has the form of the
// service's: the id of the last lead, both bounds as Unix time, the leads so far and
// those that remain; then the number of the page, so that no two are equal, and a sum
// over all of that and the selector, so that one that was changed is found out.
type leadPosition struct {
	id             int64
	oldest, latest int64
	soFar, left    int
	page           int

	selector string
}

const leadPositionForm = "id:%d:to:%d:tl:%d:os:%d:rc:%d:pg:%d"

// String returns the text of the position.
func (p leadPosition) String() string {
	text := fmt.Sprintf(leadPositionForm, p.id, p.oldest, p.latest, p.soFar, p.left, p.page)
	return text + ":ck:" + checksum(fmt.Sprintf("getMultipleLeads %s %q", text, p.selector))
}

// read reads a text into p, of which the selector is set. Writing the result again and comparing it covers the form,
// the sum and the selector at once. The fault is 20122 unless the text was given for the selector.
func (p *leadPosition) read(text string) error {
	text = strings.TrimSpace(text)
	head, _, _ := strings.Cut(text, ":ck:")
	_, err := fmt.Sscanf(head, leadPositionForm, &p.id, &p.oldest, &p.latest, &p.soFar, &p.left, &p.page)
	if err != nil || text != p.String() {
		return fault.Newf(fault.CodeBadStreamPosition, "streamPosition %q was not given for this request: "+
			"start without a position, and pass positions back unchanged", text)
	}
	return nil
}

// after returns the position behind a page.
func (p leadPosition) after(page []int64, left int) leadPosition {
	if len(page) > 0 {
		p.id = page[len(page)-1]
	}
	p.soFar += len(page)
	p.left = left
	p.page++
	return p
}
