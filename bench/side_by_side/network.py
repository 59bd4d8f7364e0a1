"""A network namespace whose loopback does not pace packets.

BBR, which some machines use, sets a timer for every packet after the first, on the loopback too. In
a virtual machine a timer costs as much as a response, and whether one is set is random: a plain
write loop took 20 or 50 µs for the same 64 KiB.
"""

import ctypes
import fcntl
import pathlib
import socket
import struct

from .process import Failure

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
CONTROL = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")
# The default of Linux, and the algorithm that every kernel has.
UNPACED = ("cubic", "reno")


def isolate(control):
    """Moves this process and its children to a new network namespace; returns a description.

    `control` is the congestion control to use there, or None for an unpaced one. This needs root.
    Other users measure on the loopback of the machine.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        return f"TCP with {CONTROL.read_text().strip()} over the loopback of the machine"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    for name in (control,) if control else UNPACED:
        try:
            CONTROL.write_text(name)
        except OSError as error:
            if name == control:
                raise Failure(f"the system has no congestion control {name}: {error}") from error
            continue
        break
    return f"TCP with {CONTROL.read_text().strip()} over the loopback of its own network namespace"
