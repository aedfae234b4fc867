package position

// Signed returns the text of any payload, signed as a position is.
func (c *Codec) Signed(payload string) string { return c.signed([]byte(payload)) }
