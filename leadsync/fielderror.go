package leadsync

// FieldError says what is wrong with a field of a [Stream], or of the [Config] itself.
type FieldError struct {
	Stream  StreamName // whose field it is; empty: it is one of Config
	Field   string     // such as "Types[2]" or "Window"
	Problem string     // what is wrong with the value, and what to do
	Other   string     // the field that the problem is with, which ends the sentence; most often empty
}

func (e *FieldError) Error() string {
	if e.Stream == "" {
		return "leadsync: Config." + e.Field + " " + e.Problem
	}
	text := "stream " + string(e.Stream) + ": " + e.Field + ": " + e.Problem
	if e.Other != "" {
		text += " " + e.Other
	}
	return text
}
