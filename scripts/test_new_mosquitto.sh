#!/usr/bin/env bash
# Runs the tests of who gets in on a Mosquitto of form 2.1, which Debian has from forky on: `scripts/test_new_mosquitto.sh [pytest's words]`.
# Debian's package is unpacked below ~/.cache/hallware with the libraries that it needs; nothing of this machine is changed.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${SUITE:-forky}
root=${HALLWARE_CACHE:-$HOME/.cache/hallware}/mosquitto-$suite
if [ ! -x "$root/usr/sbin/mosquitto" ]; then
  scripts/setup.sh machine
  rm -rf "$root" "$root.new"
  # A mirror may be older than its Release file allows; its signatures are checked.
  mmdebstrap --quiet --variant=extract --include=mosquitto --aptopt='Acquire::Check-Valid-Until "false"' "$suite" "$root.new" http://deb.debian.org/debian
  PATH="$PATH:/usr/sbin:/sbin" ldconfig -n "$root.new"/usr/lib/*-linux-gnu
  mv "$root.new/usr/sbin/mosquitto" "$root.new/usr/sbin/mosquitto.itself"
  # With its own libc and libraries, wherever it lies; the tests find its plug-ins beside it.
  cat >"$root.new/usr/sbin/mosquitto" <<'END'
#!/bin/sh
usr=$(cd "$(dirname "$0")/.." && pwd)
exec "$usr"/lib*/ld-linux-*.so.* --library-path "$(echo "$usr"/lib/*-linux-gnu)" "$usr/sbin/mosquitto.itself" "$@"
END
  chmod 755 "$root.new/usr/sbin/mosquitto"
  mv "$root.new" "$root"
fi
"$root/usr/sbin/mosquitto" -h | head -n 1
if [ $# = 0 ]; then set -- tests/trust tests/runtime/test_link.py; fi
PATH="$root/usr/sbin:$PATH" exec .venv/bin/pytest -n 2 "$@"
