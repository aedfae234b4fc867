#!/bin/sh
# Installs the Debian package $1 on the bare Debian in the folder $2, which is not changed, and uses it as somebody does who has just got it.
# Prints how many seconds that took. Run by a test, as root, in namespaces of its own: what it mounts and starts ends with them.
set -eu
exec 2>&1
ip link set lo up
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "lowerdir=$2,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
mount -t proc proc /mnt/root/proc
mount --bind /dev /mnt/root/dev
mount -t tmpfs tmpfs /mnt/root/run
cp "$1" /mnt/root/run/mktows.deb
echo mounted
exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 MANPAGER=cat chroot /mnt/root bash -euo pipefail <<'INSIDE'
SECONDS=0
dpkg -i /run/mktows.deb
mktows version
mktows activity 318815 --demo
# What bash does for somebody who presses the tabulator key.
complete_line() {
	COMP_LINE=$1 COMP_POINT=${#1}
	read -ra COMP_WORDS <<<"$1"
	if [[ $1 == *" " ]]; then COMP_WORDS+=(""); fi
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
	"$(complete -p mktows | sed 's/.*-F \([^ ]*\).*/\1/')" mktows "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf 'completed: %s\n' "${COMPREPLY[@]}"
}
set +eu # what is sourced is not written for these
. /usr/share/bash-completion/bash_completion
. /usr/share/bash-completion/completions/mktows
complete_line "mktows act"
complete_line "mktows activity 318815 -o "
set -eu
man mktows | head -n 4
man mktows-activity | grep -F -- --demo
man 7 mktows-exit-codes | grep -F 130
mkfifo /run/served
mktows serve --demo --admin 127.0.0.1:8081 >/run/served &
served=$!
exec 3</run/served
read -r line <&3
echo "$line"
exec 4<>/dev/tcp/127.0.0.1/8081
printf 'GET / HTTP/1.0\r\nHost: 127.0.0.1:8081\r\nAccept: text/html\r\n\r\n' >&4
grep -a -i -E '^HTTP/|^content-type:|<title>' <&4
kill "$served"
wait "$served"
mktows gateway check /etc/mktows/gateway.yaml && exit 1
echo "done in $SECONDS seconds"
INSIDE
