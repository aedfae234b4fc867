package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
)

// Names of the checks of what the service says.
const (
	checkCredentials = "credentials"
	checkQuota       = "calls today"
	checkNames       = "names"
)

// credentials makes a call that no permission is needed for: over REST the one that tells how many calls there were.
func (e *examination) credentials(ctx context.Context) (good bool) {
	e.step(ctx, func(ctx context.Context) {
		if e.API == SOAP {
			_, err := e.Port.ListMObjects(ctx, new(gen.ParamsListMObjects))
			if good = e.tellCredentials(err); good {
				e.add(checkQuota, NotChecked, "the SOAP API does not tell them", "")
			}
			return
		}
		calls, err := e.Bridge.CallsToday(ctx)
		if good = e.tellCredentials(err); good {
			good = e.tellCalls(calls, err)
		}
	})
	return good
}

// tellCredentials tells of what came of the first call whether it was let in.
func (e *examination) tellCredentials(err error) bool {
	var said *fault.Fault
	switch isFault := errors.As(err, &said); {
	case err == nil, errors.Is(err, fault.ErrQuota), errors.Is(err, fault.ErrRateLimited):
	case errors.Is(err, fault.CodeAccessDenied): // over REST 603: the token is good
		e.add(checkCredentials, Warn, "let in, but refused: "+err.Error(), "check the role of the API user, and the list of addresses that are allowed in")
		return true
	case errors.Is(err, fault.ErrAuth):
		return e.fail(checkCredentials, err, err.Error(), e.credentialsCure())
	case errors.Is(err, fault.ErrExpired):
		return e.fail(checkCredentials, err, err.Error(), "set this machine's clock, best by NTP")
	case e.API == REST && isFault && said.REST != nil, e.API == SOAP && isFault:
	default:
		return e.fail(checkCredentials, err, "no answer that tells: "+e.inWords(err), "check that the endpoint is that of the "+string(e.API)+" API, and what is between; or try again later")
	}
	e.add(checkCredentials, OK, "let in", "")
	return true
}

func (e *examination) credentialsCure() string {
	if e.API == REST {
		return "take id and secret anew from Admin > Integration > LaunchPoint, of the instance that the endpoint belongs to"
	}
	return "take user id and key anew from who runs the endpoint"
}

// nearlyAll is the share of the day's calls from which on they are warned of.
const nearlyAll = 0.8

// tellCalls tells how many of the day's calls are used. What the subscription allows is not told by the service.
func (e *examination) tellCalls(calls int, err error) bool {
	most := limits.REST().Daily
	const more = "make fewer calls, or have the quota raised; the count starts anew at midnight US Central time"
	switch {
	case errors.Is(err, fault.ErrQuota):
		return e.fail(checkQuota, err, err.Error(), more)
	case err != nil:
		e.add(checkQuota, Warn, "not told: "+err.Error(), "try again later")
	case float64(calls) >= nearlyAll*float64(most):
		e.add(checkQuota, Warn, fmt.Sprintf("%d, of %d on most subscriptions", calls, most), more)
	default:
		e.add(checkQuota, OK, fmt.Sprintf("%d, of %d on most subscriptions", calls, most), "")
	}
	return true
}

// permissions checks each permission.
func (e *examination) permissions(ctx context.Context) {
	for _, name := range bridge.Permissions() {
		var got bridge.PermissionCheck
		e.step(ctx, func(ctx context.Context) { got = e.Bridge.CheckPermission(ctx, name) })
		if reads, ok := readOf[name]; ok && got.State == bridge.PermissionNotChecked && e.granted[reads].State == bridge.PermissionMissing {
			got.State = bridge.PermissionMissing // it would do for reading, too
		}
		e.granted[name] = got
		e.tellPermission(&got)
	}
}

// readOf are the permissions to read that one to read and write does for.
var readOf = map[string]string{
	"Read-Write Opportunity": "Read-Only Opportunity", "Read-Write Custom Object": "Read-Only Custom Object", "Read-Write Assets": "Read-Only Assets",
}

func (e *examination) tellPermission(p *bridge.PermissionCheck) {
	switch {
	case p.State == bridge.PermissionGranted:
		e.add(p.Name, OK, "granted", "")
	case p.State == bridge.PermissionMissing && p.Needed:
		e.fail(p.Name, fault.Classify(fault.New(fault.CodeAccessDenied, ""), fault.Known{}), "missing", "give it to the role of the API user, under Admin > Users & Roles")
	case p.State == bridge.PermissionMissing:
		e.add(p.Name, OK, "missing, and no operation needs it", "")
	case p.Unknown != nil:
		e.add(p.Name, Warn, "not known: "+e.inWords(p.Unknown), "try again")
	default:
		e.add(p.Name, NotChecked, "only writes need it", "")
	}
}

// names compares the file of names with the instance, or says whether there should be one.
func (e *examination) names(ctx context.Context) {
	e.step(ctx, func(ctx context.Context) {
		now, err := e.Bridge.LearnNames(ctx)
		switch {
		case err != nil:
			e.add(checkNames, Warn, "not told: "+e.inWords(err), "names need the permissions Read-Only Lead and Read-Only Activity; with a file of names commands go on without")
		case e.Names != nil:
			e.tellFile(now)
		case now.TellsSOAP():
			e.add(checkNames, Warn, "the instance tells those of the SOAP API, and no file keeps them for when it does not",
				"mktows names learn -o names.json, and name the file in "+e.namesSetting())
		default:
			e.add(checkNames, Warn, fmt.Sprintf("the instance tells none of the SOAP API any more: %d are guessed", now.Guessed()),
				"name a file that has them in "+e.namesSetting()+": see mktows names --help")
		}
	})
}

// namesSetting is what names the file of names.
func (e *examination) namesSetting() string { return cmp.Or(e.NamesSetting, bridge.EnvNames) }

func (e *examination) tellFile(now *bridge.NamesFile) {
	found := "from " + e.NamesFile + ", written by hand"
	if at := e.Names.Learned(); !at.IsZero() {
		found = "from " + e.NamesFile + ", learned " + at.UTC().Format(time.DateOnly)
	}
	if n := e.Names.Guessed(); n > 0 {
		found += fmt.Sprintf(", %d of them guessed", n)
	}
	if !now.TellsSOAP() {
		found += "; the instance tells none of the SOAP API any more"
	}
	if of := e.Names.Instance(); of != "" && of != now.Instance() {
		e.add(checkNames, Warn, found+"; they are those of another instance, "+of, "learn those of this one into a file of its own: mktows names learn")
		return
	}
	if n := len(bridge.DiffNames(e.Names, now)); n > 0 {
		e.add(checkNames, Warn, found+"; differences from the instance: "+strconv.Itoa(n), "mktows names diff "+e.NamesFile)
		return
	}
	e.add(checkNames, OK, found, "")
}
