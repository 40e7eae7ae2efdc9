"""Ports of this machine: a wanted one, or the next that is free."""

import errno
import socket

from domain.errors import InvalidInputError

HOST = "127.0.0.1"
TRIED = 200


def free_port(wanted: int = 0) -> int:
    """The wanted port where it is free on 127.0.0.1, else the next free one; 0 takes any."""
    with listening(HOST, wanted) as probe:
        return int(probe.getsockname()[1])


def listening(host: str, wanted: int) -> socket.socket:
    """A bound socket on the wanted port of `host`, or on the next free one; 0 takes any.

    Raises InvalidInputError where the address is none of this machine's, or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, min(wanted + TRIED, 65536)) if wanted else (0,):
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen()
        except PermissionError:
            bound.close()
        except socket.gaierror as error:
            bound.close()
            raise InvalidInputError("%(host)s is no address of this machine.", host=host) from error
        except OSError as error:
            bound.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise InvalidInputError("%(host)s is no address of this machine.", host=host) from error
        else:
            return bound
    raise InvalidInputError("No free port from %(port)s on.", port=wanted)
