#!/bin/sh
# Plugs in what hangs on this machine: 54 GPIO lines, a USB keypad and a USB printer; a USB stick lies beside it. May be run again.
set -eu
config=/sys/kernel/config
mountpoint -q $config || mount -t configfs none $config

chip=$config/gpio-sim/pi
if [ ! -d $chip ]; then
  mkdir -p $chip/bank0
  echo 54 > $chip/bank0/num_lines
  echo pinctrl-bcm2711 > $chip/bank0/label
  echo 1 > $chip/live
fi

gadget() { # gadget NAME PRODUCT SERIAL FUNCTION NUMBER: says what it is; the caller says what its function does
  here=$config/usb_gadget/$1
  mkdir -p "$here/strings/0x409" "$here/configs/c.1"
  echo 0x1d6b > "$here/idVendor"
  echo "$5" > "$here/idProduct"
  echo Hallware > "$here/strings/0x409/manufacturer"
  echo "$2" > "$here/strings/0x409/product"
  echo "$3" > "$here/strings/0x409/serialnumber"
  mkdir -p "$here/functions/$4"
}

if [ ! -d $config/usb_gadget/keypad ]; then
  gadget keypad Keypad K1 hid.0 0x0104
  function=$here/functions/hid.0
  echo 1 > "$function/protocol"
  echo 1 > "$function/subclass"
  echo 8 > "$function/report_length"
  # A boot keyboard: eight modifier bits, a byte that is left free, six keys.
  printf '\005\001\011\006\241\001\005\007\031\340\051\347\025\000\045\001\165\001\225\010\201\002\225\001\165\010\201\001\225\006\165\010\025\000\046\377\000\005\007\031\000\051\377\201\000\300' > "$function/report_desc"
  ln -s "$function" "$here/configs/c.1/"
  echo dummy_udc.0 > "$here/UDC"
fi

if [ ! -d $config/usb_gadget/printer ]; then
  gadget printer Printer P1 printer.0 0x0105
  function=$here/functions/printer.0
  echo 'MFG:Hallware;MDL:Simulated;CLS:PRINTER;CMD:ESC/POS;' > "$function/pnp_string"
  ln -s "$function" "$here/configs/c.1/"
  echo dummy_udc.1 > "$here/UDC"
fi

if [ ! -d $config/usb_gadget/stick ]; then
  gadget stick Stick S1 mass_storage.0 0x0106
  function=$here/functions/mass_storage.0
  echo 1 > "$function/lun.0/removable"
  ln -s "$function" "$here/configs/c.1/"
fi
