from collections import Counter
from random import Random

import polars as pl
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from dejavu_tui.splits.nested import nested_order

Groups = list[tuple[int, int]]
"""(attackable, others) of each class."""


def members(groups: Groups, *, first: int = 0) -> tuple[pl.DataFrame, dict[int, tuple[str, bool]]]:
    """A part with these groups; ids start at `first`. Beside it the class and sort of each id."""
    kinds = [
        (f"c{label}", sort)
        for label, sizes in enumerate(groups)
        for sort in (True, False)
        for _ in range(sizes[not sort])
    ]
    of = {first + place: kind for place, kind in enumerate(kinds)}
    frame = pl.DataFrame({"image_id": list(of), "label_name": [name for name, _ in of.values()]})
    return frame.cast({"image_id": pl.Int64, "label_name": pl.String}), of


def attackable(of: dict[int, tuple[str, bool]]) -> list[int]:
    return [image_id for image_id, (_, sort) in of.items() if sort]


def order(groups: Groups, *, seed: int = 0, first: int = 0) -> list[int]:
    frame, of = members(groups, first=first)
    return [int(image_id) for image_id in nested_order(frame, attackable=attackable(of), seed=seed)]


parts = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 7)), min_size=1, max_size=5)


@budget(deadline=None)
@given(parts, st.integers(0, 3))
def test_every_image_stands_once(groups: Groups, seed: int) -> None:
    found = order(groups, seed=seed)
    assert sorted(found) == list(range(sum(map(sum, groups))))


@budget(deadline=None)
@given(parts, st.integers(0, 3))
def test_in_every_prefix_all_groups_have_entered_to_one_share_to_within_half_an_image(
    groups: Groups, seed: int
) -> None:
    _, of = members(groups)
    sizes = Counter(of.values())
    taken: Counter[tuple[str, bool]] = Counter()
    for image_id in order(groups, seed=seed):
        taken[of[image_id]] += 1
        at_least = max((taken[kind] - 0.5) / size for kind, size in sizes.items())
        at_most = min((taken[kind] + 0.5) / size for kind, size in sizes.items())
        assert at_least <= at_most + 1e-12


@budget(deadline=None)
@given(st.integers(1, 9), st.integers(0, 6), st.integers(1, 5), st.integers(0, 3))
def test_classes_of_equal_size_differ_by_one_at_most_in_each_sort(
    boxed: int, others: int, classes: int, seed: int
) -> None:
    groups = [(boxed, others)] * classes
    _, of = members(groups)
    taken = Counter(dict.fromkeys(of.values(), 0))
    for image_id in order(groups, seed=seed):
        taken[of[image_id]] += 1
        for sort in {sort for _, sort in taken}:
            counts = [number for (_, kind), number in taken.items() if kind == sort]
            assert max(counts) - min(counts) <= 1


@budget(deadline=None)
@given(parts, st.integers(0, 3))
def test_a_and_b_give_equal_numbers_at_every_size(groups: Groups, seed: int) -> None:
    kinds = []
    for first in (0, 1000):
        _, of = members(groups, first=first)
        kinds.append([of[image_id] for image_id in order(groups, seed=seed, first=first)])
    assert kinds[0] == kinds[1]


@budget(deadline=None)
@given(parts, st.randoms())
def test_row_order_and_the_attackables_order_change_nothing(groups: Groups, chance: Random) -> None:
    frame, of = members(groups)
    rows, able = list(range(frame.height)), attackable(of)
    chance.shuffle(rows)
    chance.shuffle(able)
    assert nested_order(frame[rows], attackable=able, seed=1).tolist() == order(groups, seed=1)


def test_the_seed_decides_who_comes_first() -> None:
    firsts = {order([(6, 2), (6, 2)], seed=seed)[0] for seed in range(60)}
    assert len(firsts) > 8


def test_of_nothing_nothing() -> None:
    assert order([]) == []
