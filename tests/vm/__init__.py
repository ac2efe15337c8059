"""Tests on a real Linux machine with systemd, whose kernel has the hall's wires: `make vm-test`, not part of `make test`."""
