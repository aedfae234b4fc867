package activity

// name is the number of a text that many records share.
type name uint32

// names numbers texts that many records share, such as the names of types, assets and attributes. The zero value is
// empty; texts are never forgotten.
type names struct {
	texts   []string
	numbers map[string]name
}

// number returns the number of a text, a new one if need be.
func (n *names) number(text string) name {
	if found, ok := n.numbers[text]; ok {
		return found
	}
	if n.numbers == nil {
		n.numbers = make(map[string]name)
	}
	added := name(len(n.texts)) //nolint:gosec // there are fewer names than records and attributes
	n.texts = append(n.texts, text)
	n.numbers[text] = added
	return added
}

// known returns the number of a text if it has one.
func (n *names) known(text string) (name, bool) {
	found, ok := n.numbers[text]
	return found, ok
}

func (n *names) text(number name) string { return n.texts[number] }
