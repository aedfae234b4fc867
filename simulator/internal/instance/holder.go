package instance

// Held is an instance in the hands of a type that users see: that type embeds it under a name of its own that is not exported. So the
// packages below simulator get at the instance with [Of], and nobody else does.
type Held struct{ instance *Instance }

// Hold returns what holds an instance.
func Hold(i *Instance) Held { return Held{i} }

func (h Held) held() *Instance { return h.instance }

// Holder is what embeds [Held].
type Holder interface{ held() *Instance }

// Of returns the instance that is held.
func Of(h Holder) *Instance { return h.held() }
