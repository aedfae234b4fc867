package inspector

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxUpload  = 256 << 20 // bytes of a file with data
	inMemory   = 8 << 20   // of it; the rest waits in a file
	roundTimes = time.Second
)

// mockPage is about the clock and all of the data.
type mockPage struct {
	frame

	Now          time.Time
	Ahead        string
	Advance, Set string // what was given
	Text         string
	Clock, Data  *problem // what is wrong with it; nil: nothing
	Journal      journalState
	Rules        int
}

// journalState is how much a journal holds.
type journalState struct {
	Exchanges, Bytes       int64
	MaxExchanges, MaxBytes int64
}

func (i *inspector) getMock(w http.ResponseWriter, r *http.Request) error {
	return i.showMock(w, r, http.StatusOK, mockPage{})
}

func (i *inspector) showMock(w http.ResponseWriter, r *http.Request, status int, p mockPage) error {
	p.frame = i.frame(r, "Clock and data", "mock")
	var clock struct {
		Now   time.Time
		Ahead string
	}
	if err := i.ask(r, http.MethodGet, "/clock", nil, &clock); err != nil {
		return err
	}
	var health struct {
		Rules   int
		Journal journalState
	}
	if err := i.ask(r, http.MethodGet, "/health", nil, &health); err != nil {
		return err
	}
	p.Now, p.Ahead, p.Rules, p.Journal = clock.Now, aheadText(clock.Ahead), health.Rules, health.Journal
	return show(w, status, "mock.html", p)
}

// aheadText says how a clock differs from the real time.
func aheadText(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	switch d = d.Round(roundTimes); {
	case d > 0:
		return d.String() + " ahead of the real time"
	case d < 0:
		return (-d).String() + " behind the real time"
	}
	return "the real time"
}

func (i *inspector) postClock(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	in := make(map[string]string)
	for _, name := range []string{"advance", "set"} {
		if text := strings.TrimSpace(r.PostForm.Get(name)); text != "" {
			in[name] = text
		}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	err = i.ask(r, http.MethodPost, "/clock", body, nil)
	if wrong, ok := asProblem(err); ok && wrong.Status == http.StatusBadRequest {
		return i.showMock(w, r, http.StatusBadRequest, mockPage{Clock: wrong, Advance: in["advance"], Set: in["set"]})
	}
	if err != nil {
		return err
	}
	return &goTo{"/ui/mock?done=clock"}
}

// postState replaces the data by those of a file, or of a text.
func (i *inspector) postState(w http.ResponseWriter, r *http.Request) error {
	data, err := readUpload(w, r)
	if err != nil {
		return err
	}
	var scenario struct{ State json.RawMessage }
	if json.Unmarshal(data, &scenario) == nil && scenario.State != nil {
		data = scenario.State
	}
	err = i.ask(r, http.MethodPut, "/state", data, nil)
	if wrong, ok := asProblem(err); ok && wrong.Status == http.StatusBadRequest {
		p := mockPage{Data: wrong}
		if len(data) < maxForm {
			p.Text = string(data)
		}
		return i.showMock(w, r, http.StatusBadRequest, p)
	}
	if err != nil {
		return err
	}
	return &goTo{"/ui/mock?done=state"}
}

// readUpload returns the file of a form or, without one, its text.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	unreadable := func(err error) error {
		return &problem{Status: http.StatusBadRequest, Message: "the form cannot be read: " + err.Error(), Advice: "choose a file of JSON, or write it into the field"}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(inMemory); err != nil {
		return nil, unreadable(err)
	}
	defer r.MultipartForm.RemoveAll() //nolint:errcheck // it is in the folder for temporary files
	file, header, err := r.FormFile("file")
	if err != nil || header.Size == 0 {
		return []byte(r.PostFormValue("text")), nil //nolint:nilerr // there is no file
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, unreadable(err)
	}
	return data, nil
}
