// Package names holds the commands "mktows names learn" and "mktows names diff", which keep the file that the bridge can
// take the names of fields and activities from.
package names
