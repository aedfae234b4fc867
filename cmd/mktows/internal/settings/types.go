package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/operations"
)

// ParseTypes parses the types for a filter that is an enumeration in the schema. A type that the enumeration has no
// value for cannot be sent, so it is refused here.
func ParseTypes(flag string, names []string) ([]operations.ActivityType, error) {
	var types []operations.ActivityType
	for _, name := range names {
		t, err := operations.ParseActivityType(name)
		if err != nil {
			return nil, exit.AsUsageSee(fmt.Errorf("%s: %s", flag, unlisted(name, err)), "mktows help activity-types")
		}
		types = append(types, t)
	}
	return types, nil
}

// unlisted explains why a name cannot be used in a filter of types, and what the user can do instead.
func unlisted(name string, err error) string {
	var unknown *operations.UnknownTypeError
	errors.As(err, &unknown) // ParseActivityType has no other
	problem := fmt.Sprintf("the service's filter by type has no value for %.80q", strings.TrimSpace(name))
	switch {
	case unknown.InAnswers:
		return problem + `; "mktows changes --lead KEY --type NAME" asks by name`
	case len(unknown.Near) > 0:
		return problem + "; similar: " + output.WordList(unknown.Near)
	}
	return problem
}

// ParseNames parses the names for a filter that is free text in the schema. Customers define types of their own, so
// any name may be right and only the service can tell.
func ParseNames(flag string, texts []string) ([]string, error) {
	var names []string
	for _, text := range texts {
		name := operations.ActivityName(text)
		if name == "" {
			return nil, exit.Usagef("%s: the name of a type is empty", flag)
		}
		names = append(names, name)
	}
	return names, nil
}

// HintNames warns about names that no activity is known to have. They may be typing errors, and the service gives no
// hint: it answers a name that it does not know with an empty result. A warning is all that is possible, as the name
// may be that of a type which the customer defined.
func HintNames(a *console.Console, flag string, names []string) {
	for _, name := range names {
		t, err := operations.ParseActivityType(name)
		var unknown *operations.UnknownTypeError
		switch {
		case errors.As(err, &unknown) && !unknown.InAnswers:
			text := fmt.Sprintf("%s: no activity type is known by the name %.80q; types of your own are taken as they are", flag, name)
			if len(unknown.Near) > 0 {
				text += "; did you mean " + nameList(unknown.Near) + "?"
			}
			a.Warnf("%s", text)
		case err == nil && t.Name() == "":
			a.Warnf("%s: the name of the type %s in activities is not documented; asking for %q", flag, t, string(t))
		}
	}
}

// nameList joins types by "or", in the spelling that activities have.
func nameList(types []operations.ActivityType) string {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = operations.ActivityName(string(t))
	}
	return strings.Join(texts, " or ")
}
