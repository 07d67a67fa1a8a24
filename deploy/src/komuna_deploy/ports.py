"""Which ports on loopback are free."""

import socket

from .errors import Exit, OperatorError

HOST = "127.0.0.1"


class PortBusyError(OperatorError):
    """Another program listens where Komuna wants to."""

    def __init__(self, port: int, what: str) -> None:
        super().__init__(
            f"Port {port} ({what}) is in use by another program.",
            f"Stop that program (`ss -ltnp 'sport = :{port}'` names it) or choose other ports, "
            f"for example KOMUNA_PORT_BASE=18080.",
            code=Exit.TRY_AGAIN,
        )


def check_free(port: int, what: str) -> None:
    """Raise unless `port` can be listened on."""
    if not is_free(port):
        raise PortBusyError(port, what)


def is_free(port: int) -> bool:
    """Say whether nothing listens on `port` of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
