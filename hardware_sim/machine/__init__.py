"""The machine: a whole Linux system in a process, with systemd and a kernel that has a hall's wires, on which a real node runs.

User-Mode Linux needs no virtualisation and little memory. `recipe` builds kernel and disk, `machine` starts one and talks to it,
`enclosure` keeps its network apart, `guest/` is what lies in it, `far_end` is what hangs on its wires.
"""
