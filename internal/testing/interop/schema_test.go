package interop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// eachVersion runs a test for each version of the contract.
func eachVersion(t *testing.T, run func(t *testing.T, v gen.Version)) {
	t.Helper()
	for _, v := range []gen.Version{gen.V2_7, gen.V3_1} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			run(t, v)
		})
	}
}

// envelopes are the documents that were exchanged. No signature is among them; what
// stands in its place is a string, too.
func envelopes(t *testing.T, exchanges []mktowstest.Exchange) map[string][]byte {
	t.Helper()
	docs := make(map[string][]byte)
	for i, e := range exchanges {
		if e.Operation == "" || len(e.RawRequest) == 0 || len(e.RawResponse) == 0 {
			t.Errorf("exchange %d: %d and %d bytes, operation %q", i, len(e.RawRequest), len(e.RawResponse), e.Operation)
		}
		docs[fmt.Sprintf("%03d-%s.request.xml", i, e.Operation)] = e.RawRequest
		docs[fmt.Sprintf("%03d-%s.answer.xml", i, e.Operation)] = e.RawResponse
	}
	return docs
}

// TestSchema_conversation has the client make calls of all operations and the simulator
// answer them.
func TestSchema_conversation(t *testing.T) {
	t.Parallel()
	eachVersion(t, func(t *testing.T, v gen.Version) {
		valid := newValidator(t, v)
		s := mktowstest.NewServer(t, mktowstest.WithVersion(v.String()), mktowstest.WithDemo(),
			mktowstest.WithoutLimits(), mktowstest.WithUnexpectedRequests())
		addList(t, s.Sim(), simulator.List{Name: schemaList, Members: []int64{simulator.DemoLeadID}})
		addList(t, s.Sim(), simulator.List{Program: simulator.DemoProgram, Name: schemaList})
		answered := make(map[string]bool)
		for i, c := range conversation {
			op, err := converse(t, s.Client(), c.request)
			if codeOf(err) != c.fault || err != nil && c.fault == 0 {
				t.Errorf("call %d, %s: %v, want fault %d\n%s", i, op.Name, err, c.fault, c.request)
			}
			answered[op.Name] = answered[op.Name] || err == nil
		}
		for _, op := range gen.Operations() {
			if !answered[op.Name] {
				t.Errorf("%s was never answered", op.Name)
			}
		}
		valid.requireValid(t, envelopes(t, s.Exchanges("")))
	})
}

// codeOf returns the code of a fault.
func codeOf(err error) fault.Code {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return 0
	}
	return f.Code
}

func addList(t *testing.T, sim *simulator.Simulator, l simulator.List) {
	t.Helper()
	if _, err := sim.AddList(l); err != nil {
		t.Fatal(err)
	}
}

// converse makes a call of the content of a request.
func converse(t *testing.T, port gen.Port, request string) (*gen.Operation, error) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(request, "<m:"), ">")
	op := gen.OperationByInput(strings.TrimSuffix(name, "/"))
	if op == nil {
		t.Fatalf("%s is the request of no operation", name)
	}
	in := op.NewInput()
	doc := strings.Replace(request, "<m:"+op.Input, "<m:"+op.Input+
		` xmlns:m="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`, 1)
	if err := gen.Unmarshal([]byte(doc), in); err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	ctx := t.Context()
	if op.TakesContext() {
		ctx = gen.WithMktowsContext(ctx, gen.MktowsContextHeaderInfo{TargetWorkspace: "Default"})
	}
	_, err := op.Call(ctx, port, in)
	return op, err
}

// TestSchema_examples sends the example requests and has a port answer with the example
// answers and faults.
func TestSchema_examples(t *testing.T) {
	t.Parallel()
	eachVersion(t, func(t *testing.T, v gen.Version) {
		valid := newValidator(t, v)
		var exchanges []mktowstest.Exchange
		synctest.Test(t, func(t *testing.T) { // the client waits after some of the faults
			exchanges = exchangeExamples(t, v)
		})
		valid.requireValid(t, envelopes(t, exchanges))
	})
}

func exchangeExamples(t *testing.T, v gen.Version) []mktowstest.Exchange {
	t.Helper()
	requests, answers := readExamples(t, v)
	var answer string
	port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
		return envelope.ReadResponse(context.Background(), answer, out)
	})
	s := mktowstest.NewServer(t, mktowstest.WithVersion(v.String()), mktowstest.WithPort(port),
		mktowstest.WithoutLimits(), mktowstest.WithUnexpectedRequests())
	for _, op := range gen.Operations() {
		for i := range max(len(requests[op.Name]), len(answers[op.Name])) {
			answer = answers[op.Name][i%len(answers[op.Name])]
			in := readExample(t, op, requests[op.Name][i%len(requests[op.Name])])
			if _, err := op.Call(t.Context(), s.Client(), in); err != nil && !errors.As(err, new(*fault.Fault)) {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
	}
	return s.Exchanges("")
}

// readExamples returns the example envelopes of a version by operation.
func readExamples(t *testing.T, v gen.Version) (requests, answers map[string][]string) {
	t.Helper()
	requests, answers = make(map[string][]string), make(map[string][]string)
	err := filepath.WalkDir(filepath.Join("..", "..", "..", "testdata", "envelopes"), func(path string, d fs.DirEntry, err error) error {
		later := strings.Contains(path, ".v31.") && v == gen.V2_7
		if err != nil || later || !strings.HasSuffix(path, ".xml") || strings.Contains(path, ".want.") {
			return err
		}
		text, err := os.ReadFile(path)
		kind, operation := answers, filepath.Base(filepath.Dir(path))
		if strings.HasSuffix(path, ".request.xml") {
			kind = requests
		}
		kind[operation] = append(kind[operation], string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range gen.Operations() {
		if len(requests[op.Name]) == 0 || len(answers[op.Name]) == 0 {
			t.Fatalf("no examples of %s", op.Name)
		}
	}
	answers["getLead"] = append(answers["getLead"], answers["faults"]...)
	return requests, answers
}

func readExample(t *testing.T, op *gen.Operation, doc string) gen.Message {
	t.Helper()
	q, err := envelope.OpenRequest(context.Background(), doc)
	if err != nil {
		t.Fatal(err)
	}
	in := op.NewInput()
	if err := q.Read(in); err != nil {
		t.Fatal(err)
	}
	return in
}

// TestValidator guards the guard: each of these documents has one mistake.
func TestValidator(t *testing.T) {
	t.Parallel()
	const good = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body><m:paramsGetMultipleLeads>` +
		`<leadSelector xsi:type="m:LastUpdateAtSelector"><oldestUpdatedAt>2015-09-04T16:07:16-05:00</oldestUpdatedAt></leadSelector>` +
		`<streamPosition xsi:nil="true"/><batchSize>1</batchSize></m:paramsGetMultipleLeads></s:Body></s:Envelope>`
	mistakes := map[string][2]string{
		"qualified child":  {`batchSize>`, `m:batchSize>`},
		"order":            {`<streamPosition xsi:nil="true"/><batchSize>1</batchSize>`, `<batchSize>1</batchSize><streamPosition xsi:nil="true"/>`},
		"unknown element":  {`<batchSize>`, `<batchCount>1</batchCount><batchSize>`},
		"missing element":  {`<oldestUpdatedAt>2015-09-04T16:07:16-05:00</oldestUpdatedAt>`, ``},
		"number":           {`>1<`, `>one<`},
		"time":             {`-05:00<`, ` CST<`},
		"nil where not":    {`<batchSize>1</batchSize>`, `<includeAttributes xsi:nil="true"/>`},
		"abstract type":    {` xsi:type="m:LastUpdateAtSelector"`, ``},
		"unknown type":     {`m:LastUpdateAtSelector`, `m:NoSelector`},
		"namespace":        {`www.marketo.com`, `www.example.com`},
		"unknown request":  {`paramsGetMultipleLeads`, `paramsGetManyLeads`},
		"two in the body":  {`</s:Body>`, `<m:paramsListMObjects/></s:Body>`},
		"prefix not bound": {`</s:Body>`, `<x:y/></s:Body>`},
		"unknown header":   {`<s:Body>`, `<s:Header><m:paramsListMObjects/></s:Header><s:Body>`},
		"attribute":        {`<s:Body>`, `<s:Body id="1">`},
		"not well-formed":  {`</s:Body>`, ``},
	}
	eachVersion(t, func(t *testing.T, v gen.Version) {
		docs := map[string][]byte{"good": []byte(good)}
		for name, change := range mistakes {
			docs[name] = []byte(strings.ReplaceAll(good, change[0], change[1]))
		}
		refused := newValidator(t, v).refused(t, docs)
		for name := range docs {
			if reason, got := refused[name]; got != (name != "good") {
				t.Errorf("%s: refused: %t %s", name, got, reason)
			}
		}
	})
}
