package rest

import (
	"encoding/json"
	"strings"
	"time"
)

// maxAssets and usualAssets are how many assets an answer has at most, and where the call does
// not say (Marketo REST API, assets).
const (
	maxAssets   = 200
	usualAssets = 20
)

// browsed is the answer with the part of a list of assets that a call asks for, by offset and
// maxReturn.
func browsed[T, S any](c *call, all []T, show func(T) S) (*envelope, error) {
	const most = 1 << 30
	from, n := c.count("offset", 0, most, 0), c.count("maxReturn", 1, maxAssets, usualAssets)
	if c.bad != nil {
		return nil, c.bad
	}
	var list []S
	for i := from; i < len(all) && i < from+n; i++ {
		list = append(list, show(all[i]))
	}
	return assets(list)
}

// between reports whether a time lies between two, both included; a zero one bounds nothing.
func between(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.After(to))
}

// folderRef is where an asset lies, as answers show it.
type folderRef struct {
	Type  string `json:"type"` // Folder or Program
	Value int64  `json:"value"`
	Name  string `json:"folderName,omitempty"`
}

// wantedFolder is a folder that a call names; the zero value means any.
type wantedFolder struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

// holds reports whether an asset lies in the folder.
func (f wantedFolder) holds(at *folderRef) bool {
	return f == wantedFolder{} || at != nil && at.Value == f.ID && at.Type == f.Type
}

// folderParam reads a parameter that names a folder, such as {"id":12,"type":"Folder"}.
func (c *call) folderParam(name string) (f wantedFolder) {
	text := c.text(name)
	if text == "" {
		return f
	}
	if json.Unmarshal([]byte(text), &f) != nil || f.ID == 0 {
		c.wrong(wrongType(text, "Folder"))
	}
	if f.Type == "" || !strings.EqualFold(f.Type, "Program") {
		f.Type = "Folder"
	} else {
		f.Type = "Program"
	}
	return f
}

// programRef returns where an asset of a program lies, nil for none.
func (h *handler) programRef(program string) *folderRef {
	if p := h.Programs.Object(program); p != nil {
		return &folderRef{"Program", int64(p.ID()), program}
	}
	return nil
}
