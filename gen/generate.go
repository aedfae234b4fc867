package gen

//go:generate go run ../internal/wsdlgen/cmd -wsdl ../wsdl -out .
