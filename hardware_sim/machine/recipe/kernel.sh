#!/bin/sh
# Builds the kernel of the machine: Debian's source as User-Mode Linux, with the wires of a hall. Usage: kernel.sh BUILD-FOLDER RESULT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 result=$2
mkdir -p "$build"
cd "$build"
if [ ! -f linux-source-6.1/.unpacked ]; then
  echo "==> unpacking Debian's kernel source"
  tar xJf /usr/src/linux-source-6.1.tar.xz
  touch linux-source-6.1/.unpacked
fi
cd linux-source-6.1
cp "$here/far_spi.c" "$here/board_label.c" drivers/spi/
grep -q far_spi drivers/spi/Makefile || echo 'obj-$(CONFIG_SPI_MASTER) += far_spi.o board_label.o' >> drivers/spi/Makefile
echo "==> configuring"
make -s ARCH=um defconfig
for _ in 1 2; do # twice: some options appear only after others
  cat "$here/kernel.config" >> .config
  make -s ARCH=um olddefconfig
done
echo "==> compiling"
make ARCH=um -j"$(nproc)" linux
strip -o "$result.new" linux
mv "$result.new" "$result"
