#!/usr/bin/env bash
# Makes the wheels of a node for 64-bit Raspberry Pi OS on any Debian machine, and tries them under QEMU: exactly the versions of uv.lock,
# installed as a card installs them. Those for Bookworm and for Trixie lie in one folder; each node takes its own.
#   scripts/make_arm64_wheels.sh [folder for the wheels]      SUITE=trixie: for that release alone
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/other_debian.sh
read -ra suites <<<"${SUITE:-bookworm trixie}"
into=${1:-build/wheels-arm64}

for suite in "${suites[@]}"; do [ -n "${python_of[$suite]:-}" ] || fail "SUITE=$suite: write bookworm or trixie"; done
[ "$(id -u)" = 0 ] || fail "it compiles in a chroot, which only root may enter; try: sudo $0 $*"
provide mmdebstrap:mmdebstrap qemu-aarch64-static:qemu-user-static
binfmt=/proc/sys/fs/binfmt_misc
# Where no systemd has told the kernel how to run programs for arm64, as in a container, it is told for as long as this runs.
undo=()
trap 'for ((n = ${#undo[@]}; n > 0; n--)); do eval "${undo[n - 1]}"; done' EXIT
if [ "$(uname -m)" != aarch64 ] && [ ! -e $binfmt/qemu-aarch64 ]; then
  [ -e $binfmt/register ] || { mount -t binfmt_misc binfmt_misc $binfmt && undo+=("umount $binfmt"); } \
    || fail "the kernel cannot be told here how to run programs for arm64; in a container, its host must be told"
  cat /usr/lib/binfmt.d/qemu-aarch64.conf > $binfmt/register || fail "the kernel did not take qemu-aarch64"
  undo+=("echo -1 > $binfmt/qemu-aarch64")
fi
scripts/setup.sh demo

made=$(mktemp -d)
undo+=("rm -rf '$made'")
.tools/bin/uv build --quiet --wheel --out-dir "$made"

make_wheels() { # make_wheels SUITE: adds what a node with that release needs to those that are made
  local suite=$1 version=${python_of[$1]} root=$cache/arm64-build-$1 work inside pip named n
  unpack "$root" arm64 "$suite" python3 python3-dev gcc swig libc6-dev linux-libc-dev coreutils dash tzdata
  mkdir -p "$root/root"
  rm -rf "$root"/root/wheels.*
  work=$(mktemp -d "$root/root/wheels.XXXXXX")
  inside=${work#"$root"}
  in_arm64() { chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 "$@"; }

  say "fetching what uv.lock names, for Python $version on arm64"
  .tools/bin/uv export --quiet --frozen --no-emit-project --no-default-groups --extra node --extra input --extra enrol > "$work/locked.txt"
  .tools/bin/uv pip compile --quiet "$work/locked.txt" --python-platform "aarch64-manylinux_2_$glibc" --python-version "$version" \
    --no-deps --generate-hashes --no-annotate --output-file "$work/arm64.txt"
  local platforms=(--platform manylinux2014_aarch64); for ((n = 17; n <= glibc; n++)); do platforms+=(--platform "manylinux_2_${n}_aarch64"); done
  .tools/bin/pip download --quiet --no-deps --require-hashes --requirement "$work/arm64.txt" --dest "$work/fetched" \
    --python-version "$version" --implementation cp "${platforms[@]}"
  .tools/bin/pip download --quiet --no-deps --dest "$work/fetched" pip wheel
  cp "$made"/hallware-*.whl "$work/fetched"

  say "compiling what has no wheel for arm64: $(cd "$work/fetched" && ls -- *.tar.gz | tr '\n' ' ')"
  pip=$(cd "$work" && ls fetched/pip-*.whl)
  in_arm64 python3 -m venv --without-pip "$inside/building"
  in_arm64 "$inside/building/bin/python" "$inside/$pip/pip" install --quiet --no-index --no-deps --find-links "$inside/fetched" pip setuptools wheel
  mkdir "$work/wheels"
  # PYPI: lgpio's way to say that its own library is to be compiled into the wheel.
  in_arm64 CC=gcc PYPI=1 sh -c "'$inside/building/bin/pip' wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir '$inside/wheels' '$inside'/fetched/*.tar.gz"
  cp "$work"/fetched/*.whl "$work/wheels" && rm "$work"/wheels/wheel-*.whl
  cp "$work"/wheels/*.whl "$made"

  say "installing them as a card does, and importing them"
  in_arm64 python3 -m venv --without-pip "$inside/node"
  mkdir "$work/card" && cp "$made"/*.whl "$work/card"
  mapfile -t named < <(cd "$made" && ls -- *.whl | sed 's|^\([^-]*\)-\([^-]*\)-.*|\1==\2|' | sort -u)
  in_arm64 "$inside/node/bin/python" "$inside/$pip/pip" install --quiet --no-index --no-deps --find-links "$inside/card" "${named[@]}"
  cp scripts/arm64_imports.py "$work/"
  in_arm64 ESCPOS_CAPABILITIES_PICKLE_DIR=/tmp "$inside/node/bin/python" "$inside/arm64_imports.py"
  rm -rf "$work"
}

for suite in "${suites[@]}"; do make_wheels "$suite"; done
mkdir -p "$into" && rm -f "$into"/*.whl && cp "$made"/*.whl "$into"
say "$(ls "$into" | wc -l) wheels for arm64 (${suites[*]}), $(du -sh "$into" | cut -f1), are in $into"
