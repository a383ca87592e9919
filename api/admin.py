"""Who may see more: the holder of `api.admin_key`, by header, compared in constant time."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from api.service import ServiceOf

_bearer = HTTPBearer(
    auto_error=False, scheme_name="AdminBearer", description="`Authorization: Bearer <admin key>`"
)
_header = APIKeyHeader(
    name="X-API-Key",
    auto_error=False,
    scheme_name="AdminKey",
    description="The admin key, `api.admin_key` of the settings.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; ``configured``: there is an admin key at all."""

    admin: bool
    configured: bool

    def require_admin(self, what: str, /) -> None:
        """403 where nobody may, 401 where the key is missing; ``what`` says for what."""
        if self.admin:
            return
        if not self.configured:
            raise HTTPException(
                HTTPStatus.FORBIDDEN,
                f"{what} needs the admin key, and this service has none: "
                "set SHOPGRAPH_API__ADMIN_KEY",
            )
        raise _unauthorized(f"{what} needs the admin key")


def _caller(
    service: ServiceOf,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    header: Annotated[str | None, Security(_header)] = None,
) -> Caller:
    """The caller by their headers; a wrong key is 401 even where none is needed."""
    key = service.settings.admin_key
    if key is None:
        return Caller(admin=False, configured=False)
    given = [one for one in (header, bearer.credentials if bearer else None) if one is not None]
    expected = key.get_secret_value().encode()
    for one in given:
        if not hmac.compare_digest(one.encode(), expected):
            raise _unauthorized("the admin key is wrong")
    return Caller(admin=bool(given), configured=True)


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(
        HTTPStatus.UNAUTHORIZED,
        f"{detail}; send it as Authorization: Bearer or X-API-Key",
        headers={"WWW-Authenticate": "Bearer"},
    )


CallerOf = Annotated[Caller, Depends(_caller)]
