// Secureaccess is an app's own server that has learnt Secure Access Mode: who is logged
// in there can fetch the signature that the Marketo mobile SDK wants.
//
//	MKTOWS_ACCESS_KEY=example-key MKTOWS_ACCESS_SECRET=example-secret go run ./examples/secureaccess
//	curl -b session=example-session -d deviceId=device-7 http://localhost:8080/marketo/signature
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
)

func main() {
	signer, err := secureaccess.NewSigner(os.Getenv("MKTOWS_ACCESS_KEY"), auth.NewSecret(os.Getenv("MKTOWS_ACCESS_SECRET")))
	if err != nil {
		log.Fatal(err)
	}
	handler, err := routes(signer, sessions{"example-session": "ann@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "localhost:8080", Handler: handler, ReadTimeout: 10 * time.Second}
	log.Println("listening on http://" + server.Addr)
	log.Fatal(server.ListenAndServe())
}

func routes(signer *secureaccess.Signer, users sessions) (http.Handler, error) {
	signatures, err := secureaccess.NewHandler(signer, users.authenticate, secureaccess.WithLogger(slog.Default()))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/marketo/signature", signatures) // beside everything else that the server does
	mux.Handle("/marketo/signature/openapi.json", signatures)
	return mux, nil
}

// sessions holds the email of the user behind each session: it stands for the login that
// the server has had all along.
type sessions map[string]string

// authenticate is the hook that says who is asking. A real server would look the session up where its login has put
// it.
func (s sessions) authenticate(r *http.Request) (string, error) {
	cookie, err := r.Cookie("session")
	if err != nil {
		return "", secureaccess.ErrUnauthenticated
	}
	email, ok := s[cookie.Value]
	if !ok {
		return "", secureaccess.ErrUnauthenticated
	}
	return email, nil
}
