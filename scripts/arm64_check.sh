#!/usr/bin/env bash
# Checks what a node needs on a Raspberry Pi's processor: unpacks a small arm64 Debian, puts the locked wheels for arm64 beside it, and, under
# QEMU, imports every module of ours and every library, and lets `hallware check` read an example node.toml.
# Nothing is installed on this machine but Debian packages; no root is needed for the check itself. The Debian is kept in the user's cache.
# SUITE=trixie: Python 3.13, not run to its end yet. FRESH=1: unpack it anew.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${SUITE:-bookworm}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hallware/arm64-$suite
declare -A python_of=([bookworm]=3.11 [trixie]=3.13)
python=${python_of[$suite]:-}

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf '\033[31mcannot go on:\033[0m %s\n' "$*" >&2; exit 1; }
[ -n "$python" ] || fail "SUITE=$suite: write bookworm or trixie"

packages=()
command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)
command -v qemu-aarch64-static >/dev/null || command -v qemu-aarch64 >/dev/null || packages+=(qemu-user-static)
command -v proot >/dev/null || packages+=(proot)
if [ ${#packages[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || fail "these are missing: ${packages[*]}. Run this, then try again:  sudo apt-get install -y --no-install-recommends ${packages[*]}"
  say "installing from Debian: ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || fail "apt-get could not install ${packages[*]}"
fi
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64)

# What has no wheel for arm64 and this Python is compiled on a Pi (docs/provisioning.md); here it is Debian's own package.
compiled=(evdev spidev)
debian=(python3 libc6 coreutils tzdata "${compiled[@]/#/python3-}")
# lgpio has no wheel for Python 3.13, and Debian no package of it: on Trixie it is left out of the check.
left_out=; [ "$suite" != trixie ] || left_out=lgpio
if [ -n "${FRESH:-}" ] || [ "$(cat "$cache/.complete" 2>/dev/null)" != "${debian[*]}" ]; then
  say "unpacking an arm64 Debian $suite into $cache"
  rm -rf "$cache" && mkdir -p "$cache"
  mode=root; [ "$(id -u)" = 0 ] || mode=unshare
  # Unpacked and not configured: nothing of it need run for that, so no foreign program starts before the check.
  mmdebstrap --quiet --arch=arm64 --variant=extract --mode="$mode" --skip=check/qemu \
    --include="$(IFS=,; echo "${debian[*]}")" "$suite" "$cache/root" || fail "mmdebstrap could not unpack Debian; is this machine online?"
  # Where everything lies below /usr, what would make these three is a package's script.
  for folder in bin lib sbin; do [ -e "$cache/root/$folder" ] || ln -s "usr/$folder" "$cache/root/$folder"; done
  echo "${debian[*]}" > "$cache/.complete"
fi

say "taking the locked wheels for arm64 and Python $python"
wanted=$(mktemp); trap 'rm -f "$wanted"' EXIT
.tools/bin/uv export --quiet --frozen --no-dev --no-hashes --no-emit-project --extra node --extra input --extra enrol \
  | grep -v '^ *#' | grep -vE "^($(IFS='|'; echo "${compiled[*]}${left_out:+|$left_out}"))==" > "$wanted"
rm -rf "$cache/wheels"
# Debian 12 has glibc 2.36; lgpio's wheel asks for 2.34.
.tools/bin/uv pip install --quiet --target "$cache/wheels" --python-platform aarch64-manylinux_2_36 --python-version "$python" \
  --only-binary :all: --no-deps -r "$wanted" || fail "a locked library has no wheel for arm64; the lines above say which"

.tools/bin/uv build --quiet --wheel --out-dir "$cache/dist" --clear || fail "our own wheel could not be built"
.tools/bin/uv pip install --quiet --target "$cache/wheels" --python-version "$python" --python-platform aarch64-manylinux_2_36 --no-deps \
  "$cache"/dist/hallware-*.whl

say "importing everything under QEMU"
exec proot -q "$qemu" -r "$cache/root" -b "$cache/wheels:/wheels" -b "$PWD/scripts:/scripts" -b /proc -b /dev -w / \
  /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp PYTHONPATH=/wheels PYTHONDONTWRITEBYTECODE=1 LEFT_OUT="$left_out" \
  ESCPOS_CAPABILITIES_PICKLE_DIR=/tmp /usr/bin/python3 /scripts/arm64_imports.py
