from dataclasses import replace

import polars as pl

from dejavu_tui.app.samples import of_whole_image, sample_at
from dejavu_tui.workflows.browse import BrowseView


def test_neighbours_are_those_of_the_samples(view: BrowseView) -> None:
    for place in range(view.samples.height):
        row = view.samples.row(place, named=True)
        sample = sample_at(view, place)
        for answer in (sample.target, sample.reference):
            assert [n.image_id for n in answer.neighbours] == row[f"{answer.role}_neighbours"]
            assert [n.distance for n in answer.neighbours] == row[f"{answer.role}_distances"]
            for neighbour in answer.neighbours:
                public = view.images.row(by_predicate=pl.col("image_id") == neighbour.image_id, named=True)
                assert (neighbour.path, neighbour.label_name) == (public["path"], public["label_name"])
                assert neighbour.match == (public["label"] == row["label"])


def test_target_encoder_of_part_b_is_ssl_b_and_of_e_neither_saw_it(view: BrowseView) -> None:
    for part, target, saw in (("A", "A", True), ("B", "B", True), ("E", "A", False)):
        samples = view.samples.with_columns(part=pl.lit(part))
        sample = sample_at(replace(view, samples=samples), 0)
        assert sample.target.trained_on == target
        assert sample.reference.trained_on != target
        assert (sample.target.saw_it, sample.reference.saw_it) == (saw, False)


def test_votes_add_up_and_begin_with_the_guess(view: BrowseView) -> None:
    for place in range(view.samples.height):
        for answer in (sample_at(view, place).target, sample_at(view, place).reference):
            assert sum(vote.number for vote in answer.votes) == len(answer.neighbours)
            named = [vote.label_name for vote in answer.votes]
            assert len(set(named)) == len(named)
            assert answer.guess not in named[1:]


def test_neighbours_of_the_whole_image_go_to_the_encoder_they_are_of(view: BrowseView) -> None:
    sample = sample_at(view, 1)
    assert sample.part == "B"
    found = pl.DataFrame(
        {
            "encoder": ["A", "A", "B", "B"],
            "rank": [2, 1, 1, 2],
            "image_id": [70, 71, 72, 73],
            "distance": [0.2, 0.1, 0.3, 0.4],
        }
    )
    whole = of_whole_image(view, sample, found)
    assert [n.image_id for n in whole.target.neighbours] == [72, 73]
    assert [n.image_id for n in whole.reference.neighbours] == [71, 70]
    assert whole.target.guess is None
