"""An enclosure: a network namespace with one machine in it, from which the host's named ports are reached and nothing else.

`python -m hardware_sim.machine.enclosure FD PORTS -- COMMAND…` is run inside a fresh namespace: it lays a cable (a tap),
listens on the host's end of it for each port, hands the listening sockets out over FD, and runs COMMAND. When that ends,
the namespace is gone with everything in it; the host's own network is never touched.
"""

import array
import os
import socket
import subprocess
import sys

CABLE = "tap0"
HOST, MACHINE = "10.213.0.1", "10.213.0.2"
"""Both ends of the cable, in every enclosure the same."""
LENGTH = 24


def wrapped(descriptor: int, ports: list[int], command: list[str]) -> list[str]:
    """The command line that runs `command` in an enclosure; the sockets come out of the other end of `descriptor`."""
    # Its processes are a namespace of their own too: when the first of them ends, the kernel ends the others.
    alone = ["--net", "--pid", "--fork", "--kill-child=KILL"]
    unshare = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), *alone]
    listed = ",".join(map(str, ports))
    # Whoever started the machine may be killed; the machine must not be left behind.
    return [
        "setpriv",
        "--pdeathsig",
        "KILL",
        *unshare,
        "--",
        sys.executable,
        "-m",
        "hardware_sim.machine.enclosure",
        str(descriptor),
        listed,
        "--",
        *command,
    ]


def receive(out: socket.socket, count: int) -> list[socket.socket]:
    """The listening sockets, from the host's end of the descriptor."""
    descriptors = array.array("i")
    _, ancillary, _, _ = out.recvmsg(1, socket.CMSG_LEN(count * descriptors.itemsize))
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


def _lay_cable() -> None:
    for words in (
        ["tuntap", "add", CABLE, "mode", "tap"], ["address", "add", f"{HOST}/{LENGTH}", "dev", CABLE],
        ["link", "set", CABLE, "up"], ["link", "set", "lo", "up"],
    ):  # fmt: skip
        subprocess.run(["ip", *words], check=True)


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    listening.listen(64)
    return listening


def main(words: list[str]) -> None:
    """Prepare the enclosure and run the command; the first process of the namespace stays one that ends with it."""
    descriptor, ports, _, *command = words
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    _lay_cable()
    sockets = [_listen(int(port)) for port in ports.split(",") if port]
    with socket.socket(fileno=int(descriptor)) as out:
        socket.send_fds(out, [b"."], [listening.fileno() for listening in sockets])
    for listening in sockets:
        listening.close()
    sys.exit(subprocess.run(command, close_fds=False, check=False).returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
