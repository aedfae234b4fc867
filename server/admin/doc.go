// Package admin is the administration of the mock over HTTP: its data as one readable
// JSON file, rules that make it misbehave, its clock, and the journal of its calls.
//
//	GET  /state              the data; PUT replaces all of it or, with an error, nothing
//	POST /reset              no data, no rules, an empty journal; the clock stays
//	GET  /rules              the rules that are there; POST adds one, DELETE takes all away
//	GET  /clock              the time; POST {"advance":"24h"} or {"set":"2016-02-01T12:00:00-06:00"}
//	GET  /journal            the latest calls, without signatures; DELETE empties it
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
// address or localhost, which is what a name has that was made to point here (DNS
// rebinding), and a header Origin of any other site.
//
// # Scenario files
//
// [ReadScenario] reads one JSON file with data, rules, clock and limits:
//
//	{
//	  "clock":  {"set": "2016-02-01T12:00:00-06:00"},
//	  "limits": {"calls": 100, "per": "20s", "concurrent": 10, "daily": 10000},
//	  "state":  {"leads": [{"id": 1, "email": "lead@example.com"}]},
//	  "rules":  [{"operation": "syncLead", "code": 20011, "times": 1}]
//	}
//
// A limit that is missing or 0 is that of the service, -1 stands for no limit, and "perUser": true counts each user apart.
// Fields that are not known are refused, and errors name line, column and field.
//
// The package imports simulator, server and what these share.
package admin
