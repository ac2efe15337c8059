#!/bin/sh
# A Debian with systemd and what Raspberry Pi OS brings for a first boot, as an archive. Usage: debian.sh SUITE RESULT
set -eu
packages=systemd-sysv,udev,dbus,kmod,python3,python3-venv,cloud-init,netplan.io,iproute2,iputils-ping,procps,sudo,locales,openssh-server,console-setup
packages=$packages,systemd-timesyncd,ca-certificates,mosquitto,e2fsprogs
suite=$1 result=$2
echo "==> installing Debian $suite into an archive"
mmdebstrap --variant=minbase --include="$packages" --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  "$suite" "$result.new.tar" "${HALLWARE_MIRROR:-http://deb.debian.org/debian}"
mv "$result.new.tar" "$result"
