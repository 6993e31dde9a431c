"""What was read of parts that forms share is remembered: of the last few, and of small ones only."""

from flows.reading.losses.remembered import remembered


def test_same_parts_are_read_once_and_others_anew():
    seen: list[bytes] = []

    @remembered
    def read(part: bytes, other: bytes) -> int:
        seen.append(part + other)
        return len(part)

    assert [read(b"ab", b"c"), read(b"ab", b"c"), read(b"a", b"bc")] == [2, 2, 1]
    assert seen == [b"abc", b"abc"]
    large = bytes(1 << 20)
    assert read(large, b"c") == read(large, b"c") == len(large)
    assert len(seen) == 4
