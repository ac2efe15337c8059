#!/bin/sh
# The machine's disk: Debian's archive and the files of guest/, as an ext4 file system. Usage: disk.sh ARCHIVE FOLDER RESULT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
archive=$1 root=$2/root result=$3
aside=
[ "$(id -u)" = 0 ] || aside="mmdebstrap --unshare-helper" # so that files of root stay files of root
echo "==> writing the disk"
rm -rf "$result.new"
mkdir -p "$2"
$aside sh -euc "
  rm -rf '$root'
  mkdir '$root'
  tar xf '$archive' -C '$root' --numeric-owner
  cp -r '$here/../guest/.' '$root/'
  chroot '$root' sh /usr/local/lib/machine/finish.sh
  mkfs.ext4 -q -F -L rootfs -d '$root' '$result.new' 2G
  rm -rf '$root'"
mv "$result.new" "$result"
