"""What scripts/schemathesis needs to know besides the document."""

import itertools

import schemathesis
from urllib3.connection import HTTPConnection

_numbers = itertools.count()
_addresses = itertools.count(1)
_LONGEST = 255
_request = HTTPConnection.request


def _from_another_address(connection, *arguments, **named):
    """Sends each request from another address of this machine's loopback.

    Wrong tokens are counted by address, and after ten of them the answer is 429 on purpose; the checks of
    authentication send more.
    """
    number = next(_addresses)
    connection.close()
    connection.source_address = (f"127.{1 + number // 65536 % 250}.{number // 256 % 256}.{number % 256}", 0)
    return _request(connection, *arguments, **named)


HTTPConnection.request = _from_another_address


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Makes each valid Idempotency-Key a new one, and leaves invented cursors out.

    Two different requests with one key are refused on purpose (422), whatever the document says of each of them.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 1 <= len(key) <= _LONGEST and all("!" <= character <= "~" for character in key):
        number = f".{next(_numbers)}"
        case.headers["Idempotency-Key"] = key[: _LONGEST - len(number)] + number
    # No generator invents a cursor that a list has given.
    if case.meta and case.meta.generation.mode.is_positive:
        (case.query or {}).pop("cursor", None)


@schemathesis.deserializer("image/png")
def png(ctx, response):
    """A picture, as far as its first bytes tell."""
    if not response.content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("this is no PNG")
    return "a picture"
