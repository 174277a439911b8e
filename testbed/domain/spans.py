"""Spans: sets of grains as sorted, disjoint, half-open pairs, for what needs no horizon."""

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]
_FAR = 1 << 40
EVER: Spans = ((-_FAR, _FAR),)


def union(spans: Iterable[Span]) -> Spans:
    """The spans as one set; such as only touch become one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def both(these: Spans, those: Spans) -> Spans:
    """What lies in both sets."""
    if these is EVER:
        return those
    shared = (
        (max(start, other), min(end, other_end))
        for start, end in these
        for other, other_end in those
    )
    return tuple(sorted((start, end) for start, end in shared if start < end))


def at_least(sets: Iterable[Spans], count: int) -> Spans:
    """What lies in at least `count` of the sets."""
    if count <= 0:
        return EVER
    steps = sorted(
        step for spans in sets for start, end in spans for step in ((start, 1), (end, -1))
    )
    found: list[Span] = []
    level, opened = 0, 0
    for grain, change in steps:
        if level < count <= level + change:
            opened = grain
        elif level + change < count <= level and opened < grain:
            found.append((opened, grain))
        level += change
    return union(found)


def starts_in(spans: Spans, duration: int) -> Spans:
    """The starts from which `duration` grains lie in one span."""
    return tuple((start, end - duration + 1) for start, end in spans if end - start >= duration)


def meets(spans: Spans, first: int, last: int) -> bool:
    """Whether a span holds one of the grains first..last, both included."""
    return any(start <= last and first < end for start, end in spans)
