#!/bin/sh
# Run once, inside the new system, when its packages are there.
set -eu
echo 6bb1d2f1c0de4e0c9a7c5a4c0ffee001 > /etc/machine-id # one that changed at each start would make systemd enable everything anew
mkdir -p /boot/firmware
chmod 755 /usr/local/lib/machine/quick-init
systemctl enable machine-hand.service machine-wires.service systemd-networkd.service
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  systemd-networkd-wait-online.service getty.target serial-getty@ttyS0.service
systemctl disable mosquitto.service keyboard-setup.service console-setup.service
# Where Raspberry Pi OS looks for the card's files.
cat > /etc/cloud/cloud.cfg.d/99-raspberry-pi.cfg <<'CFG'
datasource_list: [ NoCloud, None ]
datasource:
  NoCloud:
    fs_label: bootfs
CFG
sed -i 's|^# *zh_CN.UTF-8|zh_CN.UTF-8|' /etc/locale.gen && locale-gen
echo LANG=zh_CN.UTF-8 > /etc/default/locale # so that cloud-init need not compile it again, half a minute
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /usr/share/doc /usr/share/man
