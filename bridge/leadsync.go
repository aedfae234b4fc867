package bridge

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// SyncLead creates or updates one lead.
//
// Lost: a header MktowsContext needs [WithPartition], and does not keep leads of other workspaces from
// being written; a foreign id needs [WithForeignIDField]; fields of the lead's company may be left out
// ([WithCompanyFields]); a cookie of a visitor that no lead is known for cannot make one; an address
// that finds its lead in other letters is written in those of the request. It costs one
// call, one more with returnLead, one or two more with a cookie, and two where leads share the address.
//
// If the lead was written and what comes after that fails, giving it the cookie or reading it back, the
// answer is that of the write, and the failure is logged: a fault would make programs write it again.
func (b *Bridge) SyncLead(ctx context.Context, in *gen.ParamsSyncLead) (*gen.SuccessSyncLead, error) {
	return perform(ctx, b, "syncLead", in, (*work).syncLead)
}

func (w *work) syncLead(in *gen.ParamsSyncLead) (*gen.SuccessSyncLead, error) {
	if in.LeadRecord == nil {
		return nil, fault.New(fault.CodeLeadDetailRequired, "leadRecord is missing")
	}
	partition, err := w.partition()
	if err != nil {
		return nil, err
	}
	fields, err := w.checkNames([]gen.LeadRecord{*in.LeadRecord})
	if err != nil {
		return nil, err
	}
	cookie := in.MarketoCookie.Or("")
	lead, err := w.readLead(fields, in.LeadRecord, cookie)
	if err != nil {
		return nil, err
	}
	if err := w.identify(lead); err != nil {
		return nil, err
	}
	one := w.leadWriteOf(0, lead, true, true)
	unlock, err := w.creating.lock(w, one.lookup+" "+strings.ToLower(one.key))
	if err != nil {
		return nil, err
	}
	defer unlock()
	s := &leadSync{work: w, partition: partition, safety: safety.Of(w.operation, in)}
	if _, err := s.run([]*leadWrite{one}); err != nil {
		return nil, err
	}
	switch {
	case one.lost != nil: // which may be over soon, as err may not
		return nil, one.lost
	case one.err != nil:
		return nil, one.err
	}
	if cookie != "" && (lead.email != "" || lead.foreign != "") {
		w.after("giving the lead its cookie", w.rest.AssociateLead(w, one.id, cookie))
	}
	return w.syncedLead(one, in.ReturnLead, fields)
}

// partition returns the partition that the header of the call means.
func (w *work) partition() (string, error) {
	header, _ := gen.MktowsContext(w)
	if header.TargetWorkspace == "" {
		return "", nil
	}
	partition, known := w.partitions[header.TargetWorkspace]
	if !known {
		return "", bad("MktowsContextHeader/targetWorkspace %.100q: the REST API knows partitions, not workspaces; name the partition that is meant (WithPartition)", header.TargetWorkspace)
	}
	return partition, nil
}

// identify finds the lead of a record that has no key but a cookie.
func (w *work) identify(in *leadInput) error {
	if in.hasID || in.email != "" || in.foreign != "" {
		return nil
	}
	key := gen.LeadKey{KeyType: gen.LeadKeyRefCOOKIE, KeyValue: in.cookie}
	found, err := w.keyedLeads([]gen.LeadKey{key})
	if err != nil {
		return err
	}
	if in.id = last(found[0]); in.id == 0 {
		return noLead(&key)
	}
	in.hasID = true
	return nil
}

// after logs what failed after a write that was done.
func (w *work) after(what string, err error) {
	if err != nil {
		w.config.rest.Logger.LogAttrs(w, slog.LevelWarn, "mktows: "+what+" failed after the write was done",
			slog.String("operation", w.operation), slog.Any("error", err))
	}
}

// syncedLead makes the answer of a write.
func (w *work) syncedLead(one *leadWrite, returnLead bool, fields *names.Fields) (*gen.SuccessSyncLead, error) {
	id, err := int32Of("the id of lead", one.id)
	if err != nil {
		return nil, err
	}
	out := &gen.ResultSyncLead{LeadId: id, SyncStatus: syncStatus(id, one.created), LeadRecord: gen.NilOf[gen.LeadRecord]()}
	if returnLead {
		records, err := w.leadsWith("id", []string{strconv.FormatInt(one.id, 10)}, w.readFields(fields, nil))
		w.after("reading the lead back", err)
		if len(records) > 0 {
			lead, err := w.leadRecord(fields, records[0], nil)
			w.after("reading the lead back", err)
			if err == nil {
				out.LeadRecord = gen.Some(lead)
			}
		}
	}
	return &gen.SuccessSyncLead{Result: out}, nil
}

func syncStatus(id int32, created bool) *gen.SyncStatus {
	status := &gen.SyncStatus{LeadId: id, Status: gen.LeadSyncStatusUPDATED, Error: gen.NilOf[string]()}
	if created {
		status.Status = gen.LeadSyncStatusCREATED
	}
	return status
}

// SyncMultipleLeads creates or updates leads, each by itself.
//
// Lost: what SyncLead loses. Records with different kinds of keys go in calls of their own, so that
// their order is kept among those of one kind alone. When a call fails after others have gone through,
// the records that were not written have the status FAILED with its text. It costs a call for each kind
// of key and 300 records, more where a key comes twice.
func (b *Bridge) SyncMultipleLeads(ctx context.Context, in *gen.ParamsSyncMultipleLeads) (*gen.SuccessSyncMultipleLeads, error) {
	return perform(ctx, b, "syncMultipleLeads", in, (*work).syncMultipleLeads)
}

func (w *work) syncMultipleLeads(in *gen.ParamsSyncMultipleLeads) (*gen.SuccessSyncMultipleLeads, error) {
	if in.LeadRecordList == nil || len(in.LeadRecordList.LeadRecord) == 0 {
		return nil, fault.New(fault.CodeLeadDetailRequired, "leadRecordList has no leadRecord")
	}
	records := in.LeadRecordList.LeadRecord
	fields, err := w.checkNames(records)
	if err != nil {
		return nil, err
	}
	list := make([]gen.SyncStatus, len(records))
	groups := make(map[string][]*leadWrite)
	var order []string
	for i := range records {
		lead, err := w.readLead(fields, &records[i], "")
		if err != nil {
			list[i] = failedLead(0, faultOf(err).Message)
			continue
		}
		one := w.leadWriteOf(i, lead, false, in.DedupEnabled.Or(true))
		group := one.action + " " + one.lookup
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], one)
	}
	var writes []*leadWrite
	for _, group := range order {
		writes = append(writes, groups[group]...)
	}
	s := &leadSync{work: w, safety: safety.Of(w.operation, in)}
	if err := s.runAll(writes, list); err != nil {
		return nil, err
	}
	return &gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: list}}}, nil
}

// runAll writes records and fills in their statuses. An error is that of a call before which nothing
// was written.
func (s *leadSync) runAll(writes []*leadWrite, list []gen.SyncStatus) error {
	done, err := s.run(writes)
	if err != nil && done == 0 {
		return err
	}
	for _, one := range writes {
		id, tooLong := int32Of("the id of lead", one.id)
		switch {
		case one.id == 0 && one.err == nil && err != nil:
			list[one.place] = failedLead(0, s.failed(err).Error())
		case one.lost != nil:
			list[one.place] = failedLead(id, one.err.Message+"; the lead that is meant was not found out: "+one.lost.Error())
		case one.err != nil:
			list[one.place] = failedLead(id, one.err.Message)
		case tooLong != nil:
			list[one.place] = failedLead(0, "the lead was written; "+faultOf(tooLong).Message)
		default:
			list[one.place] = *syncStatus(id, one.created)
		}
	}
	return nil
}

func failedLead(id int32, why string) gen.SyncStatus {
	return gen.SyncStatus{LeadId: id, Status: gen.LeadSyncStatusFAILED, Error: gen.Some(clean(why))}
}

// MergeLeads merges leads into another one, 25 in a call.
//
// With mergeInSales the CRM may choose another winner, which is then the one that is answered. When the
// CRM refuses the merge, the status is FAILED with its reason. It costs a call for each 25 losers, with
// mergeInSales two, and one for each type of key.
func (b *Bridge) MergeLeads(ctx context.Context, in *gen.ParamsMergeLeads) (*gen.SuccessMergeLeads, error) {
	return perform(ctx, b, "mergeLeads", in, (*work).mergeLeads)
}

func (w *work) mergeLeads(in *gen.ParamsMergeLeads) (*gen.SuccessMergeLeads, error) {
	if in.WinningLeadKeyList == nil {
		return nil, fault.New(fault.CodeLeadKeyRequired, "winningLeadKeyList is missing")
	}
	if in.LosingLeadKeyLists == nil || len(in.LosingLeadKeyLists.KeyList) == 0 {
		return nil, fault.New(fault.CodeLeadKeyRequired, "losingLeadKeyLists has no keyList")
	}
	winner, losers, err := w.mergeParties(in)
	if err != nil {
		return nil, err
	}
	inSales := in.MergeInSales.Or(false)
	status := &gen.MergeStatus{WinningLeadId: gen.Some(winner), LosingLeadIdList: gen.Some(gen.ArrayOfInteger{IntegerItem: losers}), Status: gen.LeadMergeStatusEnumMERGED, Error: gen.NilOf[string]()}
	merged := 0
	for part := range slices.Chunk(losers, rest.MaxLosers) {
		ids := make([]int64, len(part))
		for i, id := range part {
			ids[i] = int64(id)
		}
		err := w.rest.MergeLeads(w, int64(winner), ids, inSales, safety.Of(w.operation, in))
		if err != nil {
			if merged == 0 && !isMergeRefusal(err) {
				return nil, err
			}
			status.Status = gen.LeadMergeStatusEnumFAILED
			status.Error = gen.Some(clean(mergeText(losers[:merged], w.failed(err))))
			break
		}
		merged += len(part)
		if i := w.chosenInSales(inSales, winner, part); i >= 0 {
			winner, part[i] = part[i], winner
			status.WinningLeadId = gen.Some(winner)
		}
	}
	return &gen.SuccessMergeLeads{Result: &gen.ResultMergeLeads{MergeStatus: status}}, nil
}

// chosenInSales returns the place of the loser that the CRM has made the winner of a merge, or -1: a contact
// wins against a lead, and what the CRM knows against what it does not (Marketo REST API, leads).
func (w *work) chosenInSales(inSales bool, winner int32, losers []int32) int {
	if !inSales {
		return -1
	}
	values := []string{strconv.Itoa(int(winner))}
	for _, id := range losers {
		values = append(values, strconv.Itoa(int(id)))
	}
	left, err := w.leadsWith("id", values, []string{"id"})
	w.after("looking for the winner", err)
	if len(left) != 1 {
		return -1
	}
	id, err := left[0].ID("id")
	w.after("looking for the winner", err)
	return slices.IndexFunc(losers, func(loser int32) bool { return int64(loser) == id })
}

// isMergeRefusal reports whether the service says that these leads cannot be merged.
func isMergeRefusal(err error) bool { return said(err, 712, 714, 1076, 1077, 1078, 1079) }

func mergeText(merged []int32, err error) string {
	if len(merged) == 0 {
		return err.Error()
	}
	ids := make([]string, len(merged))
	for i, id := range merged {
		ids[i] = strconv.Itoa(int(id))
	}
	return "leads " + strings.Join(ids, ", ") + " were merged before this: " + err.Error()
}

// mergeParties finds the leads of a request. A loser that is named twice counts once.
func (w *work) mergeParties(in *gen.ParamsMergeLeads) (winner int32, losers []int32, err error) {
	lists := append([]gen.ArrayOfAttribute{*in.WinningLeadKeyList}, in.LosingLeadKeyLists.KeyList...)
	var keys []gen.LeadKey
	for i, list := range lists {
		if len(list.Attribute) == 0 {
			return 0, nil, fault.Newf(fault.CodeLeadKeyRequired, "%s has no key", mergeField(i))
		}
		for _, a := range list.Attribute {
			key := gen.LeadKey{KeyType: gen.LeadKeyRef(a.AttrName), KeyValue: a.AttrValue}
			if key.KeyType == gen.LeadKeyRefCOOKIE {
				return 0, nil, fault.Newf(fault.CodeLeadKeyBad, "%s: mergeLeads does not take keys of the type COOKIE", mergeField(i))
			}
			if err := w.checkKey(&key); err != nil {
				return 0, nil, err
			}
			keys = append(keys, key)
		}
	}
	found, err := w.keyedLeads(keys)
	if err != nil {
		return 0, nil, err
	}
	n := 0
	for i, list := range lists {
		id, err := int32Of("the id of lead", lastInAll(found[n:n+len(list.Attribute)]))
		switch {
		case err != nil:
			return 0, nil, err
		case id == 0:
			return 0, nil, fault.Newf(fault.CodeLeadNotFound, "No lead found with the keys of %s, such as %s = %.200s", mergeField(i), keys[n].KeyType, keys[n].KeyValue)
		case i == 0:
			winner = id
		case id == winner:
			return 0, nil, bad("lead %d is both winner and loser: a lead cannot be merged into itself", id)
		case !slices.Contains(losers, id):
			losers = append(losers, id)
		}
		n += len(list.Attribute)
	}
	return winner, losers, nil
}

func mergeField(i int) string {
	if i == 0 {
		return "winningLeadKeyList"
	}
	return "losingLeadKeyLists/keyList"
}

// lastInAll returns the greatest id that all lists have, 0 for none.
func lastInAll(lists [][]int64) int64 {
	for _, id := range slices.Backward(lists[0]) {
		if !slices.ContainsFunc(lists, func(list []int64) bool { return !slices.Contains(list, id) }) {
			return id
		}
	}
	return 0
}
