# Sourced by what needs programs of another Debian, of a Raspberry Pi's processor or a later release: unpacked once into the user's cache.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hallware
# Each release of Raspberry Pi OS and its Python; and the older one's glibc (2.…), for which wheels are taken: the newer one runs them too.
declare -A python_of=([bookworm]=3.11 [trixie]=3.13)
glibc=36

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf '\033[31mcannot go on:\033[0m %s\n' "$*" >&2; exit 1; }

# provide COMMAND:PACKAGE…: installs what is missing, or says how.
provide() {
  local need packages=()
  for need in "$@"; do command -v "${need%%:*}" >/dev/null || packages+=("${need#*:}"); done
  [ ${#packages[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || fail "these are missing: ${packages[*]}. Run this, then try again:  sudo apt-get install -y --no-install-recommends ${packages[*]}"
  say "installing from Debian: ${packages[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || fail "apt-get could not install ${packages[*]}"
}

# unpack FOLDER PROCESSOR SUITE PACKAGE…: anew only when other packages are wanted than lie there.
unpack() {
  local root=$1 processor=$2 suite=$3 mode=root folder; shift 3
  [ "$(cat "$root/.complete" 2>/dev/null)" != "$*" ] || return 0
  say "unpacking a Debian $suite for $processor into $root"
  rm -rf "$root" && mkdir -p "$(dirname "$root")"
  [ "$(id -u)" = 0 ] || mode=unshare
  # Unpacked and not configured: nothing of it need run for that, and what is needed here works without.
  # A mirror may be older than its list of files allows; the signatures are checked all the same.
  mmdebstrap --quiet --arch="$processor" --aptopt='Acquire::Check-Valid-Until "false"' --variant=extract --mode="$mode" --skip=check/qemu --include="$(IFS=,; echo "$*")" "$suite" "$root" \
    || fail "mmdebstrap could not unpack it; the lines above say why"
  # Where everything lies below /usr, what would make these three is a package's script.
  for folder in bin lib sbin; do [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"; done
  echo "$*" > "$root/.complete"
}
