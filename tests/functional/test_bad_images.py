"""Image files as they come, hostile ones among them: which are taken, which are listed, and that it is always the
same ones.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from dejavu_tui.errors import ImageError
from dejavu_tui.images import seen
from dejavu_tui.images.decoding import File, look_at
from dejavu_tui.workflows.split import Plan, plan, settings_for
from dejavu_tui.workspace import Audit
from tests.data.corpus import bad, unusual
from tests.data.folders import build_folder
from tests.functional.test_contract import dejavu

CLASS = "images/class0"
FOUND_BY_DECODING = {"spoilt.png"}


@dataclass(frozen=True)
class Corpus:
    """A folder of pictures, the sound files among them, and what is said of the bad ones."""

    pictures: Path
    sound: set[str]
    said: dict[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    pictures = build_folder(tmp_path_factory.mktemp("corpus") / "pictures", per_class=12, boxes=False)
    return Corpus(pictures, unusual(pictures / CLASS), bad(pictures / CLASS))


def planned(pictures: Path, *, check: str = "pixels", on_bad: str = "skip") -> Plan:
    return plan(pictures, settings_for(pictures, crop="corner", per_class=2, k=5, check=check, on_bad=on_bad))


def names_of(paths: pl.Series) -> set[str]:
    return {path.removeprefix(f"{CLASS}/") for path in paths if path.startswith(CLASS)}


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize("check", ["pixels", "headers"])
def test_sound_files_are_taken_and_bad_ones_listed(
    corpus: Corpus,
    monkeypatch: pytest.MonkeyPatch,
    check: str,
    processes: bool,
) -> None:
    if processes:
        monkeypatch.setattr(seen, "MANY", 1)
    got = planned(corpus.pictures, check=check).catalogue
    unseen = FOUND_BY_DECODING if check == "headers" else set()
    assert names_of(got.dropped["path"]) == set(corpus.said) - unseen
    assert corpus.sound | unseen <= names_of(got.images["path"])
    for path, reason in got.dropped.iter_rows():
        assert reason.startswith("bad image: ")
        name = path.removeprefix(f"{CLASS}/")
        assert any(words in reason for words in corpus.said[name]), (name, reason)


def test_sizes_are_those_of_the_stored_pixels(corpus: Corpus) -> None:
    images = planned(corpus.pictures).catalogue.images.filter(
        pl.col("path").is_in([f"{CLASS}/{name}" for name in corpus.sound])
    )
    sizes = dict(images.select("path", pl.concat_list("width", "height")).iter_rows())
    assert sizes.pop(f"{CLASS}/pixel.png") == [1, 1]
    assert set(map(tuple, sizes.values())) == {(32, 24)}


def test_by_default_the_split_ends_with_the_list(corpus: Corpus) -> None:
    with pytest.raises(ImageError) as caught:
        planned(corpus.pictures, on_bad="refuse")
    assert len(caught.value.listed) == len(corpus.said)


def test_the_command_lists_and_counts_them_and_all_others_can_be_embedded(corpus: Corpus) -> None:
    folder = corpus.pictures.parent
    options = ("--crop", "corner", "--per-class", "2", "--k", "5", "--out", "audit")
    done = dejavu("split", "pictures", *options, cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert not {chr(code) for code in (*range(10), *range(11, 32), 127, 0x202E)} & set(done.stderr)
    lines = done.stderr.splitlines()
    assert sum("error" in line for line in lines) == 1
    for name, words in corpus.said.items():
        assert any(name in line and any(one in line for one in words) for line in lines), name
    done = dejavu("split", "pictures", *options, "--on-bad", "skip", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"dropped: {len(corpus.said)} (bad image)" in done.stderr
    audit = Audit(folder / "audit")
    assert names_of(audit.dropped["path"]) == set(corpus.said)
    paths = [str(corpus.pictures / path) for path in audit.images["path"]]
    files = [File(path, sha256, None) for path, sha256 in zip(paths, audit.hashes["sha256"], strict=True)]
    assert look_at(files, size=16).shape == (len(files), 16, 16, 3), "what was taken can be embedded"
