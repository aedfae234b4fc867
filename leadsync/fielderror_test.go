package leadsync

import (
	"errors"
	"testing"
	"time"
)

// TestFieldError: what is wrong comes in parts, so that front ends can name fields as their users know them.
func TestFieldError(t *testing.T) {
	t.Parallel()
	config := (&Config{}).withDefaults()
	config.Concurrency = 1000
	for text, tt := range map[string]struct {
		err  error
		want FieldError
	}{
		`stream activities: LookbackByType: "Send Email" is not among Types`: {
			Stream{Name: Activities, Types: []string{"New Lead"}, LookbackByType: map[string]time.Duration{"Send Email": time.Hour}}.Validate(),
			FieldError{Activities, "LookbackByType", `"Send Email" is not among`, "Types"},
		},
		"stream leads: Window: 1ms; the shortest is 1s": {
			Stream{Name: Leads, Window: time.Millisecond}.Validate(),
			FieldError{Leads, "Window", "1ms; the shortest is 1s", ""},
		},
	} {
		var got *FieldError
		if !errors.As(tt.err, &got) || *got != tt.want || tt.err.Error() != text {
			t.Errorf("%v, want %v", tt.err, tt.want)
		}
	}
	var got *FieldError
	if err := config.validate(); !errors.As(err, &got) || got.Stream != "" || got.Field != "Port" || got.Error() != "leadsync: Config.Port "+got.Problem {
		t.Errorf("%v", err)
	}
}
