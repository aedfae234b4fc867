// Package list has the commands under "mktows list": members of static lists, and imports into them.
package list
