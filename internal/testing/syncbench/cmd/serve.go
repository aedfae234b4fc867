package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

const (
	userID  = "example_user"
	key     = "example-key"
	perDay  = 2500 // activities
	perLead = 50

	soapPath  = "/soap/mktows/3_1"
	callsPath = "/calls" // tells how many calls there were
)

// source says when the activities of the service happened. There are as many a day however many there are in all, so
// that a larger source has more windows and not fuller ones.
type source struct {
	rows  int
	since time.Time
}

func sourceOf(rows int) source {
	days := rows/perDay + 2 // one more than are filled, for midnight
	return source{rows, time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -days)}
}

// at returns the time of an activity.
func (s source) at(i int) time.Time { return s.since.Add(time.Duration(i) * (24 * time.Hour / perDay)) }

// serve serves a source of so many activities until standard input ends. It prints its URL.
func serve(ctx context.Context, rows int) error {
	sim := simulator.New()
	if err := sourceOf(rows).fill(sim); err != nil {
		return err
	}
	handler, err := server.New(sim, server.WithUsers(map[string]auth.Secret{userID: auth.NewSecret(key)}), server.WithLimits(limits.Unlimited()))
	if err != nil {
		return err
	}
	api, err := rest.New(sim, rest.WithClient(userID, auth.NewSecret(key)), rest.WithLimits(limits.Unlimited()),
		rest.WithExports(rest.Exports{Volume: 1 << 40})) // a job takes as long as its file does
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: counted(api.Beside(handler)), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = s.Close()
	}()
	fmt.Printf("http://%s\n", listener.Addr())
	_ = s.Serve(listener) // it was closed
	return nil
}

// counted counts calls, without those that services do not count.
func counted(next http.Handler) http.Handler {
	var calls atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == callsPath:
			fmt.Fprint(w, calls.Load())
			return
		case r.Method == http.MethodPost && r.URL.Path == soapPath, strings.HasPrefix(r.URL.Path, "/rest/"), strings.HasPrefix(r.URL.Path, "/bulk/"):
			calls.Add(1)
		}
		next.ServeHTTP(w, r)
	})
}

// fill gives the simulator activities that are spread evenly over time and leads.
func (s source) fill(sim *simulator.Simulator) error {
	// Of deletions the REST API tells elsewhere than in its log.
	types := slices.DeleteFunc(gen.ActivityType("").Values(), func(t gen.ActivityType) bool { return t == gen.ActivityTypeDeleteLead })
	count := (s.rows + perLead - 1) / perLead
	for lead := range count {
		activities := make([]simulator.Activity, 0, perLead)
		for i := lead; i < s.rows; i += count {
			activities = append(activities, simulator.Activity{
				ID: int64(i + 1), Time: simulator.At(s.at(i)), Type: types[i%len(types)], AssetName: "Page " + strconv.Itoa(i%500),
				Attributes: []simulator.Attribute{
					{Name: "Webpage ID", Value: strconv.Itoa(i % 500)}, {Name: "Webpage URL", Value: "/page-" + strconv.Itoa(i%500) + ".html"},
					{Name: "Query Parameters", Value: "n=" + strconv.Itoa(i) + "&src=mail"}, {Name: "Referrer URL", Value: "http://www.example.com/"},
					{Name: "Client IP Address", Value: "192.0.2.17"},
					{Name: "User Agent", Value: "Mozilla/5.0 (X11; Linux x86_64; rv:40.0) Gecko/20100101 Firefox/40.0"},
				},
			})
		}
		if _, err := sim.AddLead(simulator.Lead{ID: int64(lead + 1), Activities: activities}); err != nil {
			return err
		}
	}
	return nil
}
