package admin

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Bounds of what is printed for people: others are shown as they are, so that a hostile document does not grow.
const (
	maxPretty = 1 << 19 // bytes
	maxDepth  = 20      // to which lines are moved to the right
)

// pretty returns a document that is XML or JSON, also one behind the first line of a request, with a line for each part; empty if it
// is neither. White space in texts stays.
func pretty(doc []byte) string {
	if len(doc) > maxPretty {
		return ""
	}
	head, body := "", doc
	if line, rest, ok := bytes.Cut(doc, []byte("\n\n")); ok && !bytes.HasPrefix(doc, []byte("<")) && bytes.IndexByte(line, '\n') < 0 {
		head, body = string(line)+"\n\n", rest
	}
	trimmed := bytes.TrimSpace(body)
	switch {
	case bytes.HasPrefix(trimmed, []byte("<")):
		return prettyXML(string(trimmed))
	case bytes.HasPrefix(trimmed, []byte("{")), bytes.HasPrefix(trimmed, []byte("[")):
		var out bytes.Buffer
		if depthOf(trimmed) <= maxDepth && json.Indent(&out, trimmed, "", "  ") == nil {
			return head + out.String()
		}
	}
	return ""
}

// depthOf is how deep the values of a JSON document are.
func depthOf(doc []byte) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}', c == ']':
			depth--
		}
	}
	return deepest
}

// prettyXML puts each tag on a line of its own, and an element that holds only text on one. It goes by tags alone, so that it shows
// a document that is not well-formed too, and changes nothing else.
func prettyXML(doc string) string {
	var out strings.Builder
	depth := 0
	newLine := func() {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(strings.Repeat("  ", min(max(depth, 0), maxDepth)))
	}
	for doc != "" {
		tag := tagOf(doc)
		switch {
		case tag == "": // text outside an element without children
			text, _, _ := strings.Cut(doc, "<")
			doc = doc[len(text):]
			if strings.TrimSpace(text) != "" {
				newLine()
				out.WriteString(text)
			}
			continue
		case strings.HasPrefix(tag, "</"):
			depth--
			newLine()
		case strings.HasPrefix(tag, "<!"), strings.HasPrefix(tag, "<?"), strings.HasSuffix(tag, "/>"):
			newLine()
		default:
			newLine()
			if leaf := leafOf(doc, tag); leaf != "" {
				tag = leaf
			} else {
				depth++
			}
		}
		out.WriteString(tag)
		doc = doc[len(tag):]
	}
	return out.String()
}

// tagOf returns the tag or the comment that a document begins with, the rest of it if that has no end; empty: it begins with text.
func tagOf(doc string) string {
	end := ">"
	switch {
	case !strings.HasPrefix(doc, "<"):
		return ""
	case strings.HasPrefix(doc, "<!--"):
		end = "-->"
	case strings.HasPrefix(doc, "<![CDATA["):
		end = "]]>"
	case strings.HasPrefix(doc, "<?"):
		end = "?>"
	}
	if i := strings.Index(doc, end); i >= 0 {
		return doc[:i+len(end)]
	}
	return doc
}

// leafOf returns the element that begins with a tag if text is all that is in it.
func leafOf(doc, tag string) string {
	rest := doc[len(tag):]
	i := strings.IndexByte(rest, '<')
	if i < 0 || !strings.HasPrefix(rest[i:], "</") {
		return ""
	}
	return doc[:len(tag)+i] + tagOf(rest[i:])
}
