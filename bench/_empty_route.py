"""``coopledger`` with one route more, which answers with nothing: what the API's server itself takes.

The route stands in the real application, behind the same middleware, and is an ``async`` one, which is
the cheapest that FastAPI serves.
"""

from fastapi import Response

from coopledger.api import page
from coopledger.cli.main import main

EMPTY = "/empty"


@page.router.get(EMPTY)
async def empty() -> Response:
    """Answer with nothing."""
    return Response()


if __name__ == "__main__":
    main()
