package settings

import (
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/operations"
)

// KeyHelp explains the argument KEY in the help of every command that takes one.
const KeyHelp = `KEY is a lead id, an e-mail address, or TYPE:value with one of the types IDNUM, COOKIE, EMAIL,
LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID and SFDCOPPTYID.`

// ParseKey parses the key of a lead. What is the name of the argument or flag for messages, such as "KEY 2" or
// "--lead".
func ParseKey(what, text string) (operations.LeadKey, error) {
	if strings.TrimSpace(text) == "" {
		return operations.LeadKey{}, exit.Usagef("%s: is empty; name a lead, such as 318815, lead@example.com or TYPE:value", what)
	}
	key, err := operations.ParseLeadKey(text)
	if err != nil {
		return key, exit.Usagef("%s: %w", what, exit.Reason(err))
	}
	return key, nil
}

// ByKeys parses the keys that a flag was given and selects the leads that have one of them. The request has one type
// for all of its keys, so they have to be of the same type here too.
func ByKeys(flag string, texts []string) (operations.Selector, error) {
	keys := make([]operations.LeadKey, len(texts))
	for i, text := range texts {
		var err error
		if keys[i], err = ParseKey(flag, text); err != nil {
			return nil, err
		}
		if keys[i].Type != keys[0].Type {
			return nil, exit.Usagef("%s: %s and %s are of different types: the service takes keys of one type at a time", flag, keys[0], keys[i])
		}
	}
	if len(keys) > operations.MaxSelectorKeys {
		return nil, exit.Usagef("%s is given %d times: the service takes up to %d keys", flag, len(keys), operations.MaxSelectorKeys)
	}
	return operations.ByKeys(keys...), nil
}

// ParseKeys parses several arguments. Messages number them from 1, as in "LOSER 2".
func ParseKeys(what string, args []string) ([]operations.LeadKey, error) {
	keys := make([]operations.LeadKey, len(args))
	for i, arg := range args {
		var err error
		if keys[i], err = ParseKey(what+" "+strconv.Itoa(i+1), arg); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
