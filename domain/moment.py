"""Moments as users write them: ISO 8601, UTC where no zone is given."""

from datetime import UTC, datetime

from domain.errors import LanewiseError


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment as an aware UTC datetime.

    Raises
    ------
    LanewiseError
        If the text is no ISO 8601 date or time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LanewiseError(
            f"expected a time in ISO 8601, such as 2013-10-01 or 2013-10-01T06:00:00Z, but got {text!r}"
        ) from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def format_second(moment: datetime) -> str:
    """Write a moment to the whole second, as :func:`format_moment` does."""
    return format_moment(moment.replace(microsecond=0))


def format_moment(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with a trailing ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
