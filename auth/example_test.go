package auth_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/auth"
)

func ExampleSigner() {
	signer, err := auth.NewSigner(auth.Credentials{
		UserID: "example_user",
		Key:    auth.NewSecret("example-key"),
	}, auth.WithLocation(time.FixedZone("", -8*3600)))
	if err != nil {
		fmt.Println(err)
		return
	}
	stamp := signer.StampAt(time.Date(2017, 3, 10, 1, 40, 0, 0, time.UTC))
	fmt.Println(stamp.Timestamp, stamp.Signature)
	fmt.Println(stamp) // printed as a whole, it hides its signature
	// Output:
	// 2017-03-09T17:40:00-08:00 0176853b8471c6d4477206402d7d6e21826d6ebd
	// auth.Stamp{UserID:"example_user", Signature:[redacted], Timestamp:"2017-03-09T17:40:00-08:00"}
}

func ExampleVerify() {
	stamp := auth.Stamp{
		UserID:    "example_user",
		Signature: "0176853b8471c6d4477206402d7d6e21826d6ebd",
		Timestamp: "2017-03-09T17:40:00-08:00",
	}
	now := time.Date(2017, 3, 10, 1, 52, 0, 0, time.UTC)
	err := auth.Verify(stamp, auth.NewSecret("example-key"), now, 5*time.Minute)
	fmt.Println(errors.Is(err, auth.ErrStale))
	fmt.Println(err)
	// Output:
	// true
	// auth: request timestamp outside the validity window: 2017-03-09T17:40:00-08:00 is 12m0s behind the clock here, 5m0s is allowed: check both clocks
}

func ExampleCredentials_Validate() {
	creds := auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key\n")}
	fmt.Println(creds.Validate())
	// Output:
	// auth: the secret key starts or ends with white space or a line break: remove it
}
