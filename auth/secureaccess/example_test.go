package secureaccess_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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
