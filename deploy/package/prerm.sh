#!/bin/sh
# Stops the service before it is removed, not before an upgrade.
set -e
case "$1" in remove | 0) ;; *) exit 0 ;; esac
if [ -d /run/systemd/system ]; then
	systemctl --no-reload disable --now mktows-gateway.service || true
fi
