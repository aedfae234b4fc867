package secureaccess_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
)

// today is a clock for examples; a server needs none, since time.Now is the default.
func today() time.Time { return time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC) }

func Example() {
	signer, err := secureaccess.NewSigner("example-key", auth.NewSecret("example-secret"), secureaccess.WithClock(today))
	if err != nil {
		fmt.Println(err)
		return
	}
	handler, err := secureaccess.NewHandler(signer, func(r *http.Request) (string, error) {
		session, err := r.Cookie("session")
		if err != nil || session.Value != "example-session" {
			return "", secureaccess.ErrUnauthenticated
		}
		return "ann@example.com", nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// What the app sends after login.
	r := httptest.NewRequest(http.MethodPost, "/marketo/signature", strings.NewReader(`{"deviceId":"device-7"}`))
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: "session", Value: "example-session"})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 200 {"accessKey":"example-key","signature":"bf15f37ab1eda5b81bac02beae092180ce8ab4514e399ac706bb7ae0a85ba513","timestamp":1774872000,"email":"ann@example.com"}
}

func ExampleSigner_SignUntil() {
	signer, err := secureaccess.NewSigner("example-key", auth.NewSecret("example-secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	sig, err := signer.SignUntil("ann@example.com", "device-7", 2147483648)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sig.Signature)
	fmt.Println(sig.Expires())
	fmt.Println(sig) // a log never shows the signature
	// Output:
	// fe13423245db331da5b3888cef597363ea3509fd8aeb1770b40418b56da130e7
	// 2038-01-19 03:14:08 +0000 UTC
	// SecuritySignature{AccessKey:"example-key" Signature:[redacted] Timestamp:2147483648 Email:"ann@example.com"}
}

func ExampleVerify() {
	secret := auth.NewSecret("example-secret")
	signer, err := secureaccess.NewSigner("example-key", secret, secureaccess.WithClock(today))
	if err != nil {
		fmt.Println(err)
		return
	}
	sig, err := signer.Sign("ann@example.com", "device-7")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("today:", secureaccess.Verify(sig, "device-7", secret, today()))
	tomorrow := today().Add(25 * time.Hour)
	fmt.Println("tomorrow:", errors.Is(secureaccess.Verify(sig, "device-7", secret, tomorrow), secureaccess.ErrExpired))
	fmt.Println("another device:", errors.Is(secureaccess.Verify(sig, "device-8", secret, today()), secureaccess.ErrBadSignature))
	// Output:
	// today: <nil>
	// tomorrow: true
	// another device: true
}

func ExampleReadBearerFile() {
	tokens, err := secureaccess.ReadBearerFile("tokens.txt", strings.NewReader(`
# token                 email
example-token-of-ann    ann@example.com
example-token-of-bob    bob@example.com
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Authorization", "Bearer example-token-of-bob")
	fmt.Println(tokens.Authenticate(r))
	fmt.Println(tokens)
	// Output:
	// bob@example.com <nil>
	// BearerFile(2 tokens)
}

// Where all of an app's device ids are UUIDs, no email and device id can be taken for
// another email and device id.
func ExampleWithDeviceIDCheck() {
	option := secureaccess.WithDeviceIDCheck(func(id string) error {
		if len(id) != 36 {
			return errors.New("not a UUID")
		}
		return nil
	})
	signer, err := secureaccess.NewSigner("example-key", auth.NewSecret("example-secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ann := func(*http.Request) (string, error) { return "ann@example.com", nil }
	handler, err := secureaccess.NewHandler(signer, ann, option)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("deviceId=device-7"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 400 {"error":{"code":"invalid_request","message":"deviceId is not of the form that this app's devices have: send what the SDK's getDeviceId returns"}}
}

// The access secret changes at noon, and what the old one has signed is accepted for a day more.
func ExampleKeyring() {
	keys, err := secureaccess.ReadKeyring("secrets.txt", strings.NewReader(`
example-key  example-new-secret  from=2026-03-29T12:00:00Z
example-key  example-old-secret  until=2026-03-30T12:00:00Z
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	clock := today().Add(-time.Minute)
	signer, err := keys.Signer(secureaccess.WithClock(func() time.Time { return clock }))
	if err != nil {
		fmt.Println(err)
		return
	}
	before, err := signer.Sign("ann@example.com", "device-7")
	if err != nil {
		fmt.Println(err)
		return
	}
	clock = today()
	after, err := signer.Sign("ann@example.com", "device-7")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, sig := range []secureaccess.SecuritySignature{before, after} {
		role, err := keys.Verify(sig, "device-7", clock)
		fmt.Println(sig.Expires(), role, err)
	}
	fmt.Printf("%+v\n", keys.Counts())
	// Output:
	// 2026-03-30 11:59:00 +0000 UTC previous <nil>
	// 2026-03-30 12:00:00 +0000 UTC current <nil>
	// {Current:1 Next:0 Previous:1 Refused:0}
}

// A server follows a file of access secrets, and looks into it at once on SIGHUP.
func ExampleKeyring_Follow() {
	keys, err := secureaccess.OpenKeyring("secrets.txt")
	if err != nil {
		log.Fatal(err)
	}
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	go keys.Follow(context.Background(), "secrets.txt", hangUps, slog.Default())

	signer, err := keys.Signer() // for NewHandler
	if err != nil {
		log.Fatal(err)
	}
	_ = signer
}

// The description of an endpoint is a document that generators of clients read.
func ExampleOpenAPI() {
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Description string }
		}
	}
	if err := json.Unmarshal(secureaccess.OpenAPI("/marketo/signature"), &doc); err != nil {
		fmt.Println(err)
		return
	}
	responses := doc.Paths["/marketo/signature"]["post"].Responses
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		fmt.Println(status, responses[status].Description)
	}
	// Output:
	// 200 the signature, which no cache may keep
	// 400 the body is malformed, or deviceId is missing or unfit
	// 401 nobody is logged in
	// 403 cross_site: a page of another origin sent the form; forbidden: the user may not have a signature; wrong_email: the request names another than the user who is logged in
	// 413 the body is larger than 8192 bytes
	// 415 neither application/json nor application/x-www-form-urlencoded, in UTF-8
	// 429 too many requests of this user or address
	// 500 the server failed
}
