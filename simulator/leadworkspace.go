package simulator

import (
	"context"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// defaultWorkspace is the only one of a subscription that has not enabled workspaces.
const defaultWorkspace = "Default"

// WithWorkspaces enables workspaces, each with one partition, beside Default. Names are
// compared without regard to letter case, because the published samples write
// "default".
func WithWorkspaces(names ...string) Option {
	return func(s *Simulator) {
		for _, name := range names {
			if _, ok := s.workspace(name); !ok {
				s.workspaces = append(s.workspaces, name)
			}
		}
	}
}

// workspace returns the name of a workspace as it was given; an empty one means the
// default.
func (s *Simulator) workspace(name string) (string, bool) {
	if name == "" {
		return s.workspaces[0], true
	}
	for _, w := range s.workspaces {
		if strings.EqualFold(w, name) {
			return w, true
		}
	}
	return "", false
}

// targetWorkspace returns the workspace of the header of a syncLead, and whether there
// is a header.
func (s *Simulator) targetWorkspace(ctx context.Context) (name string, given bool, err error) {
	h, _ := gen.MktowsContext(ctx)
	name, ok := s.workspace(h.TargetWorkspace)
	if !ok {
		return "", false, fault.Newf(fault.CodeBadParameter, "MktowsContextHeader/targetWorkspace: there is no workspace %q", h.TargetWorkspace)
	}
	return name, h.TargetWorkspace != "", nil
}
