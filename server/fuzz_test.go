package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

// Whatever is posted, the answer is an envelope or a clear refusal, and nothing panics.
func FuzzServeHTTP(f *testing.F) {
	good := header(user, key, start)
	for _, doc := range []string{
		"", "x", "<", "\xFF\xFE<", body, envelopeWith("", body), envelopeWith(good, body), envelopeWith(good, "<m:x/>"),
		envelopeWith(good+good, body), envelopeWith(good, body)[:300], envelopeWith(good, strings.Replace(body, "318815", "\x00&#1;", 1)),
		envelopeWith(good, "<m:paramsGetMultipleLeads><leadSelector xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:type='m:LeadKeySelector'/></m:paramsGetMultipleLeads>"),
		"<!DOCTYPE a [<!ENTITY b '&c;&c;'>]>" + envelopeWith(good, body),
	} {
		f.Add(doc, "text/xml; charset=utf-8", "", false)
		f.Add(zipped(doc), "text/xml", "gzip", true)
	}
	f.Fuzz(func(t *testing.T, doc, contentType, encoding string, repair bool) {
		var opts []server.Option
		if repair {
			opts = append(opts, server.WithRepair())
		}
		b := setup(t, nil, opts...)
		r := request(doc)
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Content-Encoding", encoding)
		switch got := b.do(r); got.status {
		case http.StatusUnsupportedMediaType:
			if got.body == "" || strings.Contains(got.body, "SOAP-ENV") {
				t.Errorf("HTTP 415 without a text: %q", got.body)
			}
		case http.StatusOK:
			if f := got.fault(t); f != nil {
				t.Errorf("HTTP 200 with a fault: %v", f)
			}
		case http.StatusInternalServerError:
			if f := got.fault(t); f == nil || f.FaultCode == "" || f.FaultString == "" {
				t.Errorf("HTTP 500 with %+v", f)
			}
		default:
			t.Errorf("HTTP %d", got.status)
		}
		if len(b.exchanges.all()) != 1 {
			t.Error("the journal has not got exactly this call")
		}
	})
}

// What is repaired can be read, or is broken in another way; nothing else changes.
func FuzzWithRepair(f *testing.F) {
	for _, value := range []string{"a", "a\x01", "&#1;", "<![CDATA[\x02&#1;]]>", "&#xFFFF;&#65;", "<!-- \x03 -->", "\uFFFE", "&amp;#1;"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		plain, repairing := setup(t, nil), setup(t, nil, server.WithRepair())
		doc := plain.signed(strings.Replace(body, "318815", value, 1))
		before, after := plain.post(doc), repairing.post(doc)
		if strings.Contains(after.body, "not allowed in XML 1.0") {
			t.Errorf("a character was left: %s", after.body)
		}
		if repairing.Repaired() == 0 && before.body != after.body {
			t.Errorf("nothing was repaired, and the answers differ:\n%s\n%s", before.body, after.body)
		}
		if before.status == http.StatusOK && repairing.Repaired() > 0 && !strings.Contains(value, "<!") && !strings.Contains(value, "<?") {
			t.Errorf("%d characters were replaced in a good document", repairing.Repaired())
		}
	})
}

// BenchmarkServeHTTP is a call without a network: reading, authentication, limits and
// writing.
func BenchmarkServeHTTP(b *testing.B) {
	s := setup(b, nil, server.WithLimits(limits.Unlimited()))
	doc := s.signed(body)
	b.ReportAllocs()
	for b.Loop() {
		if got := s.post(doc); got.status != http.StatusOK {
			b.Fatal(got.body)
		}
	}
}
