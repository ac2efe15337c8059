#!/usr/bin/env bash
# Runs the tests of who gets in on a Mosquitto of form 2.1, which Debian has from forky on: `scripts/test_new_mosquitto.sh [pytest's words]`.
# Its package is unpacked into the user's cache with the libraries that it needs; nothing of this machine is changed.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/other_debian.sh
suite=${SUITE:-forky}
root=$cache/mosquitto-$suite

provide mmdebstrap:mmdebstrap
unpack "$root" "$(dpkg --print-architecture)" "$suite" mosquitto
if [ ! -e "$root/usr/sbin/mosquitto.itself" ]; then
  PATH="$PATH:/usr/sbin:/sbin" ldconfig -n "$root"/usr/lib/*-linux-gnu
  # With its own libc and libraries, wherever it lies; the tests find its plug-ins beside it.
  cat >"$root/wrapper" <<'END'
#!/bin/sh
usr=$(cd "$(dirname "$0")/.." && pwd)
exec "$usr"/lib*/ld-linux-*.so.* --library-path "$(echo "$usr"/lib/*-linux-gnu)" "$usr/sbin/mosquitto.itself" "$@"
END
  chmod 755 "$root/wrapper"
  mv "$root/usr/sbin/mosquitto" "$root/usr/sbin/mosquitto.itself"
  mv "$root/wrapper" "$root/usr/sbin/mosquitto"
fi
"$root/usr/sbin/mosquitto" -h 2>/dev/null | head -n 1
[ $# != 0 ] || set -- tests/trust tests/runtime/test_link.py tests/runtime/test_link_weather.py
PATH="$root/usr/sbin:$PATH" exec .venv/bin/pytest -n 2 "$@"
