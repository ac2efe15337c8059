"""The scripts of a card: what Bookworm runs at its first boot, and what every machine runs to become a node."""

from ipaddress import ip_address
from shlex import quote

from provisioning.card import SCRIPT, Card

CMDLINE = "systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot systemd.unit=kernel-command-line.target"
"""What cmdline.txt needs for Bookworm, on its one line."""


def firstrun(card: Card) -> str:
    """firstrun.sh: name, network, time, account; then the same script as everywhere. It takes itself off the card."""
    settings = card.settings
    lines = [
        "#!/bin/sh",
        "# Made by hallware for Raspberry Pi OS Bookworm; runs once, before the network is there.",
        "set +e",
        "custom=/usr/lib/raspberrypi-sys-mods/imager_custom",
        f"$custom set_hostname {quote(card.node)}",
        f"/usr/lib/userconf-pi/userconf {quote(settings.user)} '*'",
        *(_ssh(settings.ssh_keys) if settings.ssh_keys else []),
        *_wifi(card),
        *_cable(card),
        f"$custom set_keymap {quote(settings.keyboard)}",
        f"$custom set_timezone {quote(settings.timezone)}",
        f"raspi-config nonint do_change_locale {quote(settings.locale)}",
        "mkdir -p /etc/systemd/timesyncd.conf.d",
        f"printf '[Time]\\nNTP=%s\\n' {quote(card.time_server)} > /etc/systemd/timesyncd.conf.d/hallware.conf",
        f"sh /boot/firmware/{SCRIPT}",
        "rm -f /boot/firmware/firstrun.sh",
        "sed -i 's| systemd.run.*||' /boot/firmware/cmdline.txt",
        "exit 0",
    ]
    return "\n".join(lines) + "\n"


def _ssh(keys: tuple[str, ...]) -> list[str]:
    return ["$custom enable_ssh -k " + " ".join(quote(key) for key in keys)]


def _wifi(card: Card) -> list[str]:
    wifi = card.settings.wifi
    if wifi is None:
        return []
    hidden = "-h " if wifi.hidden else ""
    return [f"$custom set_wlan {hidden}{quote(wifi.ssid)} {quote(card.wifi_key)} {quote(wifi.country)}"]


def _cable(card: Card) -> list[str]:
    cable = card.settings.cable
    if cable is None:
        return []
    path = "/etc/NetworkManager/system-connections/hallware.nmconnection"
    servers = [server for server in cable.dns if ip_address(server).version == cable.family]
    dns = f"dns={';'.join(servers)};\n" if servers else ""
    family = f"[ipv{cable.family}]\nmethod=manual\naddress1={cable.address},{cable.gateway}\n{dns}"
    text = f"[connection]\nid=hallware\ntype=ethernet\n\n{family}"
    return [f"printf '%s' {quote(text)} > {path}", f"chmod 600 {path}"]


FIRST_BOOT = """\
#!/bin/sh
# Makes a Raspberry Pi a node of a hall, from the card alone: no internet is needed. May be run again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
log="$here/first-boot.log"
say() { echo "hallware: $*" | tee -a "$log" >&2; }
trap 'status=$?; [ $status = 0 ] || say "first boot failed ($status); see $log"' EXIT
say "first boot, $(date -u +%Y-%m-%dT%H:%M:%SZ)"

# A boot partition knows no modes: what comes from it would be executable, which systemd and udev complain of.
(cd "$here/os" && find . -type f -exec install -D -m 644 {} /{} \\;)
# Should the power fail before the end, the next start goes on: what had called this script calls it once only.
touch /usr/lib/hallware/first-boot-begun
systemctl enable hallware-first-boot.service
sync
systemd-sysusers
sh /usr/lib/hallware/data-disk 2>>"$log"
for group in spi gpio i2c input lp dialout audio; do
  getent group "$group" >/dev/null || groupadd --system "$group"
done
usermod -a -G spi,gpio,i2c,input,lp,dialout,audio hallware
systemd-tmpfiles --create hallware.conf
# What is plugged in already gets its name and its group now, not at the next start. Rules that udev had read before the groups
# were there must look new, or it goes on without the groups.
touch /etc/udev/rules.d/90-hallware.rules
udevadm control --reload && udevadm trigger --settle || say "udev could not be told; names and groups come with the next start"

if [ ! -x /opt/hallware/current/bin/hallware ]; then
  say "installing from the wheels on this card"
  wheel=$(ls "$here"/wheels/hallware-*.whl | head -n 1)
  version=$(basename "$wheel" | cut -d - -f 2)
  release="/opt/hallware/releases/$version-card"
  rm -rf "$release"
  python3 -m venv --without-pip "$release"
  pip=$(ls "$here"/wheels/pip-*.whl | head -n 1)
  # By name and version: where there are wheels for more than one Python, pip takes those for this one.
  named=$(ls "$here"/wheels/*.whl | sed 's|.*/\\([^-]*\\)-\\([^-]*\\)-.*|\\1==\\2|' | sort -u)
  "$release/bin/python" "$pip/pip" install --no-index --no-deps --find-links "$here/wheels" $named >>"$log" 2>&1
  "$release/bin/hallware" --version >>"$log"
  # The first release: whole once release.json is there, in force by the link; on the disk before either says so.
  sync
  printf '{"version": "%s"}\n' "$version" > "$release/release.json"
  ln -sfn "releases/$version-card" /opt/hallware/current.new
  mv -T /opt/hallware/current.new /opt/hallware/current
  sync
fi
/opt/hallware/current/bin/hallware --version | tee -a "$log"
ln -sfn /opt/hallware/current/bin/hallware /usr/local/bin/hallware # so that who is told to type `hallware doctor` can

# The token leaves the boot partition, which everybody can read who holds the card, for a file that only root reads.
if [ -f "$here/claim.toml" ]; then
  install -d -m 755 /etc/hallware
  install -m 600 "$here/claim.toml" /etc/hallware/claim.toml
  sync
  # Written over before it is taken away: what FAT has deleted can be read again.
  head -c "$(stat -c %s "$here/claim.toml")" /dev/zero | dd of="$here/claim.toml" conv=notrunc,fsync status=none
  rm -f "$here/claim.toml"
fi
systemctl daemon-reload
systemctl try-restart systemd-journald.service || true # it reads its limits at its start only
units="hallware-enrol.service hallware-node.service hallware-renew.timer hallware-update-guard.timer"
systemctl enable $units hallware-update-guard.service
rm -f /usr/lib/hallware/first-boot-begun
sync

overlay() { ! grep -q ' / overlay ' /proc/mounts && sh /usr/lib/hallware/overlay on "$(dirname "$here")" 2>>"$log"; }
if [ -f "$here/overlay" ] && overlay; then
  say "this machine starts anew behind an overlay in a moment, and then asks for its certificate"
  # When cloud-init has come to its end; after firstrun.sh it does so anyhow.
  systemd-run --on-active=15 --property=After=cloud-final.service systemctl reboot || say "it could not be told so: pull its plug"
  exit 0
fi
systemctl start --no-block $units || true
say "this machine asks for its certificate now; its lamp blinks until somebody approves it"
"""
"""hallware/first-boot.sh."""
