#!/bin/sh
# Makes the classes of the WSDL, compiles and runs the client, all in the working directory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=/usr/share/java/jaxws-rt.jar # its manifest names the others
jars=$jars:/usr/share/java/jaxws-api.jar:/usr/share/java/jaxb-api.jar:/usr/share/java/jws-api.jar:/usr/share/java/javax.xml.soap-api.jar

mkdir -p sources classes
wsimport -quiet -Xnocompile -XadditionalHeaders -d sources -p mktows "$MKTOWS_ENDPOINT?WSDL"
javac -nowarn -encoding UTF-8 -cp "$jars" -d classes "$here/Client.java" sources/mktows/*.java
exec java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "classes:$jars" Client
