package gateway

import (
	"context"
	"fmt"
	"net"
)

// notifyReady tells systemd, if that has started the gateway (Type=notify), that it is ready: by a datagram to the socket that
// NOTIFY_SOCKET names, as sd_notify(3) describes. A name with @ stands for a socket without a file.
func notifyReady(ctx context.Context, getenv func(string) string) error {
	path := getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", path)
	if err != nil {
		return fmt.Errorf("systemd cannot be told that the gateway is ready: %w", err)
	}
	defer conn.Close() //nolint:errcheck // a datagram is sent or not
	if _, err := conn.Write([]byte("READY=1\n")); err != nil {
		return fmt.Errorf("systemd cannot be told that the gateway is ready: %w", err)
	}
	return nil
}
