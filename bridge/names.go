package bridge

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// NamesFile holds the names and types of the fields of leads and of the activities of one instance, in both APIs. It
// comes from [Bridge.LearnNames] or [LoadNames], and serves a bridge as a file; see [WithNames]. It does not change.
type NamesFile struct{ file *names.File }

// LoadNames reads a file of names, of the form that docs/rest.md shows. The error names the file, and the entry that is
// wrong.
func LoadNames(path string) (*NamesFile, error) {
	f, err := names.Load(path)
	if err != nil {
		return nil, err
	}
	return &NamesFile{f}, nil
}

// LearnNames asks the instance for its names, as it tells them now, whatever file the bridge has. It costs two calls and
// needs the permissions to read leads and activities. Where the instance does not tell SOAP names any more they are guessed:
// give what is already known with [NamesFile.Keeping] before it is written over an older file.
func (b *Bridge) LearnNames(ctx context.Context) (*NamesFile, error) {
	instance := b.rest.Instance()
	if host, _, err := net.SplitHostPort(instance); err == nil && httpcall.IsLoopback(host) {
		instance = "" // a mock, which has another port the next time
	}
	f, err := names.Learn(ctx, source{b.rest}, instance, b.config.rest.Now())
	if err != nil {
		return nil, (&work{Bridge: b, operation: "learnNames"}).failed(err)
	}
	return &NamesFile{f}, nil
}

// Keeping returns what was learned with all that an older file knows: SOAP names of that come first, whether they were
// learned or written by hand, and what the instance no longer describes is kept, marked as gone.
func (f *NamesFile) Keeping(old *NamesFile) *NamesFile { return &NamesFile{f.file.Keeping(old.file)} }

// WriteTo writes the file as JSON, in an order that two files of the same names share.
func (f *NamesFile) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(f.file.Format())
	return int64(n), err
}

// Learned is when the instance told the names; zero for a file that was written by hand.
func (f *NamesFile) Learned() time.Time { return f.file.Taken }

// Instance is which instance told the names, by host and port; empty for a mock on this machine and for a file that does
// not say so.
func (f *NamesFile) Instance() string { return f.file.Instance }

// TellsSOAP reports whether SOAP names of fields are in it that somebody told: the instance, if it was just learned.
func (f *NamesFile) TellsSOAP() bool { return f.file.TellsSOAP() }

// Guessed is how many SOAP names of fields nobody has told. They are made of the names in the REST API.
func (f *NamesFile) Guessed() int { return f.file.Guessed() }

// Fields is how many fields of leads there are, without those that are gone.
func (f *NamesFile) Fields() int { return len(names.NewFields(f.file.Fields, nil).All()) }

// ActivityTypes is how many types of activity there are, without those that are gone.
func (f *NamesFile) ActivityTypes() int {
	return len(names.NewActivityTypes(f.file.ActivityTypes, nil).All())
}

// NameChange is one difference between two files of names.
type NameChange struct {
	Object string `json:"object"`         // "field" or "activity type"
	Name   string `json:"name"`           // in the SOAP API, else in the REST API
	Change string `json:"change"`         // "added", "removed" or "changed"
	Part   string `json:"part,omitempty"` // of what was changed, such as "data type"
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

// String tells the change in a sentence.
func (c NameChange) String() string { return names.Change(c).String() }

// DiffNames returns what is different in newer: fields by name, then types of activity by id. When the names were
// learned makes no difference, nor do SOAP names that are only guessed in newer where older has others. Of an older file
// that was written by hand only what it says is compared.
func DiffNames(older, newer *NamesFile) []NameChange {
	var list []NameChange
	for _, c := range names.Diff(older.file, newer.file.Filled(older.file)) {
		if !older.Learned().IsZero() || c.Given() {
			list = append(list, NameChange(c))
		}
	}
	return list
}

// source asks the service for names.
type source struct{ client *rest.Client }

// DescribeLeads implements names.Source.
func (s source) DescribeLeads(ctx context.Context) ([]names.Field, error) {
	a, err := s.client.DescribeLeads(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]names.Field, len(a.Records))
	for i, f := range a.Records {
		list[i] = names.Field{ID: f.ID, Label: clean(f.DisplayName), DataType: clean(f.DataType), Length: int(f.Length)}
		if f.REST != nil {
			list[i].REST, list[i].RESTReadOnly = f.REST.Name, f.REST.ReadOnly
		}
		if f.SOAP != nil {
			list[i].SOAP, list[i].SOAPReadOnly = clean(f.SOAP.Name), f.SOAP.ReadOnly
		}
	}
	return list, nil
}

// DescribeActivities implements names.Source.
func (s source) DescribeActivities(ctx context.Context) ([]names.ActivityType, error) {
	a, err := s.client.ActivityTypes(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]names.ActivityType, len(a.Records))
	for i, t := range a.Records {
		list[i] = names.ActivityType{ID: t.ID, Name: t.Name, APIName: t.APIName, Description: t.Description}
		if t.Primary != nil {
			list[i].Primary = &names.Attribute{Name: t.Primary.Name, APIName: t.Primary.APIName, DataType: t.Primary.DataType}
		}
		for _, one := range t.Attributes {
			list[i].Attributes = append(list[i].Attributes, names.Attribute{Name: one.Name, APIName: one.APIName, DataType: one.DataType})
		}
	}
	return list, nil
}
