"""What the driver's errors mean to Shopgraph."""

from __future__ import annotations

from neo4j.exceptions import (
    AuthError,
    ClientError,
    DriverError,
    Forbidden,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from kg.errors import QueryError, StoreError, StoreTimeout, StoreUnavailable


def explained(
    error: Neo4jError | DriverError, place: str, /, *, timeout_s: float, circumstances: str = ""
) -> StoreError:
    """The error to raise instead: place, reason, and whether a retry can help."""
    if isinstance(error, AuthError):
        return StoreError(f"{place}: the store refuses the user or password: {_reason(error)}")
    if isinstance(error, Forbidden):
        return QueryError(f"{place}: the store does not allow it: {_reason(error)}")
    if "timeout" in _reason(error).lower() or "TimedOut" in (_code(error)):
        return took_too_long(place, timeout_s)
    if isinstance(error, ServiceUnavailable | SessionExpired | TransientError):
        return StoreUnavailable(f"{place}: not reachable now: {_reason(error)}")
    if isinstance(error, ClientError) and ".Statement." in _code(error):
        return QueryError(f"{place}: {_code(error)}: {_reason(error)}")
    kind = _code(error) or type(error).__name__
    if ".Schema." in _code(error):
        circumstances = ""  # it is what was asked for that failed
    # On one line: what the engine says of itself may come with breaks in it.
    return StoreError(f"{place}: {kind}: {' '.join(_reason(error).split())}{circumstances}")


def out_of_time(
    error: Neo4jError | DriverError, place: str, timeout_s: float, /
) -> StoreUnavailable:
    """The error of a call whose alarm went off: the engine stopped it, or said nothing at all."""
    if isinstance(error, Neo4jError):
        return took_too_long(place, timeout_s)
    return StoreTimeout(f"{place}: no answer within {timeout_s:g} s: {_reason(error)}")


def took_too_long(place: str, timeout_s: float, /) -> StoreTimeout:
    """The error of a query that was stopped at the end of its time."""
    return StoreTimeout(f"{place}: no answer within {timeout_s:g} s")


def _code(error: Neo4jError | DriverError) -> str:
    return (error.code or "") if isinstance(error, Neo4jError) else ""


def _reason(error: Neo4jError | DriverError) -> str:
    message = error.message if isinstance(error, Neo4jError) else None
    return message or str(error)
