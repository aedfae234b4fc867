#!/bin/sh
# Configuration and state stay; "purge" of Debian takes the state too, and dpkg the configuration.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
if [ "$1" = purge ]; then
	rm -rf /var/lib/mktows
fi
