"""The algebra of grains as bits of integers: counts per grain, runs of free grains, nearest start.

A set of grains is a non-negative integer: bit i stands for the i-th grain of a window. A count per
grain is a thermometer: a list of levels, where bit g of level j (from 0) says "at least j + 1".
"""

from collections.abc import Iterator


def interval(start: int, end: int) -> int:
    """The set {start, ..., end - 1}; empty when `end <= start`."""
    return ((1 << (end - start)) - 1) << start if end > start else 0


def window(bits: int, start: int, length: int) -> int:
    """Bits start .. start + length - 1, moved down to 0; `start` may be negative."""
    moved = bits >> start if start >= 0 else bits << -start
    return moved & ((1 << length) - 1)


def add(levels: list[int], mask: int, units: int = 1) -> int:
    """Count `units` more at the grains of `mask`, in place.

    Returns the grains at which the last level was passed; the levels are then spoilt, so a caller
    checks first or rebuilds.
    """
    passed = 0
    for _ in range(units):
        carry = mask
        for level, bits in enumerate(levels):
            levels[level] = bits | carry
            carry &= bits
            if not carry:
                break
        passed |= carry
    return passed


def remove(levels: list[int], mask: int, units: int = 1) -> int:
    """Count `units` fewer at the grains of `mask`, in place.

    Returns the grains at which nothing was left to remove.
    """
    missing = 0
    for _ in range(units):
        rest = mask
        for level in range(len(levels) - 1, -1, -1):
            hit = levels[level] & rest
            if hit:
                levels[level] ^= hit
                rest ^= hit
                if not rest:
                    break
        missing |= rest
    return missing


def runs(free: int, length: int) -> int:
    """The starts i at which `length` grains i, i + 1, ... are all free, in O(log length) steps."""
    covered = 1
    while covered < length and free:
        shift = min(covered, length - covered)
        free &= free >> shift
        covered += shift
    return free


def nearest(bits: int, target: int) -> int:
    """The set bit nearest to `target` (which may lie outside); the lower one on a tie.

    `bits` must not be empty.
    """
    below = bits & ((1 << (target + 1)) - 1) if target >= 0 else 0
    above = bits >> (target + 1) if target >= -1 else bits
    low = below.bit_length() - 1
    if not above:
        return low
    high = lowest(above) + (target + 1 if target >= -1 else 0)
    return low if below and target - low <= high - target else high


def lowest(bits: int) -> int:
    """The lowest set bit; `bits` must not be empty."""
    return (bits & -bits).bit_length() - 1


def members(bits: int) -> Iterator[int]:
    """The set bits, rising."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def spans(bits: int) -> Iterator[tuple[int, int]]:
    """The maximal runs of set bits as half-open intervals, rising."""
    position = 0
    while bits:
        gap = lowest(bits)
        bits >>= gap
        length = lowest(~bits)
        yield position + gap, position + gap + length
        position += gap + length
        bits >>= length
