#!/bin/sh
# Makes the user and lets it read the configuration. The service is neither enabled nor started: it has no credentials yet. One that runs
# is started anew after an upgrade ($2 is the version before; RPM passes a count instead).
set -e
case "$1" in configure | 1 | 2) ;; *) exit 0 ;; esac
if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers mktows.conf
elif ! getent passwd mktows >/dev/null; then
	groupadd --system mktows
	useradd --system --gid mktows --home-dir /var/lib/mktows --shell /usr/sbin/nologin mktows
fi
# Not what an administrator has changed since.
for path in /etc/mktows/gateway.yaml /etc/mktows/secrets; do
	if [ -e "$path" ] && [ "$(stat -c %G "$path")" = root ]; then
		chgrp mktows "$path"
	fi
done
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
	systemctl try-restart mktows-gateway.service || true
fi
