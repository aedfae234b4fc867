package record

// Pages is how a simulator pages. The zero value gives all that is asked for.
type Pages struct {
	Limit int     `json:"limit"` // of a page, whatever a call asks for; 0: that of the operation alone
	Short float64 `json:"short"` // the probability of a page that is shorter than asked for, although more follows
	Empty float64 `json:"empty"` // the probability of an empty page, although more follows
	Rough bool    `json:"rough"` // counts of what remains are 1 where more follows
	Seed  uint64  `json:"seed"`  // of all that is random
}
