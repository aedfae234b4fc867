package fault

import "time"

// NextReset returns the next moment, after now, at which the service's daily quota
// starts anew: midnight in US Central time. The documentation says 12:00 AM CST all
// the year round; in summer midnight is an hour earlier than that (Marketo SOAP API,
// limits).
//
// The zone is computed by the rule in force since 2007 rather than looked up, so that
// the answer does not depend on time zone data on the machine.
func NextReset(now time.Time) time.Time {
	local := now.In(Central(now))
	year, month, day := local.Date()
	// The clocks change at two in the morning: midnight exists once on every day,
	// and which zone holds then can be asked with standard time.
	midnight := time.Date(year, month, day+1, 0, 0, 0, 0, centralStandard)
	zone := Central(midnight)
	return time.Date(year, month, day+1, 0, 0, 0, 0, zone)
}

var (
	centralStandard = time.FixedZone("CST", -6*3600)
	centralDaylight = time.FixedZone("CDT", -5*3600)
)

// Central returns the zone that holds at t by the service's clock, US Central time: daylight
// time from the second Sunday of March, 02:00 standard time, to the first Sunday of November,
// 02:00 daylight time (Energy Policy Act of 2005, section 110). It is computed, as in
// [NextReset].
func Central(t time.Time) *time.Location {
	year := t.In(centralStandard).Year()
	start := firstSunday(year, time.March, centralStandard).AddDate(0, 0, 7)
	end := firstSunday(year, time.November, centralDaylight)
	if t.Before(start) || !t.Before(end) {
		return centralStandard
	}
	return centralDaylight
}

// firstSunday returns two in the morning of a month's first Sunday.
func firstSunday(year int, month time.Month, zone *time.Location) time.Time {
	first := time.Date(year, month, 1, 2, 0, 0, 0, zone)
	return first.AddDate(0, 0, (7-int(first.Weekday()))%7)
}
