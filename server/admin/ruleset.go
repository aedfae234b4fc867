package admin

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/mktows/mktows-go/server"
)

func (h *handler) getRules(w http.ResponseWriter, _ *request) error {
	list := []ruleJSON{}
	for _, r := range h.Rules.Listed() {
		list = append(list, newListedJSON(r))
	}
	return writeJSON(w, http.StatusOK, list)
}

func (h *handler) postRule(w http.ResponseWriter, r *request) error {
	rule, err := readRule(w, r)
	if err != nil {
		return err
	}
	out := newRuleJSON(rule)
	out.ID = h.Rules.Insert(rule)
	return writeJSON(w, http.StatusCreated, out)
}

func (h *handler) deleteRules(w http.ResponseWriter, _ *request) error {
	h.Rules.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) getRule(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	rule, ok := h.Rules.Lookup(id)
	if !ok {
		return noRule(id)
	}
	return writeJSON(w, http.StatusOK, newListedJSON(rule))
}

func (h *handler) putRule(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	rule, err := readRule(w, r)
	if err != nil {
		return err
	}
	if !h.Rules.Replace(id, rule) {
		return noRule(id)
	}
	out := newRuleJSON(rule)
	out.ID = id
	return writeJSON(w, http.StatusOK, out)
}

func (h *handler) deleteRule(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	if !h.Rules.Remove(id) {
		return noRule(id)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readRule reads the body of a request.
func readRule(w http.ResponseWriter, r *request) (server.Rule, error) {
	data, err := readBody(w, r, maxBody)
	if err != nil {
		return server.Rule{}, err
	}
	var in ruleJSON
	if err := decode(data, &in); err != nil {
		return server.Rule{}, err
	}
	rule, err := in.rule()
	if err != nil {
		return rule, placed(data, ruleType, err)
	}
	return rule, nil
}

// id reads the id in a path.
func (r *request) id() (int64, error) {
	id, err := strconv.ParseInt(r.part, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != r.part {
		return 0, &refusal{status: http.StatusBadRequest, code: "bad_id", message: fmt.Sprintf("%.100q is no id", r.part), field: "id",
			advice: "give a whole number from 1 on"}
	}
	return id, nil
}

func noRule(id int64) error {
	return gone(fmt.Sprintf("there is no rule %d, or not any more: a rule is gone after its last time", id), "GET /rules lists those that there are")
}

// gone is the error of what is not there.
func gone(message, advice string) error {
	return &refusal{status: http.StatusNotFound, code: "not_found", message: message, advice: advice}
}
