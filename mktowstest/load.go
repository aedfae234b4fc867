package mktowstest

import "github.com/mktows/mktows-go/simulator"

// Load replaces all data by a state, such as one that [simulator.Simulator.Snapshot] has
// given. One that is not valid fails the test at once.
func (s *Server) Load(st simulator.State) {
	s.tb.Helper()
	if err := s.sim.Load(st); err != nil {
		s.tb.Fatalf("mktowstest: %v", err)
	}
}
