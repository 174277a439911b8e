import numpy as np

from sim.streams import Purpose, Streams


def test_a_longer_array_begins_with_the_rows_of_a_shorter_one():
    streams = Streams(7, 0)
    short = streams.uniforms(Purpose.SPACING, "tier1/3", 5, 16)
    long = streams.uniforms(Purpose.SPACING, "tier1/3", 500, 16)
    assert np.array_equal(short, long[:5])


def test_replications_purposes_owners_and_seeds_do_not_share_draws():
    first = Streams(7, 0).row(Purpose.LEAD, "tier1/3", 100)
    others = [
        Streams(8, 0).row(Purpose.LEAD, "tier1/3", 100),
        Streams(7, 1).row(Purpose.LEAD, "tier1/3", 100),
        Streams(7, 0).row(Purpose.HOUR, "tier1/3", 100),
        Streams(7, 0).row(Purpose.LEAD, "tier1/4", 100),
    ]
    assert all(not np.isin(first, other).any() for other in others)


def test_numbers_lie_strictly_inside_nought_and_one():
    drawn = Streams(1, 0).row(Purpose.LEAD, "x", 10_000)
    assert drawn.min() > 0
    assert drawn.max() < 1
    assert abs(drawn.mean() - 0.5) < 0.02
