package limits

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// None as the value of a field means that there is no such limit.
const None = -1

// Limits are limits on the calls to one Marketo instance. In each field but Reserve, 0 stands for the service's own limit, which
// [SOAP] and [REST] tell, and [None] for no limit.
type Limits struct {
	Calls      int           // how many calls there may be in any time of the length Per
	Per        time.Duration // the length of that time
	Concurrent int           // how many calls there may be at the same time
	Daily      int           // how many calls there may be from midnight to midnight US Central, where the service's day turns

	// Reserve is how many of the Daily calls are left over, for other programs that use the instance and for what matters more than
	// the calls that are limited. It is for those who call; a server has none.
	Reserve int
}

// The limits that both APIs share.
const (
	serviceCalls      = 100
	servicePer        = 20 * time.Second
	serviceConcurrent = 10
)

// SOAP returns the limits of the SOAP API: 100 calls in 20 seconds, 10 at the same time, 10,000 a day unless another number was agreed
// on (Marketo SOAP API, limits).
func SOAP() Limits {
	return Limits{Calls: serviceCalls, Per: servicePer, Concurrent: serviceConcurrent, Daily: 10_000}
}

// REST returns the limits of the REST API: 100 calls in 20 seconds, 10 at the same time, 50,000 a day unless another number was agreed
// on (Marketo REST API, REST API overview).
func REST() Limits {
	return Limits{Calls: serviceCalls, Per: servicePer, Concurrent: serviceConcurrent, Daily: 50_000}
}

// Advised returns what one program of several keeps to on the REST API: the service counts all that use the instance together, so its
// page on integration advises half of the calls that [REST] has (Marketo REST API, integration best practices).
func Advised() Limits {
	l := REST()
	l.Calls, l.Concurrent = l.Calls/2, l.Concurrent/2
	return l
}

// Unlimited returns limits that limit nothing.
func Unlimited() Limits { return Limits{Calls: None, Concurrent: None, Daily: None} }

// Or returns the limits with those of the service in the place of zeros.
func (l Limits) Or(service Limits) Limits {
	return Limits{
		Calls:      cmp.Or(l.Calls, service.Calls),
		Per:        cmp.Or(l.Per, service.Per),
		Concurrent: cmp.Or(l.Concurrent, service.Concurrent),
		Daily:      cmp.Or(l.Daily, service.Daily),
		Reserve:    cmp.Or(l.Reserve, service.Reserve),
	}
}

// FieldError says what is wrong with a field of [Limits].
type FieldError struct {
	Field   string // of Limits
	Problem string // what is wrong with its value
}

// Error names the field and the problem.
func (e *FieldError) Error() string { return "limits: " + e.Field + ": " + e.Problem }

// Validate reports numbers that make no sense: errors of the type *FieldError, joined.
func (l Limits) Validate() error {
	var errs []error
	bad := func(wrong bool, field, format string, args ...any) {
		if wrong {
			errs = append(errs, &FieldError{field, fmt.Sprintf(format, args...)})
		}
	}
	const least = "%d is less than %d, which stands for no limit"
	bad(l.Calls < None, "Calls", least, l.Calls, None)
	bad(l.Per < 0, "Per", "%s is negative", l.Per)
	bad(l.Concurrent < None, "Concurrent", least, l.Concurrent, None)
	bad(l.Daily < None, "Daily", least, l.Daily, None)
	bad(l.Reserve < 0, "Reserve", "%d is negative", l.Reserve)
	bad(l.Daily > 0 && l.Reserve >= l.Daily, "Reserve", "%d leaves none of the %d calls of a day", l.Reserve, l.Daily)
	return errors.Join(errs...)
}
