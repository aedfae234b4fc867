// Package gateway keeps programs alive that speak Marketo's SOAP API, which the vendor has switched off: it answers their calls by
// calls of the REST API. They change one URL and nothing else.
//
//	config, err := gateway.Load("gateway.yaml")
//	…
//	g, err := gateway.New(config)
//	…
//	http.Handle("/", g)
//
// A [Config] maps each user of the SOAP API, a tenant, to credentials of the REST API. Old programs go on signing with the key that they
// have; it proves to the gateway who they are, and no longer to Marketo.
//
// A tenant may have a copy of its instance's activities, from which histories are answered without calls: see [Copy]. A program that
// mounts the gateway itself opens and fills copies with [WithCopies] and [Gateway.KeepCopies].
//
// A gateway is package server over package bridge: what differs from the SOAP API is what bridge.Operations tells. Budgets belong to
// REST instances, so that tenants of one instance share it.
package gateway
