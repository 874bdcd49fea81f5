import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from dejavu_tui.errors import ArtefactError, RequestError, StoppedError
from dejavu_tui.tables import SAMPLES
from dejavu_tui.workflows.collect import FORMS, WARNING, Form, collect
from dejavu_tui.workflows.samples import chosen_samples
from dejavu_tui.workspace import Audit
from tests.data.planted import planted_audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return planted_audit(tmp_path_factory.mktemp("planted"), images=24, external=4, k=3)


@pytest.fixture(scope="module")
def samples(audit: Audit) -> pl.DataFrame:
    return chosen_samples(audit).samples


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_rows_and_ids_come_once_and_in_order(audit: Audit, samples: pl.DataFrame, tmp_path: Path) -> None:
    ids = samples["image_id"].to_list()[10:3:-1]
    for form in ("csv", "ids"):
        done = collect(audit, samples, [*ids, ids[0]], form=form, out=tmp_path / form)
        assert (done.written, done.images, done.unreadable) == ((tmp_path / form,), 7, ())
        assert mode(tmp_path / form) == 0o600
    assert (tmp_path / "ids").read_text() == "".join(f"{image_id}\n" for image_id in ids)
    flat = {name: dtype for name, dtype in SAMPLES.schema.items() if not isinstance(dtype, pl.List)}
    rows = pl.read_csv(tmp_path / "csv", schema=flat)
    assert rows["image_id"].to_list() == ids
    assert rows.sort("image_id").equals(samples.filter(pl.col("image_id").is_in(ids)).select(list(flat)))


def test_sheets_come_in_pages(audit: Audit, samples: pl.DataFrame, tmp_path: Path) -> None:
    ids = samples["image_id"].to_list()[:41]
    done = collect(audit, samples, ids, form="sheet", out=tmp_path / "s.png")
    assert done.written == (tmp_path / "s-1.png", tmp_path / "s-2.png")
    heights = [Image.open(path).height for path in done.written]
    assert heights[0] > 6 * heights[1] / 2
    assert [mode(path) for path in done.written] == [0o600] * 2
    with pytest.raises(RequestError, match=r"s-1\.png: is there already"):
        collect(audit, samples, ids, form="sheet", out=tmp_path / "s.png")
    one = collect(audit, samples, ids[:1], form="sheet", out=tmp_path / "s.png")
    assert one.written == (tmp_path / "s.png",)


def test_links_lead_to_the_images_and_move_with_the_audit(
    audit: Audit, samples: pl.DataFrame, tmp_path: Path
) -> None:
    ids = samples["image_id"].to_list()[:5]
    beside, away = audit.root.parent / "links", tmp_path / "links"
    for out in (beside, away):
        assert collect(audit, samples, ids, form="links", out=out).images == 5
        assert mode(out) == 0o700
        assert (out / "README.txt").read_text() == f"{WARNING}\n"
        links = {path.name: path for path in out.iterdir() if path.is_symlink()}
        rows = samples.filter(pl.col("image_id").is_in(ids))
        for image_id, name, path in rows.select("image_id", "label_name", "path").iter_rows():
            link = links.pop(f"{image_id}-{name}-{Path(path).name}")
            assert link.resolve() == (audit.source / path).resolve()
            assert os.path.isabs(os.readlink(link)) == (out == away)
        assert not links


def test_images_that_are_gone_are_counted_and_listed(tmp_path: Path) -> None:
    audit = planted_audit(tmp_path, images=12, attacked=2, k=3)
    samples = chosen_samples(audit).samples
    first, second = samples.select("image_id", "path").rows()[:2]
    (audit.source / first[1]).unlink()
    (audit.source / second[1]).write_bytes(b"no image")
    ids = [first[0], second[0], samples["image_id"][2]]
    drawn = collect(audit, samples, ids, form="sheet", out=tmp_path / "s.png")
    assert (drawn.images, drawn.unreadable) == (3, (first[1], second[1]))
    linked = collect(audit, samples, ids, form="links", out=tmp_path / "links")
    assert (linked.images, linked.unreadable) == (2, (first[1],))
    audit.source.rename(tmp_path / "elsewhere")
    again = Audit(audit.root)
    collect(again, samples, ids, form="csv", out=tmp_path / "c.csv")
    forms: tuple[Form, ...] = ("sheet", "links")
    for form in forms:
        with pytest.raises(ArtefactError, match="image folder"):
            collect(again, samples, ids, form=form, out=tmp_path / "new")
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_overwritten_unless_asked_and_nothing_is_left_half(
    audit: Audit, samples: pl.DataFrame, tmp_path: Path, form: Form
) -> None:
    ids = samples["image_id"].to_list()
    out = tmp_path / "out"
    collect(audit, samples, ids[:3], form=form, out=out)
    before = sorted(os.listdir(out)) if form == "links" else out.read_bytes()
    for other in (ids[3:5], ids[:3]):
        with pytest.raises(RequestError, match="is there already"):
            collect(audit, samples, other, form=form, out=out)
    if form in ("sheet", "links"):
        with pytest.raises(StoppedError):
            collect(audit, samples, ids[3:5], form=form, out=out, replace=True, stop=lambda: True)
    assert before == (sorted(os.listdir(out)) if form == "links" else out.read_bytes())
    collect(audit, samples, ids[3:5], form=form, out=out, replace=True)
    assert before != (sorted(os.listdir(out)) if form == "links" else out.read_bytes())
    assert os.listdir(tmp_path) == ["out"]
    with pytest.raises(RequestError, match="no such folder"):
        collect(audit, samples, ids[:3], form=form, out=tmp_path / "none" / "out")


def test_only_a_folder_of_links_is_replaced(audit: Audit, samples: pl.DataFrame, tmp_path: Path) -> None:
    ids = samples["image_id"].to_list()[:2]
    mine, file, link = tmp_path / "mine", tmp_path / "file", tmp_path / "link"
    collect(audit, samples, ids, form="links", out=mine)
    (mine / "notes.txt").write_text("mine")
    file.write_text("mine")
    link.symlink_to(mine)
    (tmp_path / "empty").mkdir()
    for out in (mine, file, link, tmp_path / "empty"):
        with pytest.raises(RequestError, match="no folder of links"):
            collect(audit, samples, ids, form="links", out=out, replace=True)
    assert (mine / "notes.txt").read_text() == file.read_text() == "mine"
    with pytest.raises(RequestError, match="is a folder"):
        collect(audit, samples, ids, form="csv", out=mine, replace=True)


def test_what_is_no_selection_is_refused(audit: Audit, samples: pl.DataFrame, tmp_path: Path) -> None:
    public = int(audit.members("X")["image_id"][0])
    with pytest.raises(RequestError, match="is in X"):
        collect(audit, samples, [public], form="ids", out=tmp_path / "f")
    with pytest.raises(RequestError, match="no image is selected"):
        collect(audit, samples, [], form="ids", out=tmp_path / "f")
    many = pl.concat([samples.with_columns(image_id=pl.col("image_id") + 10_000 * i) for i in range(20)])
    with pytest.raises(RequestError, match="too many"):
        collect(audit, many, many["image_id"].to_list(), form="sheet", out=tmp_path / "f")
    assert os.listdir(tmp_path) == []


def test_csv_is_what_the_command_prints(audit: Audit, samples: pl.DataFrame, tmp_path: Path) -> None:
    collect(audit, samples, samples["image_id"].to_list(), form="csv", out=tmp_path / "f")
    whole = samples.select(pl.exclude(pl.List)).write_csv(line_terminator="\n")
    assert (tmp_path / "f").read_text() == whole
    assert pl.read_csv(io.StringIO(whole)).height == samples.height


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("target")])
def test_only_a_plain_file_is_replaced_by_a_file(
    audit: Audit, samples: pl.DataFrame, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    (tmp_path / "target").write_text("mine")
    out = tmp_path / "out"
    make(out)
    kind = stat.S_IFMT(out.lstat().st_mode)
    for form in ("csv", "ids", "sheet"):
        with pytest.raises(RequestError, match="out: is no plain file"):
            collect(audit, samples, samples["image_id"].to_list()[:1], form=form, out=out, replace=True)
    assert stat.S_IFMT(out.lstat().st_mode) == kind
    assert (tmp_path / "target").read_text() == "mine"


def test_stopped_on_the_second_page_no_sheet_is_left(audit: Audit, samples: pl.DataFrame, tmp_path: Path) -> None:
    asked = iter([False] * 40 + [True])
    ids = samples["image_id"].to_list()[:41]
    with pytest.raises(StoppedError):
        collect(audit, samples, ids, form="sheet", out=tmp_path / "s.png", stop=lambda: next(asked))
    assert not list(tmp_path.iterdir())
