package memjobs_test

import (
	"context"
	"fmt"

	"github.com/mktows/mktows-go/leadsync/store/memjobs"
)

// A store without a database embeds a Memory; see examples/memorystore for a whole one.
func ExampleNew() {
	type myStore struct {
		*memjobs.Memory
		// and the rows
	}
	jobs, err := memjobs.New(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	s := myStore{jobs}
	fmt.Println(s.CloseJobs())
	// Output:
	// <nil>
}
