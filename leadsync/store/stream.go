package store

import (
	"encoding/json"
	"fmt"
	"slices"
)

// StreamName tells what a stream reads.
type StreamName string

// The streams.
const (
	// Activities reads what happened to all leads, with getLeadChanges.
	Activities StreamName = "activities"
	// LeadActivity reads the histories of chosen leads, with getLeadActivity.
	LeadActivity StreamName = "lead-activity"
	// Leads reads the leads that were updated, with getMultipleLeads.
	Leads StreamName = "leads"
)

// StreamNames are all streams.
func StreamNames() []StreamName { return []StreamName{Activities, LeadActivity, Leads} }

// Stream is what a store knows of a stream: its name, where it comes from and what it asks for.
type Stream struct {
	Name StreamName
	// Instance names the Marketo instance; empty: not known.
	Instance string
	// Types are the spaced names of the activities that are wanted; none: all, or those of the copy.
	Types []string
	// Fields are the names of the lead fields that are wanted; none: all, or those of the copy.
	Fields []string
}

// Query is the part of a stream that does not change from run to run, as JSON. Names are sorted and unique in it, so
// that two streams ask for the same if, and only if, their texts are equal.
func (s Stream) Query() string {
	types, fields := slices.Clone(s.Types), slices.Clone(s.Fields)
	slices.Sort(types)
	slices.Sort(fields)
	text, _ := json.Marshal(struct { // strings always encode
		Types  []string `json:"types,omitempty"`
		Fields []string `json:"fields,omitempty"`
	}{slices.Compact(types), slices.Compact(fields)})
	return string(text)
}

// ParseQuery sets Types and Fields from what Query returned.
func (s *Stream) ParseQuery(text string) error {
	q := struct{ Types, Fields *[]string }{&s.Types, &s.Fields}
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		return fmt.Errorf("query of stream %s: %w", s.Name, err)
	}
	return nil
}
