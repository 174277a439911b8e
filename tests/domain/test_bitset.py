"""The bitset algebra against sets and lists that anybody can check by eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.domain import bitset

GRAINS = 40
sets = st.frozensets(st.integers(0, GRAINS - 1))


def bits(grains: frozenset[int]) -> int:
    return sum(1 << grain for grain in grains)


def grains(bits: int) -> set[int]:
    return {grain for grain in range(bits.bit_length()) if bits >> grain & 1}


@given(st.lists(st.tuples(sets, st.integers(1, 3)), max_size=8), st.integers(1, 6))
def test_levels_count_what_was_added_at_every_grain(
    added: list[tuple[frozenset[int], int]], capacity: int
) -> None:
    levels, counts = [0] * capacity, [0] * GRAINS
    for where, units in added:
        if any(counts[grain] + units > capacity for grain in where):
            assert bitset.add(levels[:], bits(where), units)
            continue
        assert bitset.add(levels, bits(where), units) == 0
        for grain in where:
            counts[grain] += units
    for level, found in enumerate(levels, 1):
        assert grains(found) == {grain for grain in range(GRAINS) if counts[grain] >= level}


@given(st.lists(st.tuples(sets, st.integers(1, 3)), max_size=6))
def test_removing_what_was_added_leaves_nothing(added: list[tuple[frozenset[int], int]]) -> None:
    levels = [0] * 20
    for where, units in added:
        bitset.add(levels, bits(where), units)
    for where, units in added:
        assert bitset.remove(levels, bits(where), units) == 0
    assert levels == [0] * 20


def test_removing_what_is_not_there_names_the_grains() -> None:
    levels = [0b0110, 0b0010]
    assert bitset.remove(levels, 0b1111) == 0b1001
    assert levels == [0b0010, 0]


@given(sets, st.integers(1, 12))
def test_runs_are_the_starts_of_so_many_free_grains(free: frozenset[int], length: int) -> None:
    expected = {s for s in range(GRAINS) if all(s + i in free for i in range(length))}
    assert grains(bitset.runs(bits(free), length)) == expected


@given(sets.filter(bool), st.integers(-10, GRAINS + 10))
def test_the_nearest_bit_is_the_nearest_and_the_lower_on_a_tie(
    free: frozenset[int], target: int
) -> None:
    assert bitset.nearest(bits(free), target) == min(free, key=lambda g: (abs(g - target), g))


@given(sets, st.integers(-20, 60), st.integers(0, 60))
def test_a_window_is_the_bits_moved_down(free: frozenset[int], start: int, length: int) -> None:
    expected = {grain - start for grain in free if start <= grain < start + length}
    assert grains(bitset.window(bits(free), start, length)) == expected


@given(sets)
def test_members_and_spans_tell_the_set_back(free: frozenset[int]) -> None:
    assert set(bitset.members(bits(free))) == free
    told = [grain for start, end in bitset.spans(bits(free)) for grain in range(start, end)]
    assert told == sorted(free)


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 3, 0b111), (2, 4, 0b1100), (3, 3, 0)])
def test_an_interval_is_half_open(start: int, end: int, expected: int) -> None:
    assert bitset.interval(start, end) == expected
