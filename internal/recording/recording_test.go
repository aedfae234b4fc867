package recording_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/recording"
)

const (
	open    = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://www.marketo.com/mktows/">`
	request = `<?xml version="1.0" encoding="UTF-8"?>` + open + `<e:Header><n:AuthenticationHeader><mktowsUserId>another_user</mktowsUserId>` +
		`<requestSignature>[redacted]</requestSignature><requestTimestamp>2015-09-04T16:07:16-05:00</requestTimestamp></n:AuthenticationHeader></e:Header>` +
		`<e:Body><n:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>zoë@example.com</keyValue></leadKey></n:paramsGetLead></e:Body></e:Envelope>`
	response = open + `<e:Body><n:successGetLead><result><count>0</count></result></n:successGetLead></e:Body></e:Envelope>`
	failed   = open + `<e:Body><e:Fault><faultcode>e:Client</faultcode><faultstring>20103 - Lead not found</faultstring><detail><n:ns1>` +
		`</n:ns1></detail></e:Fault></e:Body></e:Envelope>`
)

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func latin1(text string) string {
	return strings.ReplaceAll(strings.Replace(text, "UTF-8", "ISO-8859-1", 1), "ë", "\xeb")
}

func utf16(text string) string {
	out := "\xff\xfe"
	for _, c := range strings.Replace(text, "UTF-8", "UTF-16", 1) {
		out += string([]byte{byte(c), byte(c >> 8)})
	}
	return out
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// What tools show of an exchange is read, with headers of HTTP in front or not.
func TestFolder_asCaptured(t *testing.T) {
	t.Parallel()
	const post = "POST /soap/mktows/2_9?x=1 HTTP/1.1\r\nHost: example.com\r\n"
	for name, test := range map[string]struct {
		request, response string
		version           gen.Version
	}{
		"bare":               {request, response, gen.V2_7},
		"blanks in front":    {"\n\n" + strings.TrimPrefix(request, `<?xml version="1.0" encoding="UTF-8"?>`), "\r\n " + response, gen.V2_7},
		"heads":              {post + "Content-Type: text/xml\r\n\r\n" + request, "HTTP/1.1 200 OK\nContent-Length: 7\n\n" + response, gen.V3_1},
		"continued":          {request, "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200\r\ncontent-type: text/xml\r\n\r\n" + response, gen.V2_7},
		"chunked":            {request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "5\r\n" + response[:5] + "\r\n" + "fff\r\n" + response[5:], gen.V2_7},
		"said to be chunked": {request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + response, gen.V2_7},
		"compressed":         {post + "Content-Encoding: gzip\r\n\r\n" + zipped(request), zipped(response), gen.V3_1},
		"said compressed":    {request, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + response, gen.V2_7},
		"ISO-8859-1":         {latin1(request), response, gen.V2_7},
		"a charset":          {post + "Content-Type: text/xml; charset=iso-8859-1\r\n\r\n" + strings.ReplaceAll(request, "ë", "\xeb"), response, gen.V3_1},
		"UTF-16":             {utf16(request), response, gen.V2_7},
		"a mark":             {"\uFEFF" + request, "\uFEFF" + response, gen.V2_7},
		"a fault":            {request, failed, gen.V2_7},
		"a later contract":   {request, strings.Replace(response, "<count>", "<!-- marketoGUID --><count>", 1), gen.V3_1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "chunked" {
				test.response = strings.Replace(test.response, "fff\r\n", hex(len(response)-5)+"\r\n", 1) + "\r\n0\r\n\r\n"
			}
			all, problems, err := recording.Folder(t.Context(), folder(t, map[string]string{"1.request.xml": test.request, "1.response.xml": test.response, "notes.txt": "x"}))
			if err != nil || len(problems) > 0 || len(all) != 1 {
				t.Fatal(all, problems, err)
			}
			e := all[0]
			in, ok := e.Request.(*gen.ParamsGetLead)
			if !ok || in.LeadKey.KeyValue != "zoë@example.com" || e.UserID != "another_user" || e.Version != test.version || e.Time.Unix() != 1441400836 || (e.Fault != nil) == (e.Response != nil) {
				t.Errorf("%+v, %+v", e, in)
			}
		})
	}
}

func hex(n int) string {
	const digits = "0123456789abcdef"
	out := ""
	for ; n > 0; n /= 16 {
		out = digits[n%16:n%16+1] + out
	}
	return out
}

// A file that cannot be used is told with the cure, and the rest goes on.
func TestFolder_hostile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ request, response, want string }{
		"broken request":     {request[:len(request)-20], response, "1.request.xml: cannot be read as a request of getLead: "},
		"broken answer":      {request, response[:len(response)-20], "1.response.xml: cannot be read as an answer of getLead: "},
		"not XML":            {"hello", response, "1.request.xml: cannot be read as a request: "},
		"a page of a proxy":  {request, "HTTP/1.1 502 Bad Gateway\r\n\r\n<html><body>Bad Gateway</body></html>", "1.response.xml: cannot be read as an answer"},
		"empty":              {request, "", "1.response.xml: is empty"},
		"a head alone":       {request, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "1.response.xml: is empty"},
		"a cut head":         {request, "HTTP/1.1 200 OK\r\nContent-Length: 0", "1.response.xml: is empty"},
		"no UTF-8":           {strings.ReplaceAll(request, "ë", "\xeb"), response, "bytes that are not UTF-8"},
		"unknown encoding":   {strings.Replace(request, "UTF-8", "EBCDIC", 1), response, `the encoding "EBCDIC" is not supported`},
		"unknown operation":  {strings.ReplaceAll(request, "paramsGetLead", "paramsGetWeather"), response, `holds "paramsGetWeather", which is the request of no operation`},
		"answer of another":  {request, strings.ReplaceAll(response, "successGetLead", "successGetTags"), "cannot be read as an answer of getLead"},
		"cut compression":    {request, zipped(response)[:40], "is compressed and cannot be decompressed"},
		"a bomb":             {request, zipped(strings.Repeat(" ", 2<<20)), "is too large when it is decompressed"},
		"SOAP 1.2":           {strings.Replace(request, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1), response, "expected SOAP 1.1"},
		"a value":            {request, strings.Replace(response, "<count>0<", "<count>zoë@example.com<", 1), "a value is missing or not of its type (in "},
		"an external entity": {strings.Replace(request, "?>", `?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`, 1), response, "1.request.xml: cannot be read as a request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"1.request.xml": test.request, "1.response.xml": test.response, "2.request.xml": request, "2.response.xml": response})
			all, problems, err := recording.Folder(t.Context(), dir)
			if err != nil || len(all) != 1 || all[0].Name != "2" || len(problems) != 1 {
				t.Fatal(all, problems, err)
			}
			if got := problems[0].Error(); !strings.Contains(got, test.want) || strings.Contains(got, "@example.com") {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestFolder_halves(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"1.request.xml": request, "2.response.xml": response})
	if err := os.Mkdir(filepath.Join(dir, "3.request.xml"), 0o700); err != nil {
		t.Fatal(err)
	}
	huge, err := os.Create(filepath.Join(dir, "4.request.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(huge.Truncate(2<<20), huge.Close()); err != nil {
		t.Fatal(err)
	}
	all, problems, err := recording.Folder(t.Context(), dir)
	if err != nil || len(all) != 0 || len(problems) != 4 {
		t.Fatal(all, problems, err)
	}
	for i, want := range []string{"1.response.xml: is missing", "2.request.xml: is missing", "3.request.xml: is no plain file", "4.request.xml: has more than 1 MiB"} {
		if got := problems[i].Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, path := range []string{t.TempDir(), filepath.Join(dir, "nowhere")} {
		if _, _, err := recording.Folder(t.Context(), path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// What is written is read again, with modes for nobody else, until the folder is full.
func TestWriter(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	w := recording.NewWriter(dir, 3, int64(2*(len(request)+len(response))))
	at := time.Date(2016, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, want := range []error{nil, nil, recording.ErrFull} {
		if err := w.Write(at, "getLead", []byte(request), []byte(response)); !errors.Is(err, want) {
			t.Fatal(i, err)
		}
	}
	if err := recording.NewWriter(dir, 2, 1<<20).Write(at, "getLead", []byte(request), []byte(response)); !errors.Is(err, recording.ErrFull) {
		t.Errorf("another writer: %v", err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(e, err)
		}
	}
	all, problems, err := recording.Folder(t.Context(), dir)
	if err != nil || len(problems) > 0 || len(all) != 2 {
		t.Error(all, problems, err)
	}
}
