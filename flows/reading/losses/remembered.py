"""Parts that forms share, as the styles and the names of the sheets: what was read of the last ones is remembered."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_MOST = 8
_LARGEST = 1 << 20
"""Bytes of the parts together, for a reading process has little room; a form's have 8 KB (2026-11)."""
Found = TypeVar("Found")


def remembered(work: Callable[..., Found]) -> Callable[..., Found]:
    """The same work on bytes, done anew only for others than the last few, or for large ones.

    What it raises is not kept, and what it gives must not be changed.
    """
    known = lru_cache(_MOST)(work)

    @wraps(work)
    def done(*parts: bytes) -> Found:
        return (known if sum(map(len, parts)) <= _LARGEST else work)(*parts)

    return done
