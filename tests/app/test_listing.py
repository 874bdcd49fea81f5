import itertools
from dataclasses import replace

import polars as pl
import pytest

from dejavu_tui.app.listing import SORTS, Asked, class_counts, rows
from dejavu_tui.records import KINDS, Kind
from dejavu_tui.workflows.browse import BrowseView


def test_opens_on_the_memorized_most_confident_first(view: BrowseView) -> None:
    listed = view.samples[rows(view, Asked())]
    assert set(listed["kind"]) == {"memorized"}
    assert listed.height == view.samples.filter(kind="memorized").height > 3
    confidences = listed["target_confidence"].to_list()
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_every_column_sorts_and_equal_ones_stay_in_order_of_id(
    view: BrowseView, sort: str, descending: bool
) -> None:
    listed = view.samples[rows(view, Asked(kind=None, sort=sort, descending=descending))]
    keys = [KINDS.index(value) if sort == "kind" else value for value in listed[sort]]
    ids = listed["image_id"].to_list()
    for (a, i), (b, j) in itertools.pairwise(zip(keys, ids, strict=True)):
        assert (a >= b) if descending else (a <= b)
        assert a != b or i < j


@pytest.mark.parametrize("kind", KINDS)
def test_kind_and_class_narrow_the_list(view: BrowseView, kind: Kind) -> None:
    for label, _, number in class_counts(view, Asked(kind=kind)):
        listed = view.samples[rows(view, Asked(kind=kind, label=label))]
        assert listed.height == number
        assert set(listed["kind"]) <= {kind}
        assert set(listed["label"]) <= {label}


def test_search_finds_paths_classes_and_guesses_in_any_case(view: BrowseView) -> None:
    everything = Asked(kind=None)
    assert view.samples["path"][rows(view, replace(everything, text="000007.PNG"))].to_list() == ["07/000007.png"]
    found = view.samples[rows(view, replace(everything, text="BAG"))]
    bag = next(label for label, name in view.label_names.items() if name == "Bag")
    for row in view.samples.iter_rows(named=True):
        expected = bag in (row["label"], row["target_guess"], row["reference_guess"])
        assert (row["image_id"] in found["image_id"].to_list()) == expected


def test_search_takes_the_text_as_it_is(view: BrowseView) -> None:
    assert len(rows(view, Asked(kind=None, text=".*"))) == 0
    assert len(rows(view, Asked(kind=None, text="[/"))) == 0


def test_control_images_are_listed_apart(view: BrowseView) -> None:
    control = pl.when(pl.col("image_id") < 10).then(pl.lit("E")).otherwise("part").alias("part")
    mixed = replace(view, samples=view.samples.with_columns(control))
    assert set(rows(mixed, Asked(kind=None, control=True))) == set(range(10))
    assert set(rows(mixed, Asked(kind=None))) == set(range(10, view.samples.height))
    assert sum(mixed.control.values()) == 10
    assert sum(mixed.attacked.values()) == view.samples.height - 10
    for kind in KINDS:
        assert len(rows(mixed, Asked(kind=kind))) == mixed.attacked[kind]
        assert len(rows(mixed, Asked(kind=kind, control=True))) == mixed.control[kind]


def test_filters_together_are_an_intersection(view: BrowseView) -> None:
    both = set(rows(view, Asked(kind="memorized", text="coat")))
    assert both == set(rows(view, Asked())) & set(rows(view, Asked(kind=None, text="coat")))
