"""JSON by orjson: answers leave as bytes, without a second pass through pydantic."""

from __future__ import annotations

import orjson
from fastapi.responses import Response


def encode(content: object) -> bytes:
    """UTF-8 JSON of dicts, sequences, dataclasses, numpy scalars and pydantic dumps."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


class JsonResponse(Response):
    """A JSON answer; the documented model of an endpoint describes it."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Bytes of ``content``."""
        return encode(content)
