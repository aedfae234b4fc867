// Package recording has the format of recorded SOAP exchanges: a folder with two files for each, NAME.request.xml and
// NAME.response.xml, in the order of their names. A file is an envelope, or what a tool for capturing traffic shows of it: headers of
// HTTP may stand in front, the body may be chunked or compressed, and the encoding may be any that a server takes.
//
// Requests need no signature: nobody may use the one that was recorded.
package recording

// The names of the files of an exchange end so.
const (
	requestSuffix  = ".request.xml"
	responseSuffix = ".response.xml"
)

// maxFile is how large a file may be, and what is compressed in it.
var maxFile = 64 << 20 // tests have a smaller one
