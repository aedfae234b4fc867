// Package output is how commands print: tables, text, JSON, JSON Lines and CSV, and files that are written whole.
// It knows no commands; what it writes to a terminal is harmless to it.
package output
