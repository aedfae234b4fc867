// Package campaign has the commands under "mktows campaign".
package campaign
