package simulator

import (
	"fmt"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// The history of DemoHistoryLeadID: one activity every eleven hours and some minutes,
// so that all hours of the day and both changes to and from daylight saving time of
// each year occur.
const (
	demoHistoryCount = 3600
	demoHistoryStep  = 11*time.Hour + 17*time.Minute + 43*time.Second
)

// demoHistory returns the activities, oldest first.
func demoHistory() []Activity {
	begin := time.Date(2011, time.March, 1, 17, 20, 0, 0, time.UTC)
	list := make([]Activity, 0, demoHistoryCount)
	list = append(list, newLead(At(begin), "Web page visit", "http://www.example.com/"))
	for i := 1; i < demoHistoryCount; i++ {
		at := begin.Add(time.Duration(i) * demoHistoryStep)
		list = append(list, demoStep(i, At(at)))
	}
	return list
}

// demoStep is the i-th activity. Half of them are visits; every fourth mailing is opened.
func demoStep(i int, at gen.DateTime) Activity {
	const browser = "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:38.0) Gecko/20100101 Firefox/38.0"
	issue := i / 8
	newsletter := fmt.Sprintf("Newsletter.Issue %d", issue)
	mail := []Attribute{{Name: "Mailing ID", Value: strconv.Itoa(2000 + issue)}, {Name: "Campaign Run ID", Value: strconv.Itoa(5000 + issue)}}
	switch i % 8 {
	case 1:
		return Activity{Time: at, Type: "Send Email", AssetName: newsletter, Campaign: "Newsletter.Send", Attributes: mail}
	case 3:
		return Activity{Time: at, Type: "Email Delivered", AssetName: newsletter, Campaign: "Newsletter.Send", Attributes: mail}
	case 5:
		if issue%4 == 0 {
			return Activity{Time: at, Type: "Open Email", AssetName: newsletter, Campaign: "Newsletter.Send",
				Attributes: append(mail, Attribute{Name: "User Agent", Value: browser})}
		}
	case 7:
		return changed(at, "Lead Score", strconv.Itoa(issue), strconv.Itoa(issue+1), "", "Scoring.Visited")
	}
	page := i % 5
	return visit(at, fmt.Sprintf("Product %d", page), strconv.Itoa(2600+page), fmt.Sprintf("/product-%d.html", page), "visit="+strconv.Itoa(i), browser)
}
