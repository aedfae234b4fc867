package client

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var out bytes.Buffer
		s := start(t, refuse(500, 20011), answer)
		logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if err := call(t.Context(), steady(s.client(t, WithLogger(logger))), "getLead"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`level=DEBUG msg="mktows: attempt" operation=getLead attempt=1 http_status=500 took=0s error="20011: Internal Error;`,
			`level=WARN msg="mktows: repeating a call" operation=getLead attempt=1 wait=1s reason="20011: Internal Error;`,
			`level=DEBUG msg="mktows: attempt" operation=getLead attempt=2 http_status=200 took=0s` + "\n",
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no event %s in\n%s", want, out.String())
			}
		}
		for _, x := range s.requests() {
			for _, secret := range []string{key, x.stamp.RequestSignature} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("the log shows %s", secret)
				}
			}
		}
	})
}
