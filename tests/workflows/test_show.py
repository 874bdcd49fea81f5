import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workflows.show import COLUMNS, identify, identify_all, show
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), external=4, memory={20: 0.5})


def test_each_row_is_a_neighbour_with_the_facts_of_its_image(audit: Audit) -> None:
    facts = {row["image_id"]: row for row in audit.images.iter_rows(named=True)}
    chosen = chosen_samples(audit, run=None, epoch=20, layer="projector", k=6)
    stored = chosen.samples
    ids = [stored.filter(part=part)["image_id"][0] for part in ("B", "E", "A")]
    frame = show(audit, chosen, ids)
    assert tuple(frame.columns) == COLUMNS
    assert frame["image_id"].unique(maintain_order=True).to_list() == ids
    for image_id, encoder in [(i, e) for i in ids for e in ("target", "reference")]:
        sample = stored.filter(image_id=image_id).row(0, named=True)
        rows = frame.filter(image_id=image_id, encoder=encoder)
        assert rows["rank"].to_list() == [1, 2, 3, 4, 5, 6]
        assert rows["neighbour_image_id"].to_list() == sample[f"{encoder}_neighbours"]
        assert rows["distance"].to_list() == sample[f"{encoder}_distances"]
        own = "B" if sample["part"] == "B" else "A"
        assert rows["trained_on"].unique().to_list() == [own if encoder == "target" else "AB".replace(own, "")]
        labels = [facts[neighbour]["label"] for neighbour in sample[f"{encoder}_neighbours"]]
        for place, row in enumerate(rows.iter_rows(named=True)):
            neighbour = facts[row["neighbour_image_id"]]
            assert row["neighbour_path"] == neighbour["path"]
            assert row["neighbour_label_name"] == neighbour["label_name"]
            assert row["match"] == (labels[place] == sample["label"])
            assert row["label_votes"] == labels.count(labels[place])
            assert (row["guess"], row["confidence"]) == (
                sample[f"{encoder}_guess"],
                sample[f"{encoder}_confidence"],
            )
            assert (row["label_place"] == 1) == (row["neighbour_label"] == row["guess"])
            assert facts[image_id]["path"] == row["path"]


def test_classes_with_more_votes_have_the_better_place(audit: Audit) -> None:
    chosen = chosen_samples(audit, run=None, epoch=20, layer="projector", k=10)
    stored = chosen.samples
    frame = show(audit, chosen, stored["image_id"].to_list())
    assert frame.height == stored.height * 2 * 10
    for _, rows in frame.group_by("image_id", "encoder"):
        counted = Counter(rows["neighbour_label"].to_list())
        by_place = dict(rows.select("label_place", "neighbour_label").unique().drop_nulls().iter_rows())
        assert sorted(by_place) == list(range(1, min(len(counted), 5) + 1))
        votes = [counted[by_place[place]] for place in sorted(by_place)]
        assert votes == sorted(votes, reverse=True)


def test_an_image_is_named_by_id_by_path_or_by_file_and_shown_once(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = audit.attacked().row(3, named=True)
    image_id = row["image_id"]
    monkeypatch.chdir(audit.source)
    for named in (str(image_id), row["path"], os.path.abspath(row["path"]), f"./{row['path']}"):
        assert identify(audit, named) == image_id
        assert identify_all(audit, [named, "3", named, f"0{image_id}"]) == [image_id, 3, image_id, image_id]
    chosen = chosen_samples(audit)
    assert show(audit, chosen, [image_id, image_id]).equals(show(audit, chosen, [image_id]))


def test_no_image_is_an_empty_table(audit: Audit) -> None:
    nothing = show(audit, chosen_samples(audit), [])
    assert nothing.is_empty()
    assert tuple(nothing.columns) == COLUMNS


def test_an_image_that_is_not_attacked_is_refused_with_the_reason(audit: Audit) -> None:
    public = audit.members("X")["image_id"][0]
    for named, said in {
        str(public): "is in X, and only images of A, B and E are attacked",
        "999999": "no image '999999'",
        "no/such.png": "no image 'no/such.png'",
        "x\x1b[31m.png": r"no image 'x\\x1b\[31m\.png'",
        "²": "no image '²'",
        "\udcff": r"no image '\\udcff'",
    }.items():
        with pytest.raises(RequestError, match=said) as refused:
            show(audit, chosen_samples(audit), [identify(audit, named)])
        assert "dejavu top" in refused.value.fix
        with pytest.raises(RequestError, match=said):
            show(audit, chosen_samples(audit), identify_all(audit, [str(audit.attacked()["image_id"][0]), named]))


def test_links_in_a_circle_are_no_image(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "there").symlink_to(tmp_path / "here")
    with pytest.raises(RequestError, match="no image"):
        identify(audit, str(tmp_path / "here"))


def test_an_image_without_a_crop_is_refused_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=5, memory={20: 1.0})
    victim = audit.members("A")["image_id"][0]
    spoiled = audit.crops.with_columns(
        reason=audit.crops["image_id"].replace_strict({victim: "no box"}, default=None)
    )
    chosen = chosen_samples(audit)
    show(audit, chosen, [victim])
    others = replace(chosen, samples=chosen.samples.filter(chosen.samples["image_id"] != victim))
    monkeypatch.setitem(audit.__dict__, "crops", spoiled)
    with pytest.raises(RequestError, match=r"of A is not attacked \(no box\)"):
        show(audit, others, [victim])


def test_without_the_image_folder_a_wrong_path_is_still_no_image(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    path = audit.images["path"][5]
    on_disk = str(audit.source / path)
    audit.source.rename(tmp_path / "away")
    moved = Audit(audit.root)
    assert identify(moved, on_disk) == 5
    with pytest.raises(RequestError, match=r"no image 'no/such\.png'"):
        identify(moved, "no/such.png")
