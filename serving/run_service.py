"""Starting the service in the foreground, for ``lanewise serve``."""

import os
import socket
import sys
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn

from domain.errors import LanewiseError
from domain.params import ServeParams
from store.description import read_description
from store.telemetry import switch_off_telemetry
from store.threads import wait_quietly

SERVICE = "serving.service:service"


class CannotListen(LanewiseError):
    """The address to listen on is taken, or is none of this machine's."""


def run_service(home: Path, data: Path, params: ServeParams, service: str = SERVICE) -> NoReturn:
    """Become the service: this process is replaced by BentoML's supervisor, and ends when that does.

    SIGINT and SIGTERM let the requests under way finish; the exit code is then 0. Everything that can be
    refused is refused before, while the caller can still show the message.

    Parameters
    ----------
    home
        Folder with ``var/`` and ``mlruns/``.
    data
        Folder of canonical tables.
    service
        ``module:attribute`` of the BentoML service.

    Raises
    ------
    NotThere, BadManifest
        If the folder holds no data set.
    CannotListen
        If host and port cannot be listened on.
    """
    read_description(data)
    host = _numeric(params.host)
    _check_free(host, params.port)
    command = _command(host, params.port, service)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, _environment(home, data, params))


def _command(host: str, port: int, service: str) -> list[str]:
    folder = Path(__file__).resolve().parent.parent
    bentoml = [sys.executable, "-m", "bentoml", "serve", service, "--working-dir", str(folder)]
    return [*bentoml, "--host", host, "--port", str(port)]


def _environment(home: Path, data: Path, params: ServeParams) -> dict[str, str]:
    """Everything the workers go by; what is set on the command line becomes the variable of the same setting."""
    environment = {**os.environ, "LANEWISE_HOME": str(home.resolve()), "LANEWISE_DATA": str(data.resolve())}
    for item in fields(params):
        environment[f"LANEWISE_SERVE_{item.name.upper()}"] = str(getattr(params, item.name))
    # One per port: BentoML empties its folder of metrics at each start.
    environment["BENTOML_HOME"] = str(home.resolve() / "var" / "bentoml" / str(params.port))
    environment["BENTOML_CONFIG_OPTIONS"] = f"services.lanewise.workers={params.workers}"
    switch_off_telemetry(environment)
    wait_quietly(environment)
    return environment


def _numeric(host: str) -> str:
    """BentoML takes addresses only, so a name such as ``localhost`` is looked up here."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise CannotListen(f"serve.host must be an address of this machine, but is {host!r}") from None
    return str(found[0][4][0])


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotListen(
                f"cannot listen on {host} port {port}: {error.strerror}; stop what listens there,"
                " or choose another with --port"
            ) from None
