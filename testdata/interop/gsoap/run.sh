#!/bin/sh
# Makes the classes of the WSDL, compiles and runs the client, all in the working directory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

{ wsdl2h -o mktows.h "$MKTOWS_ENDPOINT?WSDL" && soapcpp2 -j -C -L -w -x mktows.h; } >tools.log 2>&1 || { cat tools.log >&2; exit 1; }
operations=$(grep -c '^//gsoap ns1 *service method-style:' mktows.h)
c++ -std=c++17 -I. -DOPERATIONS="$operations" -o client "$here/client.cpp" soapC.cpp soapMktowsApiSoapBindingProxy.cpp -lgsoap++ -lcrypto
exec ./client
