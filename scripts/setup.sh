#!/usr/bin/env bash
# Sets up a Debian 12 (or later) or Raspberry Pi OS machine for the demo (`setup.sh demo`), for the tests too (`setup.sh test`), for
# fuzzing (`setup.sh fuzz`), or for building and starting simulated machines (`setup.sh machine`, after `setup.sh test`).
# Quick the second time: it looks before it installs.
set -euo pipefail
cd "$(dirname "$0")/.."
for_what=${1:-demo}
uv_version=0.13.9

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf '\033[31mcannot go on:\033[0m %s\n' "$*" >&2; exit 1; }

declare -A package_of=(
  [mosquitto]=mosquitto [mosquitto_passwd]=mosquitto [gcc]=gcc [espeak-ng]=espeak-ng
)
packages=()
for command in "${!package_of[@]}"; do
  PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null || packages+=("${package_of[$command]}")
done
[ -f /usr/include/linux/input.h ] || packages+=(linux-libc-dev libc6-dev)
if [ "$for_what" = test ]; then
  command -v mosquitto_sub >/dev/null || packages+=(mosquitto-clients)
  command -v chromium >/dev/null || packages+=(chromium)
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || packages+=(postgresql)
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  command -v aplay >/dev/null || packages+=(alsa-utils)
  command -v umockdev-run >/dev/null || packages+=(umockdev)
  [ -x /usr/sbin/sshd ] || packages+=(openssh-server)
  # Not grep -q: it would end before fc-list has, whose broken pipe then counts as a failure.
  fc-list 2>/dev/null | grep -i 'noto.*cjk' >/dev/null || packages+=(fonts-noto-cjk fontconfig)
fi
if [ "$for_what" = machine ]; then
  package_of=([mmdebstrap]=mmdebstrap [mkfs.ext4]=e2fsprogs [mkfs.vfat]=dosfstools [mcopy]=mtools [make]=make [bc]=bc [bison]=bison
    [flex]=flex [xz]=xz-utils [ip]=iproute2 [unshare]=util-linux [swig]=swig)
  for command in "${!package_of[@]}"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null || packages+=("${package_of[$command]}")
  done
  [ -f /usr/src/linux-source-6.12.tar.xz ] || packages+=(linux-source-6.12)
  [ -f /usr/include/libelf.h ] || packages+=(libelf-dev)
  [ -f /usr/include/openssl/ssl.h ] || packages+=(libssl-dev)
fi

python=
for candidate in ${PYTHON:-} python3.11 python3.13 python3.12 python3; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || packages+=(python3)
"${python:-python3}" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
"${python:-python3}" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null || packages+=(python3-dev)

if [ ${#packages[@]} -gt 0 ]; then
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  install="apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${packages[*]}"
  command -v apt-get >/dev/null || fail "these are missing: ${packages[*]}. Install them with your system's package manager, then run this again."
  if [ "$(id -u)" = 0 ]; then
    say "installing from Debian: ${packages[*]}"
    apt-get update -qq || fail "apt-get update failed; is this machine online?"
    DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null || fail "apt-get could not install ${packages[*]}"
  elif sudo -n true 2>/dev/null; then
    say "installing from Debian with sudo: ${packages[*]}"
    sudo -n apt-get update -qq && sudo -n env DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null || fail "sudo $install"
  else
    fail "these are missing: ${packages[*]}. Run this, then try again:  sudo $install"
  fi
  python=${python:-python3}
fi
[ "$for_what" != machine ] || exit 0

if [ ! -x .tools/bin/uv ] || [ "$(.tools/bin/uv --version | cut -d' ' -f2)" != "$uv_version" ]; then
  say "installing uv $uv_version into .tools"
  "$python" -m venv --clear .tools
  .tools/bin/pip install --quiet --disable-pip-version-check "uv==$uv_version" || fail "pip could not install uv; is this machine online?"
fi

groups=(--no-default-groups)
case $for_what in test) groups=(--group dev) ;; fuzz) groups=(--group dev --group fuzz) ;; esac
stamp=.venv/.set-up-for-$for_what
if [ ! -f "$stamp" ] || [ uv.lock -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
  say "installing Python packages into .venv (exactly those of uv.lock)"
  # The test environment is a superset: never take packages out of it to run the demo.
  inexact=(); [ "$for_what" = demo ] && inexact=(--inexact)
  .tools/bin/uv sync --quiet --frozen --all-extras "${groups[@]}" "${inexact[@]}" --python "$python" \
    || fail "uv could not install the packages of uv.lock; the lines above say which"
  touch "$stamp"
  [ "$for_what" != fuzz ] || touch .venv/.set-up-for-test # which has all but the fuzzer: nothing is to be taken out again
  [ "$for_what" = demo ] || touch .venv/.set-up-for-demo # and whoever runs the demo meanwhile must not install anything beside others
fi

if [ "$for_what" = test ] && [ tests/npm/package-lock.json -nt tests/npm/node_modules/.set-up ]; then
  say "installing the packages of tests/npm"
  npm ci --prefix tests/npm --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null || fail "npm could not install tests/npm"
  touch tests/npm/node_modules/.set-up
fi
