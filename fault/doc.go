// Package fault is the error model of the SOAP API: its error codes, SOAP faults, the codes of the
// REST API behind them where package bridge calls that, and everything else that a call can fail
// with, as Go errors. Every implementation of the port returns these errors, so a program handles
// them in one way, whether it talks to a server, to a simulator or to the REST API.
//
// All errors work with errors.Is and errors.As, however often they are wrapped or
// joined. Ask for a code, for a class of codes, or for a type that knows more:
//
//	errors.Is(err, fault.CodeLeadNotFound) // one code
//	errors.Is(err, fault.ErrNotFound)      // leads, owners, lists and campaigns
//
//	var auth *fault.AuthenticationError
//	errors.As(err, &auth)                  // and auth.UserID
//
//	var said *fault.RESTError
//	errors.As(err, &said)                  // what the REST API said, and said.RequestID
//
// [Retryable] decides whether repeating a call can help and may be done.
//
// The text of an error says what happened, to which call and what to do. It never
// holds a signature or a key, even where an answer echoes the request.
//
// The codes and their texts are those of "Marketo SOAP API, error codes"; classes
// and retry decisions are this package's reading of them, and so is which of them a code of the REST
// API ("Marketo REST API, error codes") stands for. The package imports
// nothing of this module.
package fault
