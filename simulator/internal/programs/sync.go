package programs

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/record"
)

// The types of detail that a program can have.
const (
	DetailTag   = "Tag"
	DetailToken = "Token"
	DetailCost  = "Cost"
)

// Sync updates tags and costs. Either all of an input's changes are made or none.
func (t *Table) Sync(in *objects.Input, op gen.SyncOperationEnum) (*objects.Object, gen.MObjStatusEnum, error) {
	if op != gen.SyncOperationEnumUPDATE {
		return nil, "", errors.New("a Program can only be updated: use UPDATE")
	}
	if !in.HasID {
		return nil, "", errors.New("a Program has no external key: give its id")
	}
	found, err := t.objects.Existing(in)
	if err != nil {
		return nil, "", err
	}
	if len(in.Attributes) > 0 || len(in.Associations) > 0 {
		return found, "", errors.New("of a Program only typeAttribList can be written, with Tag and Cost")
	}
	p := t.byName[found.Program().Name()]
	next := *p
	next.tags, next.costs = slices.Clone(p.tags), slices.Clone(p.costs)
	for _, d := range in.Details {
		if err := t.change(&next, d); err != nil {
			return found, "", err
		}
	}
	if err := t.roomFor(next.costs); err != nil {
		return found, "", err
	}
	changed := !slices.Equal(next.tags, p.tags) || !slices.Equal(next.costs, p.costs)
	next.costs = t.numbered(next.costs)
	*p = next
	if !changed {
		return found, gen.MObjStatusEnumUNCHANGED, nil
	}
	found.Touch(t.now().Truncate(time.Second))
	return found, gen.MObjStatusEnumUPDATED, nil
}

// change makes one change of a program's details.
func (t *Table) change(p *Program, d objects.Detail) error {
	switch d.Type {
	case DetailTag:
		return t.changeTag(p, d.Parts)
	case DetailCost:
		return changeCost(p, d.Parts)
	}
	return fmt.Errorf("typeAttrib/attrType %q is not Tag or Cost", d.Type)
}

// changeTag replaces the tags of a type by one. The tag must exist in the instance.
func (t *Table) changeTag(p *Program, given map[string]string) error {
	kind, value := given["Type"], given["Value"]
	if kind == "" || value == "" {
		return errors.New("a Tag needs Type and Value")
	}
	if !t.hasTag(kind, value) {
		return fmt.Errorf("there is no tag %q with the value %q", kind, value)
	}
	tag := record.Attribute{Name: strings.Clone(kind), Value: value}
	i := slices.IndexFunc(p.tags, func(a record.Attribute) bool { return a.Name == kind })
	if i < 0 {
		p.tags = append(p.tags, tag)
		return nil
	}
	rest := slices.DeleteFunc(p.tags[i+1:], func(a record.Attribute) bool { return a.Name == kind })
	p.tags = append(append(p.tags[:i:i], tag), rest...)
	return nil
}

// changeCost changes the cost of an id, or adds one without.
func changeCost(p *Program, given map[string]string) error {
	month, err := readMonth(given["Month"])
	if err != nil {
		return err
	}
	amount, err := strconv.ParseInt(given["Amount"], 10, 64)
	if err != nil {
		return fmt.Errorf("a Cost needs an Amount that is a whole number, not %q", given["Amount"])
	}
	cost := record.Cost{Month: month, Amount: amount, Note: given["Note"]}
	if given["Id"] == "" {
		p.costs = append(p.costs, cost)
		return nil
	}
	id, err := strconv.ParseInt(given["Id"], 10, 64)
	i := slices.IndexFunc(p.costs, func(c record.Cost) bool { return c.ID == id })
	if err != nil || i < 0 || id > math.MaxInt64-1 {
		return fmt.Errorf("the program has no Cost with the Id %q", given["Id"])
	}
	if _, ok := given["Note"]; !ok {
		cost.Note = p.costs[i].Note
	}
	cost.ID = id
	p.costs[i] = cost
	return nil
}

// readMonth reads 2013-06, the form of requests, and 2013-06-01, that of answers.
func readMonth(text string) (string, error) {
	for _, layout := range []string{costMonth, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(costMonth), nil
		}
	}
	return "", fmt.Errorf("a Cost needs a Month such as 2013-06, not %q", text)
}
