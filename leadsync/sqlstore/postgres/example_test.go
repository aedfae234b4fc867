package postgres_test

import (
	"context"
	"log"
	"os"

	"github.com/mktows/mktows-go/leadsync/sqlstore/postgres"
)

// A copy in a PostgreSQL database, which workers on many machines may share.
func ExampleOpen() {
	copied, err := postgres.Open(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err) // it names the database, never the password
	}
	defer copied.Close()
	log.Print(copied)
}
