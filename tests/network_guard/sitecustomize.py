"""No network in tests: every Python process that finds this folder on its path loads this file first.

Loopback, local sockets and the databases that were configured may be reached. Everything else raises, and is
written to the file that NETWORK_GUARD_LOG names, because telemetry likes to swallow exceptions.
"""

import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

LOG = "NETWORK_GUARD_LOG"
DATABASES = ("LANEWISE_TEST_POSTGRESQL",)
CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
THIS_MACHINE = socket.gethostname()
"""Its own name may be looked up: BentoML's supervisor does so when it starts."""


class NetworkReached(RuntimeError):
    """A test, or something it started, tried to reach the network."""


def is_allowed(host):
    """Say whether a host may be reached: this machine, or a configured database."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", THIS_MACHINE, *_databases()):
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _databases():
    return {urlsplit(os.environ[name]).hostname for name in DATABASES if os.environ.get(name)}


def guard(event, args):
    """Judge one audit event (PEP 578), raised before the system is asked."""
    if event in CONNECTING:
        came, address = args[0], args[1]
        host = address[0] if came.family in (socket.AF_INET, socket.AF_INET6) and address else None
    elif event in LOOKING_UP:
        host = args[0]
    else:
        return
    if not is_allowed(host):
        refuse(f"{event} to {host!r} by {' '.join(sys.argv[:2])}")


def refuse(what):
    """Record and raise."""
    log = os.environ.get(LOG)
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(what + "\n")
    raise NetworkReached(what)


sys.addaudithook(guard)
