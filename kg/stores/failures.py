"""What the driver's errors mean to Shopgraph."""

from __future__ import annotations

from neo4j.exceptions import (
    AuthError,
    ClientError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from kg.errors import QueryError, StoreError, StoreUnavailable


def explained(
    error: Neo4jError | DriverError, place: str, /, *, timeout_s: float, circumstances: str = ""
) -> StoreError:
    """The error to raise instead: place, reason, and whether a retry can help."""
    if isinstance(error, AuthError):
        return StoreError(f"{place}: the store refuses the user or password: {_reason(error)}")
    if "timeout" in _reason(error).lower() or "TimedOut" in (_code(error)):
        return StoreUnavailable(f"{place}: no answer within {timeout_s:g} s: {_reason(error)}")
    if isinstance(error, ServiceUnavailable | SessionExpired | TransientError):
        return StoreUnavailable(f"{place}: not reachable now: {_reason(error)}")
    if isinstance(error, ClientError) and ".Statement." in _code(error):
        return QueryError(f"{place}: {_code(error)}: {_reason(error)}")
    kind = _code(error) or type(error).__name__
    return StoreError(f"{place}: {kind}: {_reason(error)}{circumstances}")


def _code(error: Neo4jError | DriverError) -> str:
    return (error.code or "") if isinstance(error, Neo4jError) else ""


def _reason(error: Neo4jError | DriverError) -> str:
    message = error.message if isinstance(error, Neo4jError) else None
    return message or str(error)
