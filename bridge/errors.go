package bridge

import (
	"errors"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
)

// otherData stands for all codes from 1000 on, which are about data, that have no row of their own.
const otherData fault.RESTCode = 1000

// meanings are the faults that a code of the REST API stands for in some operations alone; all
// others are [fault.RESTError.Fault]. They are what the SOAP API would have said there.
var meanings = map[string]map[fault.RESTCode]fault.Code{
	"syncLead": {
		1001: fault.CodeLeadAttributeBad, 1002: fault.CodeLeadDetailRequired, 1004: fault.CodeLeadNotFound, 1006: fault.CodeLeadAttributeBad,
		1012: fault.CodeBadParameter, otherData: fault.CodeLeadSyncFailed,
	},
	"syncMultipleLeads": {
		1001: fault.CodeLeadAttributeBad, 1002: fault.CodeLeadDetailRequired, 1006: fault.CodeLeadAttributeBad, otherData: fault.CodeLeadSyncFailed,
	},
	"getMultipleLeads":      {702: fault.CodeListNotFound, 1006: fault.CodeBadParameter, 1013: fault.CodeListNotFound},
	"getLeadChanges":        {702: fault.CodeListNotFound, 1013: fault.CodeListNotFound},
	"listOperation":         {702: fault.CodeListNotFound, 1013: fault.CodeListNotFound},
	"importToList":          {702: fault.CodeListNotFound, 1006: fault.CodeBadParameter, 1013: fault.CodeListNotFound},
	"requestCampaign":       {702: fault.CodeCampaignNotFound, 1013: fault.CodeCampaignNotFound},
	"scheduleCampaign":      {702: fault.CodeCampaignNotFound, 1013: fault.CodeCampaignNotFound},
	"getImportToListStatus": {702: fault.CodeListNotFound},
	"getCustomObjects":      {1006: fault.CodeBadParameter},
	"syncCustomObjects":     {1006: fault.CodeBadParameter},
	"deleteCustomObjects":   {1006: fault.CodeBadParameter},
	"getMObjects":           {1006: fault.CodeBadParameter},
	"syncMObjects":          {1006: fault.CodeBadParameter},
	"deleteMObjects":        {1006: fault.CodeBadParameter},
}

// meaningOf returns the fault that a code stands for in an operation, 0 for the one that it always
// stands for.
func meaningOf(operation string, code fault.RESTCode) fault.Code {
	if own, ok := meanings[operation][code]; ok {
		return own
	}
	if code >= otherData {
		return meanings[operation][otherData]
	}
	return 0
}

// meaning returns an error of the client of the REST API with the fault that it stands for in the
// operation.
func (w *work) meaning(err error) error {
	var call *rest.CallError
	var said *fault.RESTError
	if !errors.As(err, &call) || !errors.As(err, &said) {
		return err
	}
	code := meaningOf(w.operation, said.Code)
	if code == 0 || code == said.Fault() {
		return err
	}
	return &rest.CallError{Call: call.Call, Attempts: call.Attempts, Unknown: call.Unknown, Err: fault.FromREST(said, code, fault.Known{})}
}

// said reports whether the REST API has said one of the codes.
func said(err error, codes ...fault.RESTCode) bool {
	for _, code := range codes {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// recordFault returns the fault of a record that was not taken, or nil.
func (w *work) recordFault(a *rest.Answer[rest.Outcome], i int) error {
	problem := a.Records[i].Err(a.RequestID)
	if problem == nil {
		return nil
	}
	return fault.FromREST(problem, meaningOf(w.operation, problem.Code), fault.Known{})
}

// missing is the fault for a parameter that is not given.
func missing(what string) error {
	return fault.New(fault.CodeParameterRequired, what)
}

// bad is the fault for a parameter that cannot be served.
func bad(format string, args ...any) error {
	return fault.Newf(fault.CodeBadParameter, format, args...)
}
