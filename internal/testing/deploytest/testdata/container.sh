#!/bin/sh
# Runs the image as containers are run: the file system $1 read-only, the configuration $2 at /etc/mktows, not root, no rights, a
# network of its own. The simulator stands for Marketo beside it, and the program $3 in PHP calls, where PHP has SOAP. Run by a test, as
# root, in namespaces of its own; $4 is an empty folder.
set -eu
exec 2>&1
ip link set lo up
mount --bind "$1" "$1"
mount --bind "$2" "$1/etc/mktows"
mount -o remount,ro,bind "$1/etc/mktows"
mount -o remount,ro,bind "$1"
echo mounted
mkfifo "$4/marketo" "$4/gateway"
chroot --userspec=65532:65532 "$1" /usr/bin/mktows serve --demo --rest >"$4/marketo" &
marketo=$!
exec 8<"$4/marketo"
read -r line <&8
chroot --userspec=65532:65532 "$1" /usr/bin/mktows gateway /etc/mktows/gateway.yaml >"$4/gateway" &
gateway=$!
exec 9<"$4/gateway"
read -r line <&9
echo "$line"
chroot --userspec=65532:65532 "$1" /usr/bin/mktows gateway health
if php -m 2>/dev/null | grep -qx soap; then
	php "$3"
else
	echo "no PHP with SOAP here, so not lead@example.com"
fi
kill "$gateway"
wait "$gateway"
kill "$marketo"
wait "$marketo"
echo ended
