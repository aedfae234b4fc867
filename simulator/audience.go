package simulator

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// Audience describes leads whose activities have the shape of real life, for pictures and load: people visit by day and on
// weekdays, a newsletter goes out every second Tuesday and is opened less each day after, and two thirds into the time a
// launch brings a mailing, new leads and three weeks with more visits. Days and hours are those of US Central, the zone of
// the service. The zero value of a field stands for its default.
type Audience struct {
	// Leads is how many leads there are in the end. Their ids begin with 400001. Default: 150.
	Leads int
	// Days is how many days the activities cover. Default: 112.
	Days int
	// Until is the time before which all activities are. Default: the simulator's present.
	Until time.Time
	// Seed chooses one of many audiences. The same Audience with a time in Until gives the same leads.
	Seed uint64
}

// LoadAudience adds the leads of an audience. It adds all or, where an id is taken, nothing; a number below 0 in the
// Audience is an error, too.
func (s *Simulator) LoadAudience(a Audience) error {
	if a.Leads < 0 || a.Days < 0 {
		return fmt.Errorf("audience: %d leads in %d days: neither can be below 0", a.Leads, a.Days)
	}
	defer s.instance.Change()()
	a.Leads, a.Days = cmp.Or(a.Leads, 150), cmp.Or(a.Days, 112)
	if a.Until.IsZero() {
		a.Until = s.instance.Now()
	}
	leads := newCrowd(a).live()
	for i := range leads {
		if err := s.instance.Leads.Check(&leads[i]); err != nil {
			return fmt.Errorf("audience: %w", named(err, "lead"))
		}
	}
	for i := range leads {
		s.instance.Leads.Add(&leads[i])
	}
	return nil
}

// audienceID is the id before that of the first lead.
const audienceID = 400000

// How busy the hours of a day and the days of a week are, from 0:00 and from Sunday.
var (
	busyHours = []float64{.2, .1, .1, .1, .1, .3, 1, 3, 6, 9, 10, 9, 6, 8, 9, 8, 6, 4, 3, 3, 3, 2, 1, .5}
	busyDays  = []float64{.22, 1, 1.2, 1.15, 1.05, .8, .18}
)

// crowd makes the activities of an audience, day by day.
type crowd struct {
	Audience

	random *rand.Rand
	launch int // the day of it
	people []person
}

// person is a lead with its history so far.
type person struct {
	since    int     // the day of the first activity
	interest float64 // how much of the visits and openings
	score    int
	done     []Activity
	times    []time.Time // of done
}

// newCrowd returns the leads before they do anything. A third is there from the beginning, a third comes with the launch,
// as most of them hear of it within days.
func newCrowd(a Audience) *crowd {
	c := &crowd{Audience: a, random: rand.New(rand.NewPCG(a.Seed, 1)), launch: a.Days * 2 / 3} //nolint:gosec // it has to be repeatable
	c.people = make([]person, a.Leads)
	for i := range c.people {
		p := &c.people[i]
		p.interest = .1 + math.Pow(c.random.Float64(), 3)
		switch i % 3 {
		case 1:
			p.since = c.random.IntN(max(a.Days-7, 1))
		case 2:
			p.since = min(c.launch+int(c.random.ExpFloat64()*4), max(a.Days-1, 0))
		}
	}
	return c
}

// live lets all days pass and returns the leads.
func (c *crowd) live() []Lead {
	for day := range c.Days {
		c.arrive(day)
		at := c.hour(day, 9.5)
		switch {
		case day == c.launch:
			c.mail(day, at, "Launch.Announcement", "Launch.Send announcement", .55)
		case at.Weekday() == time.Tuesday && day/7%2 == 0:
			c.mail(day, at, fmt.Sprintf("Newsletter.Issue %d", day/14+1), "Newsletter.Send", .35)
		}
		c.visit(day)
	}
	leads := make([]Lead, len(c.people))
	for i := range c.people {
		leads[i] = c.people[i].lead(i + 1)
	}
	return leads
}

// lead returns the lead of a person, with the activities in the order of time.
func (p *person) lead(n int) Lead {
	order := make([]int, len(p.done))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.times[a].Compare(p.times[b]) })
	l := Lead{ID: int64(audienceID + n), Email: fmt.Sprintf("lead%d@example.com", n), Fields: map[string]string{"LeadScore": strconv.Itoa(p.score)}}
	for _, i := range order {
		l.Activities = append(l.Activities, p.done[i])
	}
	return l
}

// do adds an activity, unless it would be in the future.
func (c *crowd) do(p *person, at time.Time, a Activity) {
	if !at.Before(c.Until) {
		return
	}
	a.Time = At(at)
	p.done, p.times = append(p.done, a), append(p.times, at)
}

// hour is a time of a day, the last of which ends with the day of Until.
func (c *crowd) hour(day int, hours float64) time.Time {
	local := servicetime.Shown(c.Until.UTC())
	y, m, d := local.Date()
	noon := time.Date(y, m, d+day-c.Days+1, 18, 0, 0, 0, time.UTC)
	y, m, d = noon.Date()
	return time.Date(y, m, d, 0, 0, int(hours*3600), 0, servicetime.Central(noon))
}

// moment is a time of a day at which people are awake, more or less.
func (c *crowd) moment(day int) time.Time {
	return c.hour(day, float64(c.pick(busyHours))+c.random.Float64())
}

// pick returns the index of one of the weights.
func (c *crowd) pick(weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	at := c.random.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// arrive makes the leads that are new on a day.
func (c *crowd) arrive(day int) {
	for i := range c.people {
		p := &c.people[i]
		if p.since != day {
			continue
		}
		at := c.moment(day)
		c.do(p, at, newLead(At(at), "Web form fillout", "Newsletter"))
		if day >= c.launch {
			c.do(p, at.Add(time.Second), Activity{Type: "Fill Out Form", AssetName: "Launch.Try it", Attributes: []Attribute{{Name: "Webform ID", Value: "1460"}}})
		}
		c.browse(p, at.Add(time.Minute))
	}
}

// mail sends a mailing to all leads there are. Openings come within hours or days, most of them soon.
func (c *crowd) mail(day int, at time.Time, asset, campaign string, opened float64) {
	details := []Attribute{{Name: "Mailing ID", Value: strconv.Itoa(3000 + day)}, {Name: "Campaign Run ID", Value: strconv.Itoa(6000 + day)}}
	mailing := func(kind string) Activity {
		return Activity{Type: gen.ActivityType(kind), AssetName: asset, Campaign: campaign, Attributes: details}
	}
	for i := range c.people {
		p := &c.people[i]
		if p.since >= day {
			continue
		}
		sent := at.Add(time.Duration(i) * time.Minute)
		c.do(p, sent, mailing("Send Email"))
		if c.random.IntN(40) == 0 {
			c.do(p, sent.Add(9*time.Second), mailing("Email Bounced"))
			continue
		}
		c.do(p, sent.Add(3*time.Second), mailing("Email Delivered"))
		if c.random.Float64() > opened*(.5+p.interest) {
			continue
		}
		seen := c.after(sent)
		c.do(p, seen, mailing("Open Email"))
		if c.random.IntN(4) == 0 {
			c.do(p, seen.Add(20*time.Second), mailing("Click Email"))
			c.browse(p, seen.Add(22*time.Second))
		}
	}
}

// after is when somebody gets to what came at a time: within half a day, or at a better hour of a later day.
func (c *crowd) after(at time.Time) time.Time {
	seen := at.Add(time.Duration(c.random.ExpFloat64() * float64(5*time.Hour)))
	if later := seen.Sub(at); later > 9*time.Hour {
		days := 1 + int(c.random.ExpFloat64()*1.6)
		local := servicetime.Shown(at.UTC()).AddDate(0, 0, days)
		y, m, d := local.Date()
		return time.Date(y, m, d, c.pick(busyHours), c.random.IntN(60), c.random.IntN(60), 0, local.Location())
	}
	return seen
}

// visit lets people look at pages on a day.
func (c *crowd) visit(day int) {
	weekday := c.hour(day, 12).Weekday()
	news := 1.0
	if since := day - c.launch; since >= 0 {
		news += 4 * math.Exp(-float64(since)/5)
	}
	for i := range c.people {
		p := &c.people[i]
		if p.since < day && c.random.Float64() < .35*p.interest*news*busyDays[weekday] {
			c.browse(p, c.moment(day))
		}
	}
}

// browse is one visit: a few pages, and sometimes more than looking.
func (c *crowd) browse(p *person, at time.Time) {
	const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
	pages := []string{"Home", "Product", "Prices", "Customers", "Help"}
	for range 1 + c.random.IntN(4) {
		page := c.pick([]float64{4, 3, 2, 1, 1})
		c.do(p, at, visit(At(at), pages[page], strconv.Itoa(2700+page), fmt.Sprintf("/%s.html", pages[page]), "", browser))
		at = at.Add(time.Duration(15+c.random.IntN(120)) * time.Second)
	}
	if c.random.IntN(3) == 0 {
		c.do(p, at, Activity{Type: "Click Link", AssetName: "http://www.example.com/guide.pdf"})
	}
	if c.random.IntN(4) == 0 {
		p.score += 5
		c.do(p, at.Add(2*time.Second), changed("", "Lead Score", strconv.Itoa(p.score-5), strconv.Itoa(p.score), "", "Scoring.Visited"))
	}
}
