"""What systemd is to do for Mosquitto beside Debian's own unit: guard its database, and allow files for a whole hall."""

DROP_IN = """\
# Goes to /etc/systemd/system/mosquitto.service.d/hallware.conf on the broker's machine.
[Service]
# Lets Mosquitto start when its database is broken. The minus: should the guard itself fail, Mosquitto tries all the same.
ExecStartPre=-/opt/hallware/bin/hallware broker-guard
# Each node is an open file; systemd's own limit is 1024, above which nobody gets in.
LimitNOFILE=16384
"""
