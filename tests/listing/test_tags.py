import errno
import json
import multiprocessing
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejavu_tui.errors import ArtefactError, BusyError, RequestError
from dejavu_tui.listing import writing
from dejavu_tui.listing.tags import TAGS_FILE, TagFile
from dejavu_tui.listing.writing import held

State = dict[int, frozenset[str]]
operations = st.lists(
    st.tuples(st.sampled_from(["tag", "untag"]), st.lists(st.integers(0, 5), max_size=4), st.sampled_from("xy"))
    | st.just(("undo", [], "")),
    max_size=12,
)


def applied(state: State, op: str, ids: list[int], tag: str) -> State:
    after = {one: state.get(one, frozenset()) for one in {*state, *ids}}
    for one in ids:
        after[one] = after[one] | {tag} if op == "tag" else after[one] - {tag}
    return {one: tags for one, tags in after.items() if tags}


@settings(max_examples=60, deadline=None)
@given(operations)
def test_replay_is_the_history_and_undo_takes_its_last_step_back(drawn: list[tuple[str, list[int], str]]) -> None:
    """Two writers take turns, a third reads now and then; the oracle keeps every state there was."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        writers = [TagFile(root), TagFile(root)]
        reader = TagFile(root)
        history: list[State] = [{}]
        for turn, (op, ids, tag) in enumerate(drawn):
            writer = writers[turn % 2]
            if op == "undo":
                if len(history) == 1:
                    with pytest.raises(RequestError, match="nothing to undo"):
                        writer.undo()
                    continue
                writer.undo()
                history.pop()
            else:
                after = applied(history[-1], op, ids, tag)
                changed = writer.tag(ids, tag=tag) if op == "tag" else writer.untag(ids, tag=tag)
                different = [one for one in range(6) if after.get(one) != history[-1].get(one)]
                assert changed == len(different)
                if changed:
                    history.append(after)
            if turn % 3 == 0:
                assert reader.read().of == history[-1]
        for file in (*writers, reader, TagFile(root)):
            found = file.read()
            assert found.of == history[-1]
            every = [tag for tags in history[-1].values() for tag in tags]
            assert found.counts == {tag: every.count(tag) for tag in sorted(set(every))}


def test_many_images_are_one_private_line_and_the_same_again_none(tmp_path: Path) -> None:
    file = TagFile(tmp_path)
    assert file.tag(range(1000), tag="ok") == 1000
    assert file.tag([5, 6, 7], tag="ok") == 0
    (line,) = (tmp_path / TAGS_FILE).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["image_ids"] == list(range(1000))
    assert stat.S_IMODE((tmp_path / TAGS_FILE).stat().st_mode) == 0o600
    undone = file.undo()
    assert (undone.op, undone.tag, len(undone.image_ids)) == ("tag", "ok", 1000)
    assert file.read().of == {}


def test_unchanged_tags_are_the_same_object(tmp_path: Path) -> None:
    file = TagFile(tmp_path)
    nothing = file.read()
    assert file.read() is nothing
    TagFile(tmp_path).tag([1], tag="ok")
    seen = file.read()
    assert seen.of == {1: {"ok"}}
    assert nothing.of == {}
    assert file.read() is seen


@pytest.mark.parametrize("cut", range(1, 30, 4))
def test_a_line_whose_writer_was_killed_is_not_read_and_makes_room_for_the_next(tmp_path: Path, cut: int) -> None:
    file, path = TagFile(tmp_path), tmp_path / TAGS_FILE
    file.tag([1], tag="ok")
    file.tag([2], tag="ok")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    wanted = {1: {"ok"}, 2: {"ok"}} if cut == 1 else {1: {"ok"}}  # only the line's end is missing
    assert TagFile(tmp_path).read().of == file.read().of == wanted
    file.tag([3], tag="no")
    for one in (file, TagFile(tmp_path)):
        assert one.read().of == {**wanted, 3: {"no"}}
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


GOOD = '{"op":"tag","tag":"ok","image_ids":[1],"at":""}\n'


@pytest.mark.parametrize(
    "line",
    [
        "x",
        '{"op":"tag","tag":"ok","image_ids":[1]',
        '{"op":"tag","tag":"ok","image_ids":["1; rm"],"at":""}',
        '{"op":"tag","tag":"ok","image_ids":[-1],"at":""}',
        '{"op":"tag","tag":"a b","image_ids":[1],"at":""}',
        '{"op":"tag","tag":"\\u001b[2J","image_ids":[1],"at":""}',
        '{"op":"tag","tag":"ok","image_ids":[1],"at":"","more":1}',
        '{"op":"drop","at":""}',
        "[]",
        "\x00",
        '{"op":"undo","at":""}\n{"op":"undo","at":""}',
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_added(tmp_path: Path, line: str) -> None:
    path = tmp_path / TAGS_FILE
    text = f"{GOOD}{line}\n{GOOD}"
    path.write_text(text, encoding="utf-8")
    number = 2 + line.count("\n")
    for attempt in (TagFile(tmp_path).read, TagFile(tmp_path).undo, lambda: TagFile(tmp_path).tag([1], tag="ok")):
        with pytest.raises(ArtefactError, match=rf"tags\.jsonl, line {number}: "):
            attempt()
    assert path.read_text(encoding="utf-8") == text


def test_another_file_in_its_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    file, path = TagFile(tmp_path), tmp_path / TAGS_FILE
    file.tag([1, 2], tag="ok")
    (tmp_path / "new").write_text(GOOD * 3, encoding="utf-8")
    (tmp_path / "new").rename(path)
    assert file.read().of == {1: {"ok"}}
    path.unlink()
    assert file.read().of == {}


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "a:b", 'a"', "*", "-ok", "a\n", "\x1b", "a\u202eb", "x" * 33])
def test_names_that_no_tag_can_have(tmp_path: Path, tag: str) -> None:
    with pytest.raises(RequestError, match="cannot be a tag"):
        TagFile(tmp_path).tag([1], tag=tag)
    assert not (tmp_path / TAGS_FILE).exists()


def test_what_is_no_plain_file_or_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("", encoding="utf-8")
    path = tmp_path / TAGS_FILE
    makers: list[Callable[[], None]] = [lambda: path.symlink_to(elsewhere), lambda: os.mkfifo(path), path.mkdir]
    for make in makers:
        make()
        with pytest.raises(ArtefactError, match=r"tags\.jsonl"):
            TagFile(tmp_path).tag([1], tag="ok")
        path.rmdir() if path.is_dir() else path.unlink()
    assert elsewhere.read_bytes() == b""
    monkeypatch.setattr(os, "access", lambda path, mode: not (path == tmp_path and mode == os.W_OK))
    with pytest.raises(RequestError, match=r"cannot be written, so neither can tags\.jsonl"):
        TagFile(tmp_path).tag([1], tag="ok")
    assert TagFile(tmp_path).read().of == {}


def _tag_each(root: Path, ids: range) -> None:
    file = TagFile(root)
    for image_id in ids:
        file.tag([image_id], tag="ok")


def test_processes_that_tag_at_once_lose_nothing(tmp_path: Path) -> None:
    spawn: Any = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_tag_each, args=(tmp_path, range(n, 60, 2))) for n in range(2)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
        assert one.exitcode == 0
    assert TagFile(tmp_path).read().counts == {"ok": 60}
    assert len((tmp_path / TAGS_FILE).read_text(encoding="utf-8").splitlines()) == 60


def test_a_writer_that_does_not_let_go_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SECONDS", 0.05)
    with held(tmp_path / TAGS_FILE), pytest.raises(BusyError, match="another process"):
        TagFile(tmp_path).tag([1], tag="ok")
    assert TagFile(tmp_path).tag([1], tag="ok") == 1


def test_a_full_disk_is_said_of_the_file_and_costs_no_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        os.ftruncate(handle, os.fstat(handle).st_size - 9)
        raise OSError(errno.ENOSPC, "No space left on device")

    TagFile(tmp_path).tag([1], tag="a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=TAGS_FILE):
            TagFile(tmp_path).tag([2], tag="b")
    assert TagFile(tmp_path).read().of == {1: frozenset("a")}
    TagFile(tmp_path).tag([3], tag="b")
    assert TagFile(tmp_path).read().of == {1: frozenset("a"), 3: frozenset("b")}
