package secureaccess

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// Pair is an access key with its access secret. While the secret of an app is being changed there are two: the old pair
// says in Until when it ends, the new one in From when it starts. Both times count in whole seconds.
type Pair struct {
	AccessKey string
	Secret    auth.Secret
	// From is the moment of change: from then on the pair signs, and before it the other one. It means nothing where
	// there is no other.
	From time.Time
	// Until is the last second in which the pair is accepted. Signatures that [Signer.Sign] makes with it end then at
	// the latest. Zero means that it has no end.
	Until time.Time
}

// Role is what a pair of a [Keyring] is at a given time.
type Role string

// The roles of pairs.
const (
	Current  Role = "current"  // signs
	Next     Role = "next"     // will sign, and is accepted already
	Previous Role = "previous" // has signed, and is accepted still
)

// Keyring holds the pair of an app, or the two between which it changes. The current pair signs; both are accepted by
// [Keyring.Verify], the old one until its end. The pairs can be replaced while requests are under way, each of which
// sees either the old or the new ones. Which pair signs and which are accepted depends on the time alone, and not on
// what was asked before: a clock that was wrong for a while does no harm once it is right.
//
// It is safe for concurrent use. Make one with [NewKeyring] or [OpenKeyring].
type Keyring struct {
	pairs    atomic.Pointer[[]Pair] // oldest first
	verified map[Role]*atomic.Uint64
	refused  atomic.Uint64
}

// NewKeyring makes a keyring of one pair or two, in either order; see [Keyring.Set].
func NewKeyring(pairs ...Pair) (*Keyring, error) {
	k := &Keyring{verified: map[Role]*atomic.Uint64{Current: {}, Next: {}, Previous: {}}}
	if err := k.Set(pairs...); err != nil {
		return nil, err
	}
	return k, nil
}

// Set replaces all pairs, or none if there is an error. It takes one pair, which has no Until, or two with different
// secrets: the new one with From and no Until, and the old one with Until, which is not before that From. An
// access key or secret that cannot be used is a [*FieldError].
func (k *Keyring) Set(pairs ...Pair) error {
	all := slices.Clone(pairs)
	slices.SortStableFunc(all, func(a, b Pair) int { return a.From.Compare(b.From) })
	if err := checkPairs(all); err != nil {
		return err
	}
	k.pairs.Store(&all)
	return nil
}

func checkPairs(pairs []Pair) error {
	var errs []error
	for _, p := range pairs {
		errs = append(errs, checkPlain("access key", p.AccessKey), checkPlain("access secret", p.Secret.Reveal()))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return checkChange(pairs)
}

// changeError says why pairs do not go together.
type changeError struct{ problem string }

func (e *changeError) Error() string { return "secureaccess: " + e.problem }

// checkChange is for pairs that are usable one by one, the oldest first.
func checkChange(pairs []Pair) error {
	switch len(pairs) {
	case 0:
		return &changeError{"there is no access key and secret: give one pair, or two while the secret is being changed"}
	case 1:
	case 2:
		if err := checkTimes(pairs[0], pairs[1]); err != nil {
			return err
		}
	default:
		return &changeError{fmt.Sprintf("there are %d access secrets: only two are accepted at the same time", len(pairs))}
	}
	if !pairs[len(pairs)-1].Until.IsZero() {
		return &changeError{"the newest access secret has an end, after which nothing would sign: leave its until out"}
	}
	return nil
}

func checkTimes(older, newer Pair) error {
	switch {
	case older.Secret.Equal(newer.Secret):
		return &changeError{"both access secrets are the same: give the new one, or the old one alone"}
	case newer.From.IsZero():
		return &changeError{"of two access secrets none says when it starts to sign: give the new one its from"}
	case older.From.Unix() == newer.From.Unix():
		return &changeError{"both access secrets start to sign in the same second: give only the new one its from"}
	case older.Until.IsZero():
		return &changeError{"the old access secret has no end: give it the until to which it is still accepted"}
	case older.Until.Unix() < newer.From.Unix():
		return &changeError{fmt.Sprintf("the old access secret ends at %s, before the new one starts to sign at %s: nothing would sign between",
			stamp(older.Until), stamp(newer.From))}
	}
	return nil
}

// Verify checks sig for a device like the function [Verify], against the pairs that are accepted at now, and says in
// which role the one that it was made with is then. With [ErrExpired] the role is told too. A secret past its end is
// as good as any other wrong one: [ErrBadSignature]. What it finds is counted: see [Keyring.Counts].
func (k *Keyring) Verify(sig SecuritySignature, deviceID string, now time.Time) (Role, error) {
	pairs := *k.pairs.Load()
	err := ErrBadSignature
	for i := len(pairs) - 1; i >= 0; i-- {
		if ended(pairs[i], now) {
			continue
		}
		err = Verify(sig, deviceID, pairs[i].Secret, now)
		role := roleOf(pairs, i, now)
		switch {
		case err == nil:
			k.verified[role].Add(1)
			return role, nil
		case errors.Is(err, ErrExpired):
			k.refused.Add(1)
			return role, err
		}
	}
	k.refused.Add(1)
	return "", err
}

// Counts is how many signatures a [Keyring] has verified since it was made: by the role that their pair had at that
// time, and how many it has refused. While Previous grows, signatures of the old secret are in use.
type Counts struct {
	Current, Next, Previous uint64
	Refused                 uint64
}

// Counts returns the counts up to now, for a metric or a log. They never go back, also when the pairs are replaced.
func (k *Keyring) Counts() Counts {
	return Counts{
		Current: k.verified[Current].Load(), Next: k.verified[Next].Load(), Previous: k.verified[Previous].Load(),
		Refused: k.refused.Load(),
	}
}

// Signer makes a signer that always signs with the pair that is current.
func (k *Keyring) Signer(opts ...SignerOption) (*Signer, error) {
	s := &Signer{keys: k, now: time.Now, lifetime: DefaultLifetime}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(s))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// signing returns the pair that signs at now.
func (k *Keyring) signing(now time.Time) Pair {
	pairs := *k.pairs.Load()
	return pairs[current(pairs, now)]
}

// String says how many pairs there are.
func (k *Keyring) String() string { return fmt.Sprintf("Keyring(%d pairs)", len(*k.pairs.Load())) }

// GoString is String.
func (k *Keyring) GoString() string { return k.String() }

// current is the index of the pair that signs. The oldest one signs also before its own From, which has passed
// according to whoever wrote it: if the clock says otherwise, the clock is wrong.
func current(pairs []Pair, now time.Time) int {
	last := len(pairs) - 1
	if last > 0 && now.Unix() < pairs[last].From.Unix() {
		return 0
	}
	return last
}

func roleOf(pairs []Pair, i int, now time.Time) Role {
	switch at := current(pairs, now); {
	case i < at:
		return Previous
	case i > at:
		return Next
	}
	return Current
}

func ended(p Pair, now time.Time) bool { return !p.Until.IsZero() && now.Unix() > p.Until.Unix() }

// stamp writes a time as the file of pairs has it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
