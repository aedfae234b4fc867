package sqlstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/mktows/mktows-go/leadsync/sqlstore"
)

// Where a copy is kept may be a setting: a path is of a SQLite file, a URL of a PostgreSQL database.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "leads")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	copied, err := sqlstore.Open(context.Background(), filepath.Join(dir, "leads.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer copied.Close()
	fmt.Println(filepath.Base(copied.String()))
	// Output:
	// leads.db
}
