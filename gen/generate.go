package gen

//go:generate go run ../wsdl/internal/wsdlgen/cmd -wsdl ../wsdl -out .
