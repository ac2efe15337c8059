#!/bin/sh
# Builds the kernel of the machine: Debian's source as User-Mode Linux, with the wires of a hall. Usage: kernel.sh BUILD-FOLDER RESULT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=linux-source-6.12 build=$1 result=$2
mkdir -p "$build"
cd "$build"
if [ ! -f "$source/.unpacked" ]; then
  echo "==> unpacking Debian's kernel source"
  tar xJf "/usr/src/$source.tar.xz"
  touch "$source/.unpacked"
fi
cd "$source"
cp "$here/far_spi.c" "$here/board_label.c" drivers/spi/
grep -q far_spi drivers/spi/Makefile || echo 'obj-$(CONFIG_SPI_MASTER) += far_spi.o board_label.o' >> drivers/spi/Makefile
# It looks at its bus 8,000 times a second while anything is awaited there, as every keypad is: too much for a machine whose every
# timer is a signal. A hundred times, as it did before 6.12.
sed -i 's|\(DUMMY_TIMER_INT_NSECS\)\s.*|\1 10000000|' drivers/usb/gadget/udc/dummy_hcd.c
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
