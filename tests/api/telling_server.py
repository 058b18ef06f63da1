"""A server of the API with one route more, which tells of the process and of the connection it is asked by.

``python -m tests.api.telling_server MODULE ARGUMENTS…`` runs a module of the project as its command does.
"""

import os
import runpy
import socket
import sys

import psutil
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from coopledger.api import page

TOLD = "/told"


@page.router.get(TOLD)
def told(request: Request) -> Response:
    """Tell the process, and the TCP_NODELAY option of the accepted connection."""
    assert request.client is not None
    asker = tuple(request.client)
    for each in psutil.Process().net_connections("tcp"):
        if each.raddr == asker:
            with socket.socket(fileno=os.dup(each.fd)) as accepted:
                nodelay = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            return JSONResponse({"pid": os.getpid(), "nodelay": bool(nodelay)})
    raise LookupError(asker)


if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__")
