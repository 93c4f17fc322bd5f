"""What the suites of this folder are written with: a server, a raw connection, named cases."""

from .client import Client
from .requests import chunked, request
from .response import Response
from .server import Server
from .suite import Failed, Suite, Trial

__all__ = ["Client", "Failed", "Response", "Server", "Suite", "Trial", "chunked", "request"]
