// Package mktows is the root of a module for programs that speak Marketo's SOAP API. It holds no code: import the packages
// below it. Adobe has removed the SOAP service: the same programs go on over the REST API.
//
// The first call asks what a lead has done, newest first. The settings come from MKTOWS_ENDPOINT, MKTOWS_USER_ID and
// MKTOWS_SECRET_KEY:
//
//	c, err := client.FromEnv(os.Getenv)
//	if err != nil {
//		return err
//	}
//	for a, err := range operations.New(c).Activities.All(ctx, operations.Email("lead@example.com"), nil) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(a.Time, a.Type, a.AssetName)
//	}
//
// Without an account, let mktowstest.NewServer(t).Client() stand where client.FromEnv does, in a test, or run
// "mktows serve --demo" and export the lines that it prints.
//
//   - [github.com/mktows/mktows-go/client] sends calls: signed afresh for each attempt, within the service's limits,
//     repeated where that is safe.
//   - [github.com/mktows/mktows-go/bridge] makes the same calls over Marketo's REST API: bridge.FromEnv in place of client.FromEnv.
//   - [github.com/mktows/mktows-go/operations] has the 23 operations as Go programs want them: structs in, structs and iterators out.
//   - [github.com/mktows/mktows-go/fault] has the errors, for errors.Is and errors.As.
//   - [github.com/mktows/mktows-go/mktowstest] gives a test a Marketo of its own; [github.com/mktows/mktows-go/simulator] is the
//     state behind it, and [github.com/mktows/mktows-go/server] the SOAP endpoint before it.
//   - [github.com/mktows/mktows-go/leadsync] copies activities and leads into SQLite, PostgreSQL or files.
//   - [github.com/mktows/mktows-go/gateway] answers SOAP programs in any language, over the REST API.
//   - [github.com/mktows/mktows-go/auth/secureaccess] is the server side of the mobile SDK's Secure Access Mode.
//   - [github.com/mktows/mktows-go/gen] is generated from the WSDL: the types, the codec and the interface Port, by which all of
//     the above fit together.
package mktows
