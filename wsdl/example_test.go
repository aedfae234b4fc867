package wsdl_test

import (
	"fmt"
	"log"
	"regexp"

	"github.com/mktows/mktows-go/wsdl"
)

// A client of an old version asks an endpoint for its contract.
func Example() {
	version, ok := wsdl.Nearest("2_3")
	if !ok {
		log.Fatal("no such version")
	}
	doc, err := wsdl.Document(version)
	if err != nil {
		log.Fatal(err)
	}
	doc, err = wsdl.WithAddress(doc, "https://soap.example.com/soap/mktows/2_3?team=a&test=1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(version)
	fmt.Println(string(regexp.MustCompile(`<soap:address.*>`).Find(doc)))
	// Output:
	// 2_7
	// <soap:address location="https://soap.example.com/soap/mktows/2_3?team=a&amp;test=1"/>
}
