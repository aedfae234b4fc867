package wsdl_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/wsdl"
)

// around returns a small document whose service has what stands in port.
func around(port string) string {
	return `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/">` +
		"\n <!-- <s:address location='comment'/> -->\n <w:service>" + port + "</w:service>\n</w:definitions>\n"
}

func TestWithAddress_changesTheLocationAlone(t *testing.T) {
	t.Parallel()
	const address = "https://a.example.com/soap/mktows/2_7"
	tests := []struct{ name, port, want string }{
		{"double quotes", `<s:address location="x"/>`, `<s:address location="` + address + `"/>`},
		{"single quotes", `<s:address location='x'/>`, `<s:address location='` + address + `'/>`},
		{"spaces", "<s:address\n\tlocation = \"x\" />", "<s:address\n\tlocation = \"" + address + "\" />"},
		{"empty", `<s:address location=""></s:address>`, `<s:address location="` + address + `"></s:address>`},
		{"other attributes", `<s:address a="location='y'" location="x" b='"'/>`, `<s:address a="location='y'" location="` + address + `" b='"'/>`},
		{"a qualified one first", `<s:address s:location="y" location="x"/>`, `<s:address s:location="y" location="` + address + `"/>`},
		{"an equals sign in the old one", `<s:address location="http://x/?a=b&amp;c=d"/>`, `<s:address location="` + address + `"/>`},
		{"default namespace", `<address xmlns="http://schemas.xmlsoap.org/wsdl/soap/" location="x"/>`,
			`<address xmlns="http://schemas.xmlsoap.org/wsdl/soap/" location="` + address + `"/>`},
		{"every address", `<s:address location="x"/><s:address location="y"/>`,
			`<s:address location="` + address + `"/><s:address location="` + address + `"/>`},
		{"SOAP 1.2 stays", `<s:address location="x"/><t:address xmlns:t="http://schemas.xmlsoap.org/wsdl/soap12/" location="y"/>`,
			`<s:address location="` + address + `"/><t:address xmlns:t="http://schemas.xmlsoap.org/wsdl/soap12/" location="y"/>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc := around(tt.port)
			got, err := wsdl.WithAddress([]byte(doc), address)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != around(tt.want) {
				t.Errorf("got\n%s\nwant\n%s", got, around(tt.want))
			}
		})
	}
}

func TestWithAddress_escapes(t *testing.T) {
	t.Parallel()
	tests := []struct{ address, want string }{
		{"http://127.0.0.1:8080/soap/mktows/2_7", "http://127.0.0.1:8080/soap/mktows/2_7"},
		{"HTTPS://a.example.com", "HTTPS://a.example.com"},
		{"http://[::1]:8080/", "http://[::1]:8080/"},
		{"https://a.example.com/x?a=1&b=2", "https://a.example.com/x?a=1&amp;b=2"},
		{"https://a.example.com/?a=1&amp;b=2", "https://a.example.com/?a=1&amp;amp;b=2"},
		{`https://a.example.com/"'`, "https://a.example.com/&#34;&#39;"},
		{"https://a.example.com/<x>", "https://a.example.com/&lt;x&gt;"},
		{"https://a.example.com/ü", "https://a.example.com/ü"},
	}
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			t.Parallel()
			for _, quote := range []string{`"`, `'`} {
				got, err := wsdl.WithAddress([]byte(around("<s:address location="+quote+"x"+quote+"/>")), tt.address)
				if err != nil {
					t.Fatal(err)
				}
				if want := around("<s:address location=" + quote + tt.want + quote + "/>"); string(got) != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
}

func TestWithAddress_embedded(t *testing.T) {
	t.Parallel()
	for _, version := range wsdl.Versions() {
		doc := document(t, version)
		before := bytes.Clone(doc)
		const address = "http://127.0.0.1:8080/soap/mktows?x=1&y=2"
		got, err := wsdl.WithAddress(doc, address)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(string(before), "https://example.mktoapi.com/soap/mktows/"+version, "http://127.0.0.1:8080/soap/mktows?x=1&amp;y=2", 1)
		if string(got) != want {
			t.Errorf("%s: more than the address changed", version)
		}
		if !bytes.Equal(doc, before) {
			t.Errorf("%s: the document passed in was changed", version)
		}
	}
}

func TestWithAddress_refusesAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, address, want string }{
		{"empty", "", "not absolute"},
		{"path", "/soap/mktows/2_7", "not absolute"},
		{"no scheme", "a.example.com/soap", "not absolute"},
		{"scheme relative", "//a.example.com/soap", "not absolute"},
		{"other scheme", "ftp://a.example.com/soap", "not absolute"},
		{"no host", "https:///soap", "not absolute"},
		{"port alone", "https://:8080/soap", "not absolute"},
		{"opaque", "https:hunter2@a.example.com", "not absolute"},
		{"bad port", "https://a.example.com:hunter2/", "not a URL"},
		{"bad escape", "https://a.example.com/%zz", "not a URL"},
		{"line break", "https://a.example.com/\n", "not a URL"},
		{"password", "https://example_user:hunter2@a.example.com/", "user or password"},
		{"not UTF-8", "https://a.example.com/\xff", "percent-encode"},
		{"no XML character", "https://a.example.com/\uFFFE", "percent-encode"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := wsdl.WithAddress([]byte(around(`<s:address location="x"/>`)), tt.address)
			if err == nil {
				t.Fatalf("no error, but\n%s", got)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error does not say %q: %v", tt.want, err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats what may be a password: %v", err)
			}
		})
	}
}

func TestWithAddress_refusesDocuments(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, want string }{
		{"empty", "", "no soap:address"},
		{"no address", around(""), "no soap:address"},
		{"other namespace", around(`<address location="x"/>`), "no soap:address"},
		{"no location", around(`<s:address/>`), "has no location"},
		{"only a qualified location", around(`<s:address s:location="x"/>`), "has no location"},
		{"cut off", strings.TrimSuffix(around(`<s:address location="x"/>`), "</w:definitions>\n"), "cannot read"},
		{"no XML", "Service Unavailable <", "cannot read"},
		{"not UTF-8", "<?xml version='1.0' encoding='ISO-8859-1'?>" + around(`<s:address location="x"/>`), "cannot read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := wsdl.WithAddress([]byte(tt.doc), "https://a.example.com/")
			if err == nil {
				t.Fatalf("no error, but\n%s", got)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error does not say %q: %v", tt.want, err)
			}
		})
	}
}

// FuzzWithAddress holds the result to what a client reads from it: the address as it was given, or an error.
func FuzzWithAddress(f *testing.F) {
	for _, seed := range []string{"https://a.example.com/?a=1&b=2", "http://[::1]:1/'\"<>", "https://x/\t", "http://\x00", "https://a/\uFFFD]]>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got, err := wsdl.WithAddress([]byte(around(`<s:address location="x"/>`)), address)
		if err != nil {
			return
		}
		var doc struct {
			Address struct {
				Location string `xml:"location,attr"`
			} `xml:"service>address"`
		}
		if err := xml.Unmarshal(got, &doc); err != nil {
			t.Fatalf("the result is no XML: %v\n%s", err, got)
		}
		if doc.Address.Location != address {
			t.Errorf("a client reads %q, want %q", doc.Address.Location, address)
		}
	})
}
