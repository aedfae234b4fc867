package quota

import "testing"

func TestStatus_Left(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status Status
		want   int
	}{
		{Status{Daily: 500, Reserve: 20, Used: 100}, 380},
		{Status{Daily: 500, Reserve: 20, Used: 490}, 0},
		{Status{Daily: 1}, 1},
		{Status{}, 0},
		{Status{Daily: -1, Used: 7}, -1},
	} {
		if got := c.status.Left(); got != c.want {
			t.Errorf("%+v leaves %d, want %d", c.status, got, c.want)
		}
	}
}
