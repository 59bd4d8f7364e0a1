"""The network that servers and wrk meet in: a loopback of its own, where nothing is paced.

BBR, which some machines use, sets a timer for every packet behind the first, on the loopback too.
In a virtual machine a timer costs as much as an answer, and whether one is needed is a matter of
luck: a plain write loop took 20 or 50 µs for the same 64 KiB.
"""

import ctypes
import fcntl
import pathlib
import socket
import struct

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
CONTROL = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")
# Linux's own choice where nobody made another, and what every kernel has.
UNPACED = ("cubic", "reno")


def isolate():
    """Gives this process and all that it starts a network of its own; says which network it is.

    That is root's to do. Another user measures on the machine's own loopback.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        return f"TCP with {CONTROL.read_text().strip()} over the machine's loopback"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    for name in UNPACED:
        try:
            CONTROL.write_text(name)
        except OSError:
            continue
        break
    return f"TCP with {CONTROL.read_text().strip()} over a loopback of its own"
