#!/usr/bin/env bash
# Checks what a node needs on a Raspberry Pi's processor: unpacks a small arm64 Debian, puts the locked wheels for arm64 beside it, and, under
# QEMU, imports every module of ours and every library, and lets `hallware check` read an example node.toml.
# Nothing is installed on this machine but Debian packages; no root is needed for the check itself. The Debian is kept in the user's cache.
# SUITE=trixie: Python 3.13. FRESH=1: unpack it anew.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/other_debian.sh
suite=${SUITE:-bookworm}
python=${python_of[$suite]:-}
[ -n "$python" ] || fail "SUITE=$suite: write bookworm or trixie"
here=$cache/arm64-$suite

provide mmdebstrap:mmdebstrap proot:proot
command -v qemu-aarch64 >/dev/null || provide qemu-aarch64-static:qemu-user-static
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64)

# What has no wheel for arm64 is compiled by make_arm64_wheels.sh; here, without a compiler and without root, it is Debian's own package.
compiled=(evdev spidev)
packages=(python3 libc6 coreutils tzdata "${compiled[@]/#/python3-}")
# lgpio has no wheel for Python 3.13, and Debian no package of it: for Trixie it is compiled here too, by this machine's own processor.
if [ "$suite" = trixie ]; then
  provide aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu swig:swig
  compiled+=(lgpio)
  packages+=(libpython3-dev libc6-dev)
fi
[ -z "${FRESH:-}" ] || rm -rf "$here"
unpack "$here/root" arm64 "$suite" "${packages[@]}"

say "taking the locked wheels for arm64 and Python $python"
wanted=$(mktemp); trap 'rm -f "$wanted"' EXIT
.tools/bin/uv export --quiet --frozen --no-dev --no-hashes --no-emit-project --extra node --extra input --extra enrol \
  | grep -v '^ *#' | grep -vE "^($(IFS='|'; echo "${compiled[*]}"))==" > "$wanted"
rm -rf "$here/wheels"
.tools/bin/uv pip install --quiet --target "$here/wheels" --python-platform "aarch64-manylinux_2_$glibc" --python-version "$python" \
  --only-binary :all: --no-deps -r "$wanted" || fail "a locked library has no wheel for arm64; the lines above say which"

.tools/bin/uv build --quiet --wheel --out-dir "$here/dist" --clear || fail "our own wheel could not be built"
.tools/bin/uv pip install --quiet --target "$here/wheels" --python-version "$python" --python-platform "aarch64-manylinux_2_$glibc" --no-deps \
  "$here"/dist/hallware-*.whl

if [ "$suite" = trixie ]; then
  say "compiling lgpio for arm64"
  rm -rf "$here/source"
  .tools/bin/uv export --quiet --frozen --no-dev --no-emit-project --extra node | sed -n '/^lgpio==/,/[^\\]$/{s/ ;.*/ \\/; p}' > "$wanted"
  .tools/bin/pip download --quiet --no-deps --no-binary lgpio --require-hashes -r "$wanted" --dest "$here/source"
  tar xzf "$here"/source/lgpio-*.tar.gz -C "$here/source" --strip-components 1
  # With its own library in it, as its setup.py does for PyPI.
  (cd "$here/source" && swig -python lgpio.i && aarch64-linux-gnu-gcc --sysroot="$here/root" -O2 -fPIC -shared -pthread -Isrc \
    -I"$here/root/usr/include/python$python" lgpio_wrap.c src/lg*.c src/rgpiod.c -o "$here/wheels/_lgpio.so" && cp lgpio.py "$here/wheels/") \
    || fail "lgpio could not be compiled; the lines above say why"
fi

say "importing everything under QEMU"
exec proot -q "$qemu" -r "$here/root" -b "$here/wheels:/wheels" -b "$PWD/scripts:/scripts" -b /proc -b /dev -w / \
  /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp PYTHONPATH=/wheels PYTHONDONTWRITEBYTECODE=1 \
  ESCPOS_CAPABILITIES_PICKLE_DIR=/tmp /usr/bin/python3 /scripts/arm64_imports.py
