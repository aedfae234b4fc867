package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// systemd and health checks are told that the gateway is there, and that it is not.
func TestGateway_tellsThatItIsAlive(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "notify") // the name of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(folder, "notify"), Net: "unixgram"})
	if err != nil {
		t.Skipf("there are no such sockets here: %v", err)
	}
	defer systemd.Close() //nolint:errcheck // at the end of a test
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	admin := free.Addr().String()
	if got := run(t, nil, "", "gateway", "health", admin); got.code != 1 || !strings.Contains(got.stderr, "the gateway at "+admin+" does not say that it is alive") {
		t.Errorf("of what never answers: %+v", got)
	}
	_ = free.Close()
	file := filepath.Join(folder, "gateway.yaml")
	text := fmt.Sprintf(`{listeners: [{address: "127.0.0.1:0"}], admin: "%s", tenants: [{userID: u, key: k, rest: {endpoint: "http://127.0.0.1:1/rest", clientID: c, clientSecret: s}}]}`, admin)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := start(t, environment{"NOTIFY_SOCKET": systemd.LocalAddr().String()}, 1, "gateway", file)
	said := make([]byte, 100)
	n, err := systemd.Read(said)
	if err != nil || string(said[:n]) != "READY=1\n" {
		t.Errorf("systemd is told %q, %v", said[:n], err)
	}
	if got := run(t, nil, "", "gateway", "health", admin); got.code != 0 || got.stdout != "ok\n" {
		t.Errorf("of a gateway: %+v", got)
	}
	gateway.stop(t, os.Interrupt)
	if got := run(t, nil, "", "gateway", "health", admin); got.code != 1 {
		t.Errorf("of a gateway that has ended: %+v", got)
	}
}
