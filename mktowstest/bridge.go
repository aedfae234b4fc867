package mktowstest

import "github.com/mktows/mktows-go/bridge"

// Bridge returns a bridge to the REST API of the server that is ready for use: see [Server.REST]. The
// options come after those that make it so. It reads histories from their beginning, however long ago
// that was.
func (s *Server) Bridge(opts ...bridge.Option) *bridge.Bridge {
	s.tb.Helper()
	api := s.REST()
	all := []bridge.Option{bridge.WithHTTPClient(api.Client), bridge.WithClock(s.clock.Now), bridge.WithRetention(0)}
	if s.config.noLimits {
		all = append(all, bridge.WithoutLimits())
	}
	b, err := bridge.New(api.URL, bridge.Credentials{ClientID: api.ClientID, ClientSecret: api.ClientSecret}, append(all, opts...)...)
	if err != nil {
		s.tb.Fatalf("mktowstest: %v", err)
	}
	return b
}
