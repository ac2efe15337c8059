"""Helper of the board's tests: register writes as they go over the wire."""


def words(*pairs: tuple[int, int], times: int = 1) -> bytes:
    """Register and value pairs, the furthest chip's first; each pair `times` over."""
    return b"".join(bytes(pair) * times for pair in pairs)
