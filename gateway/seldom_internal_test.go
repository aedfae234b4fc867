package gateway

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// What is said again and again is told once in a while, whatever its attributes; what is no warning, each time.
func TestSeldom(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := newSeldom(slog.New(slog.NewTextHandler(&text, nil)))
	began := time.Now()
	for i := range 240 { // two minutes
		for level, message := range map[slog.Level]string{slog.LevelError: "database away", slog.LevelWarn: "slow", slog.LevelInfo: "going on"} {
			r := slog.NewRecord(began.Add(time.Duration(i)*time.Second/2), level, message, 0)
			if err := log.With("try", i).WithGroup("g").Handler().Handle(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for message, want := range map[string]int{"database away": 2, "slow": 2, "going on": 240} {
		if got := strings.Count(text.String(), message); got != want {
			t.Errorf("%s: told %d times, want %d", message, got, want)
		}
	}
}
