// Package campaign has the commands under "mktows campaign". Two kinds of smart campaigns can be run from outside:
// one with the trigger "Campaign is Requested", for given leads and at once (request), and a batch campaign with its
// own choice of leads, at a given time (schedule).
package campaign
