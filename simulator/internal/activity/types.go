package activity

import (
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
)

// typeNames are the names of activity types in answers. The three that no answer has ever
// shown are made of the words of the value.
var typeNames = func() map[gen.ActivityType]string {
	names := map[gen.ActivityType]string{
		gen.ActivityTypeChangeFieldInProgram:     "Change Field in Program",
		gen.ActivityTypeSmartCampaignTest:        "Smart Campaign Test",
		gen.ActivityTypeSmartCampaignTestTrigger: "Smart Campaign Test Trigger",
	}
	for _, t := range activitytype.All {
		if t.Name != "" {
			names[t.Value] = t.Name
		}
	}
	return names
}()

// typeName returns the name of a type in answers. What is not a value of the schema is
// taken as such a name: the service has types that only answers name, such as Add to
// Nurture.
func typeName(t gen.ActivityType) string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return string(t)
}
