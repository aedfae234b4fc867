// Package soap is the simulator's face of Marketo's SOAP API: it reads requests, asks the
// tables of an instance and writes answers, in the form of the service's published samples.
// What the operations do stands at the methods of the same names in package simulator.
package soap

import (
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/instance"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Service answers the operations of the SOAP API. It is safe for concurrent use.
type Service struct{ *instance.Instance }

var _ gen.Port = Service{}

// kept returns a copy of an attribute of a request, for a table to keep. Without the copy a value of a few bytes
// would keep the memory of the whole message, because the strings of a message are parts of one buffer.
func kept(a gen.Attrib) record.Attribute {
	return record.Attribute{Name: strings.Clone(a.Name), Value: strings.Clone(a.Value)}
}

// keptAll returns attributes of a request for keeping.
func keptAll(list gen.ArrayOfAttribute) []record.Attribute {
	all := make([]record.Attribute, len(list.Attribute))
	for i, a := range list.Attribute {
		all[i] = kept(gen.Attrib{Name: a.AttrName, Value: a.AttrValue})
	}
	return all
}

// attribs returns attributes as answers show them, absent if there are none.
func attribs(list []record.Attribute) gen.Opt[gen.ArrayOfAttrib] {
	if len(list) == 0 {
		return gen.Opt[gen.ArrayOfAttrib]{}
	}
	shown := make([]gen.Attrib, len(list))
	for i, a := range list {
		shown[i] = gen.Attrib(a)
	}
	return gen.Some(gen.ArrayOfAttrib{Attrib: shown})
}

func someText(text string) gen.Opt[string] {
	if text == "" {
		return gen.NilOf[string]()
	}
	return gen.Some(text)
}

// serviceTime returns a moment as answers show it: whole seconds in US Central time.
func serviceTime(t time.Time) gen.Opt[gen.DateTime] {
	t = t.Truncate(time.Second)
	return gen.Some(gen.NewDateTime(t.In(servicetime.Central(t))))
}
