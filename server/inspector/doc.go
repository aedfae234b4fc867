// Package inspector shows an administration (package server/admin) as pages for a browser: exchanges as they happen, rules, the clock,
// and the data of a mock, which can be changed there too.
//
//	api, err := admin.New(mock)
//	…
//	page, err := inspector.New(api, inspector.Options{Title: "Mock", Endpoint: "http://127.0.0.1:8080"})
//	…
//	http.ListenAndServe("127.0.0.1:8081", page)
//
// The handler gives a browser that asks for "/" the exchanges; its other pages are below /ui/. Everything else, and what a program asks
// for at "/", goes to the administration unchanged. The inspector knows of it what any client does: which paths there are it reads from
// /openapi.json, and shows what these give, so that it leaves out what an administration does not have.
//
// Pages are HTML without scripts from elsewhere, and can be read without any: the one that there is brings new exchanges while a page is
// open, and copies texts. A policy (Content-Security-Policy) lets no text of an exchange become a script or a style. Each request for a
// page, and each form, is first shown to the administration, with its headers Host and Origin: whom that refuses, the pages refuse too.
//
// The package imports nothing of this module.
package inspector
