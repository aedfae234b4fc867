package main

import (
	"context"
	"encoding/xml"
	"fmt"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/testing/bench"
)

// xmlEnvelope lets encoding/xml read and write an answer with the same structures.
type xmlEnvelope struct {
	XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
	Body    struct {
		Answer *gen.SuccessGetLeadActivity `xml:"http://www.marketo.com/mktows/ successGetLeadActivity"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

// codecTasks returns the measurements of decoding and encoding pages of two sizes. Documents are decoded both compact
// and indented, since white space is a large part of the bytes of an indented one.
func codecTasks(gsoap *gsoap) ([]*task, error) {
	var tasks []*task
	for _, n := range []int{100, 1000} {
		page := bench.Page(n)
		compact, err := bench.Compact(page)
		if err != nil {
			return nil, err
		}
		indented, err := bench.Indented(page)
		if err != nil {
			return nil, err
		}
		for _, form := range []struct{ name, doc string }{{"indented", indented}, {"compact", compact}} {
			t, err := decodeTask(fmt.Sprintf("decode %d %s", n, form.name), n, form.doc)
			if err != nil {
				return nil, err
			}
			if w, ok := gsoap.work(form.doc, n); ok {
				t.works = append(t.works, w)
			}
			tasks = append(tasks, t)
		}
		tasks = append(tasks, encodeTask(fmt.Sprintf("encode %d", n), n, page, len(compact)))
	}
	if gsoap.missing != "" {
		fmt.Printf("gSOAP is left out: %s\n\n", gsoap.missing)
	}
	return tasks, nil
}

// decodeTask returns the measurement of decoding one document by each rival.
func decodeTask(name string, n int, doc string) (*task, error) {
	ours := func() error {
		var v gen.SuccessGetLeadActivity
		if err := envelope.ReadResponse(context.Background(), doc, &v); err != nil {
			return err
		}
		return count(&v, n)
	}
	rival := func() error {
		var v xmlEnvelope
		if err := xml.Unmarshal([]byte(doc), &v); err != nil {
			return err
		}
		return count(v.Body.Answer, n)
	}
	return &task{
		name: name, bytes: len(doc), records: n, allocs: allocations(ours) / float64(n),
		works: []work{{"ours", repeat(ours)}, {"encoding/xml", repeat(rival)}},
	}, ours()
}

// count checks that all records were read. A decoder that skips some would win any race.
func count(v *gen.SuccessGetLeadActivity, n int) error {
	if got := len(v.LeadActivityList.ActivityRecordList.Value.ActivityRecord); got != n {
		return fmt.Errorf("%d records, want %d", got, n)
	}
	return nil
}

// encodeTask returns the measurement of encoding one page.
func encodeTask(name string, n int, page *gen.SuccessGetLeadActivity, size int) *task {
	var buf []byte
	ours := func() (err error) {
		buf, err = envelope.AppendResponse(buf[:0], gen.V2_7, page)
		return err
	}
	rival := func() error {
		var v xmlEnvelope
		v.Body.Answer = page
		_, err := xml.Marshal(&v)
		return err
	}
	return &task{
		name: name, bytes: size, records: n, allocs: allocations(ours) / float64(n),
		works: []work{{"ours", repeat(ours)}, {"encoding/xml", repeat(rival)}},
	}
}
