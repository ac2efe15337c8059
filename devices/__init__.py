"""Devices: ports and drivers, one module per kind of device; the vendors' libraries are imported here and nowhere else."""
