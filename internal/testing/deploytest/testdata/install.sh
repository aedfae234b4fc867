#!/bin/sh
# Installs the Debian package $1 into a copy of this system that is gone afterwards, starts the gateway as its user, asks for its
# health, and purges the package. Run by a test, as root, in a mount namespace of its own; $2 is an empty folder.
set -eu
exec 2>&1
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount --bind /dev "$2/root/dev"
mount -t proc proc "$2/root/proc"
mount -t tmpfs -o mode=755 tmpfs "$2/root/run" # where systemd would be seen
mount -t tmpfs -o mode=1777 tmpfs "$2/root/tmp"
cp "$1" "$2/root/run/mktows.deb"
echo mounted
chroot "$2/root" sh -eu <<'INSIDE'
dpkg -i /run/mktows.deb
stat -c '%U:%G %a %n' /etc/mktows/gateway.yaml /etc/mktows/secrets
setpriv --reuid mktows --regid mktows --init-groups mktows gateway check /etc/mktows/gateway.yaml && exit 1
for name in soap.key rest.secret; do
	echo placeholder | install -m 0640 -g mktows /dev/stdin "/etc/mktows/secrets/$name"
done
sed -i 's/USER-ID-OF-THE-OLD-PROGRAM/example_user/; s/ACCOUNT/000-aaa-000/; s/CLIENT-ID/example-client/' /etc/mktows/gateway.yaml
setpriv --reuid mktows --regid mktows --init-groups mktows gateway check /etc/mktows/gateway.yaml
sed -i 's/^admin:.*/admin: 127.0.0.1:18091/; s/:8090/:0/' /etc/mktows/gateway.yaml
mkfifo /run/ready
setpriv --reuid mktows --regid mktows --init-groups mktows gateway /etc/mktows/gateway.yaml >/run/ready &
read -r line </run/ready
echo "$line"
mktows gateway health 127.0.0.1:18091
kill "$!"
wait "$!" || true
dpkg -P mktows
ls -d /etc/mktows/gateway.yaml /usr/bin/mktows && exit 1
echo purged
INSIDE
