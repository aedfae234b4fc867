package bridge

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/gen"
)

// tagChannel is the type of tag that the SOAP API has for the channel of a program.
const tagChannel = "Channel"

// programs reads a page of programs.
func (w *work) programs(q *objectQuery, in *gen.ParamsGetMObjects) (list []gen.MObject, more bool, err error) {
	switch {
	case q.hasKey:
		return nil, false, bad("externalKey: programs have none: give the id")
	case len(q.with) > 0:
		return nil, false, bad("mObjAssociationList: programs are associated with nothing")
	}
	found, next, more, err := w.findPrograms(q, in)
	if err != nil {
		return nil, false, err
	}
	for i, p := range found {
		if len(list) == maxObjects {
			return list, true, nil
		}
		o, chosen, err := w.programObject(q, p)
		if err != nil {
			return nil, false, err
		}
		if chosen {
			list = append(list, o)
		}
		q.at.Offset = next[i]
	}
	return list, more, nil
}

// findPrograms returns programs that may be chosen, from the position on, with the position after each,
// and whether others may follow.
func (w *work) findPrograms(q *objectQuery, in *gen.ParamsGetMObjects) (found []rest.Program, next []int64, more bool, err error) {
	id, hasID := in.Id.Get()
	if text, ok := equals(q.criteria, "Id"); ok && !hasID {
		n, _ := strconv.ParseInt(text, 10, 32) // one that is greater finds nothing
		id, hasID = int32(n), true
	}
	name, hasName := equals(q.criteria, "Name")
	tag, hasTag := equals(q.criteria, "Tag Type")
	value, hasValue := equals(q.criteria, "Tag Value")
	var a *rest.Answer[rest.Program]
	switch {
	case hasID:
		a, err = w.rest.ProgramByID(w, int64(id))
	case hasName:
		a, err = w.rest.ProgramsByName(w, name)
	case hasTag && hasValue && tag != tagChannel:
		return w.programsByTag(q, tag, value)
	default:
		return w.browsePrograms(q)
	}
	if err != nil && !said(err, 702) {
		return nil, nil, false, err
	}
	if a != nil {
		found = a.Records
	}
	return found, make([]int64, len(found)), false, nil
}

// programsByTag returns the programs that have a tag. They come in any order, so all are read before a
// page is cut.
func (w *work) programsByTag(q *objectQuery, tag, value string) ([]rest.Program, []int64, bool, error) {
	all, err := allAssets(func(offset int) (*rest.Answer[rest.Program], error) {
		return w.rest.ProgramsByTag(w, tag, value, offset)
	})
	if err != nil {
		return nil, nil, false, err
	}
	slices.SortFunc(all, func(a, b rest.Program) int { return cmp.Compare(a.ID, b.ID) })
	all = all[min(int(q.at.Offset), len(all)):]
	return all, placesFrom(q.at.Offset, len(all)), false, nil
}

// browsePrograms returns programs from the position on, those that were changed in a time if the
// criteria say so.
func (w *work) browsePrograms(q *objectQuery) ([]rest.Program, []int64, bool, error) {
	f := rest.ProgramFilter{Offset: int(q.at.Offset)}
	for _, c := range named(q.criteria, "Updated At") {
		at, _ := c.value.(time.Time)
		switch c.how {
		case gen.ComparisonEnumGT, gen.ComparisonEnumGE:
			f.Earliest = rest.Stamp(at)
		case gen.ComparisonEnumLT, gen.ComparisonEnumLE:
			f.Latest = rest.Stamp(up(at))
		case gen.ComparisonEnumEQ:
			f.Earliest, f.Latest = rest.Stamp(at), rest.Stamp(up(at))
		}
	}
	a, err := w.rest.Programs(w, f)
	if err != nil {
		if said(err, 702) {
			return nil, nil, false, nil
		}
		return nil, nil, false, err
	}
	return a.Records, placesFrom(q.at.Offset, len(a.Records)), len(a.Records) == rest.MaxAssets, nil
}

func placesFrom(offset int64, n int) []int64 {
	places := make([]int64, n)
	for i := range places {
		places[i] = offset + int64(i) + 1
	}
	return places
}

// programObject returns a program as the SOAP API shows it, and whether the request chooses it.
func (w *work) programObject(q *objectQuery, p rest.Program) (o gen.MObject, chosen bool, err error) {
	if !w.programChosen(q, p) {
		return o, false, nil
	}
	id, err := int32Of("the id of program", p.ID)
	if err != nil {
		return o, false, err
	}
	o = gen.MObject{Type: typeProgram, Id: gen.Some(id), CreatedAt: w.someDateTime(p.CreatedAt), UpdatedAt: w.someDateTime(p.UpdatedAt)}
	if len(named(q.criteria, "Tag Type")) > 0 || len(named(q.criteria, "Tag Value")) > 0 || q.details {
		if p, err = w.wholeProgram(p); err != nil || !tagsChosen(q, p) {
			return o, false, err
		}
	}
	folder := rest.Folder{Type: p.Type, Workspace: p.Workspace}
	if q.details || len(named(q.criteria, "Workspace Id")) > 0 || len(named(q.criteria, "Type")) > 0 {
		if folder, err = w.folderOf(p); err != nil || !folderChosen(q, folder) {
			return o, false, err
		}
	}
	o.AttribList = gen.Some(gen.ArrayOfAttrib{Attrib: w.programAttributes(p, folder)})
	if q.details {
		o.TypeAttribList, err = w.programDetails(p)
	}
	return o, true, err
}

// programChosen looks at what every answer tells of a program.
func (w *work) programChosen(q *objectQuery, p rest.Program) bool {
	created, _ := w.readTime(p.CreatedAt)
	updated, _ := w.readTime(p.UpdatedAt)
	return allHold(q.criteria, "Id", p.ID) && allHold(q.criteria, "Name", p.Name) && allHold(q.criteria, "Workspace Name", p.Workspace) &&
		allHold(q.criteria, "Created At", created) && allHold(q.criteria, "Updated At", updated)
}

// tagsChosen reports whether one tag of a program has type and value of the criteria.
func tagsChosen(q *objectQuery, p rest.Program) bool {
	if len(named(q.criteria, "Tag Type")) == 0 && len(named(q.criteria, "Tag Value")) == 0 {
		return true
	}
	return slices.ContainsFunc(tagsOf(p), func(t rest.ProgramTag) bool {
		return allHold(q.criteria, "Tag Type", t.Type) && allHold(q.criteria, "Tag Value", t.Value)
	})
}

// tagsOf returns the tags of a program. The REST API keeps the channel apart.
func tagsOf(p rest.Program) []rest.ProgramTag {
	if p.Channel == "" {
		return p.Tags
	}
	return append([]rest.ProgramTag{{Type: tagChannel, Value: p.Channel}}, p.Tags...)
}

// folderChosen looks at what a program's record as a folder tells. Archived programs are chosen only if
// the request says so.
func folderChosen(q *objectQuery, f rest.Folder) bool {
	archive, _ := equals(q.criteria, "Include Archive")
	shown := !f.Archived || strings.EqualFold(archive, "true") || len(named(q.criteria, "Id")) > 0
	return shown && allHold(q.criteria, "Type", f.Type) && allHold(q.criteria, "Workspace Id", f.AccessZone)
}

// wholeProgram returns a program with its tags and costs, which lists leave out.
func (w *work) wholeProgram(p rest.Program) (rest.Program, error) {
	if p.Tags != nil && p.Costs != nil {
		return p, nil
	}
	a, err := w.rest.ProgramByID(w, p.ID)
	if err != nil || len(a.Records) == 0 {
		return p, err
	}
	return a.Records[0], nil
}

func (w *work) folderOf(p rest.Program) (rest.Folder, error) {
	a, err := w.rest.FolderOfProgram(w, p.ID)
	if err != nil || len(a.Records) == 0 {
		return rest.Folder{Type: p.Type, Workspace: p.Workspace}, err
	}
	return a.Records[0], nil
}

// programAttributes returns the attributes of a program, those that are not known left out.
func (w *work) programAttributes(p rest.Program, f rest.Folder) []gen.Attrib {
	list := []gen.Attrib{{Name: "Name", Value: clean(p.Name)}, {Name: "Type", Value: clean(f.Type)}}
	add := func(name, value string) {
		if value != "" {
			list = append(list, gen.Attrib{Name: name, Value: clean(value)})
		}
	}
	if f.AccessZone != 0 {
		add("Workspace Id", strconv.FormatInt(f.AccessZone, 10))
	}
	add("Workspace Name", p.Workspace)
	if f.Path != "" {
		add("Tree Path", strings.ReplaceAll(strings.TrimPrefix(f.Path, "/"), "/", ":"))
		add("Is Archived", strconv.FormatBool(f.Archived))
	}
	for _, one := range []struct{ name, text string }{{"Start Date", p.StartDate}, {"End Date", p.EndDate}} {
		if at, err := w.readTime(one.text); err == nil {
			add(one.name, w.convert.Shown(at).Format(time.DateTime))
		}
	}
	add("CRM Id", p.SFDCID)
	return list
}

// programDetails returns tags, tokens and costs.
func (w *work) programDetails(p rest.Program) (gen.Opt[gen.ArrayOfTypeAttrib], error) {
	var list []gen.TypeAttrib
	add := func(kind string, attribs ...gen.Attrib) {
		list = append(list, gen.TypeAttrib{AttrType: kind, AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: attribs})})
	}
	for _, t := range tagsOf(p) {
		add("Tag", gen.Attrib{Name: "Type", Value: clean(t.Type)}, gen.Attrib{Name: "Value", Value: clean(t.Value)})
	}
	a, err := w.rest.TokensOfProgram(w, p.ID)
	if err != nil {
		return gen.Opt[gen.ArrayOfTypeAttrib]{}, err
	}
	for _, folder := range a.Records {
		for _, t := range folder.Tokens {
			add("Token", gen.Attrib{Name: "Name", Value: clean("my." + strings.TrimPrefix(t.Name, "my."))}, gen.Attrib{Name: "Value", Value: clean(t.Value.Text)})
		}
	}
	for _, c := range p.Costs {
		month := c.StartDate
		if at, err := w.readTime(month); err == nil {
			month = at.UTC().Format(time.DateOnly)
		}
		add("Cost", gen.Attrib{Name: "Month", Value: clean(month)}, gen.Attrib{Name: "Amount", Value: strconv.FormatInt(c.Cost, 10)}, gen.Attrib{Name: "Note", Value: clean(c.Note)})
	}
	if len(list) == 0 {
		return gen.Opt[gen.ArrayOfTypeAttrib]{}, nil
	}
	return gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: list}), nil
}
