package sqlstore

import (
	"strings"
	"testing"
)

// TestCheckTarget: what looks like PostgreSQL and is no URL is no file either, and is not told.
func TestCheckTarget(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"leads.db", "postgres.db", "copies/postgres", "postgres://h/d?password=hidden", "postgresql://example_user:hidden@h/d",
	} {
		if err := CheckTarget(target); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
	for _, target := range []string{
		"postgres:example_user:hidden@h/d", "postgresql:/hidden@h/d", "POSTGRES://example_user:hidden@h/d",
		"host=h password=hidden", "PASSWORD = hidden host=h Password=hidden", "postgres://example_user:hidden@h:port/d",
	} {
		err := CheckTarget(target)
		if err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := Open(t.Context(), target); err == nil {
			t.Errorf("%s was opened", target)
		}
		if _, err := OpenReadOnly(t.Context(), target); err == nil {
			t.Errorf("%s was opened for reading", target)
		}
	}
}
