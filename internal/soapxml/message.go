package soapxml

// Message is an element of the schema as package gen has it, and nobody else.
type Message interface {
	// ElementName returns the local name of the element.
	ElementName() string
}

// codec is how package gen reads and writes messages. Its messages have no exported methods for that, since their signatures would show
// users a reader and a writer that are none of their business.
var codec struct {
	read  func(*Reader, Message)
	write func(*Writer, Message)
}

// SetCodec is for package gen.
func SetCodec(read func(*Reader, Message), write func(*Writer, Message)) struct{} {
	codec.read, codec.write = read, write
	return struct{}{}
}

// Message reads the open element to its end; the reader keeps the error.
func (r *Reader) Message(m Message) { codec.read(r, m) }

// Message writes an element; the writer keeps the error.
func (w *Writer) Message(m Message) { codec.write(w, m) }
