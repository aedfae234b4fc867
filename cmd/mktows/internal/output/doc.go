// Package output is how all commands print: tables, text, JSON, JSON Lines and CSV, and files that are replaced as a
// whole. It knows no commands. A command describes its records by a Shape, and a Listing does the rest, so that all
// commands have the same formats and the same rules for them.
//
// What the service returns was typed by strangers into web forms. Everything that is written to a terminal is
// therefore made harmless first: control characters and marks that reverse the direction of text are shown as
// escapes.
package output
