// Package admin is the administration of the mock over HTTP: its data as one readable
// JSON file, rules that make it misbehave, its clock, and the journal of its calls.
//
//	GET  /                   lists paths, methods, parameters, and the fields of rules with their values
//	GET  /openapi.json       the same for programs, with the forms of all answers (OpenAPI 3.0)
//	GET  /health             how much the mock holds, and the bounds of the journal
//	GET  /state              the data; PUT replaces all of it or, with an error, nothing
//	POST /demo               the demonstration data in place of all data
//	GET  /scenario           what [ReadScenario] reads, without limits and clients
//	POST /reset              no data, no rules, an empty journal; clock and settings stay
//	GET  /rules              the rules that are there, with ids and counts; POST adds one, DELETE takes all away
//	GET  /rules/{id}         one of them; PUT replaces it in its place, DELETE takes it away
//	GET  /settings           pages, and clients, quirks and bulk extracts of the REST API; POST changes parts
//	GET  /clock              the time; POST {"advance":"24h"} or {"set":"2016-02-01T12:00:00-06:00"}
//	GET  /journal            calls without signatures, by filters, page by page; DELETE empties it
//	GET  /journal/{id}       one call, also printed for people
//	GET  /journal/events     calls as they happen, as server-sent events
//	GET  /leads, /lists, /campaigns, /programs, /objects, /jobs    the data page by page; /leads/{id} has the activities of a lead
//
// A parameter that there is none of, or a value that makes no sense, is refused, and so are fields that are not known. An error says
// what is wrong, where, and what to do. Pages end early before they become too long, or have been searched for long: "next" is the
// address of the one that follows, and is missing in the last.
//
// [New] only translates: the same is there as Go calls, [simulator.Simulator.Snapshot],
// [simulator.Simulator.Load], [server.Rules], [Clock] and [Journal].
//
// # Who may ask
//
// There is no authentication: whoever reaches the handler may read and change everything
// that the mock holds. So it belongs on a listener of its own, on the loopback interface,
// and is there only where somebody asked for it. Against web pages, which can make a browser
// send requests to the loopback interface, it refuses a header Host that is not a loopback
// address, localhost or one of [Mock].Hosts, which is what a name has that was made to point here (DNS
// rebinding), a header Origin of any other site, and a POST or a PUT that is not said to be
// application/json, which no page can send to another site.
//
// # Scenario files
//
// [ReadScenario] reads one JSON file with data, rules, settings, clock and limits. All settings but
// pages are those of the REST API:
//
//	{
//	  "clock":  {"set": "2016-02-01T12:00:00-06:00"},
//	  "limits": {"calls": 100, "per": "20s", "concurrent": 10, "daily": 10000},
//	  "state":  {"leads": [{"id": 1, "email": "lead@example.com"}]},
//	  "rules":  [{"operation": "syncLead", "code": 20011, "times": 1}],
//	  "settings": {
//	    "pages":   {"limit": 10, "short": 0.2, "empty": 0.3, "rough": true, "seed": 7},
//	    "quirks":  {"missingIds": 3, "repeatedIds": 2, "crm": true, "companyFields": true, "noUpdatedAt": true},
//	    "exports": {"duration": "5s", "refresh": "0s", "volume": 1000000},
//	    "clients": [{"id": "reader", "secret": "reader-secret", "permissions": ["Read-Only Lead"]}]
//	  }
//	}
//
// A limit that is missing or 0 is that of the service, -1 stands for no limit, and "perUser": true counts each user apart.
// Fields that are not known are refused, and errors name line, column and field.
//
// The package imports simulator, simulator/rest, server and what these share.
package admin
