"""What both encoders answer, as Browse shows it: of the crop, and of the whole image."""

import threading
from pathlib import Path

import polars as pl
from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.widgets.answers import AnswerPanel, Tile
from dejavu_tui.errors import StoppedError
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on
from tests.app.screens.on_browse import run
from tests.app.waiting import pictures, screen, until


def test_left_and_right_page_through_the_neighbours_of_both(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        panel = screen(app).query_one("#target", AnswerPanel)
        tiles = panel.arrangement.tiles

        def ranks() -> list[int]:
            captions = [str(tile.caption.content) for tile in panel.query(Tile) if tile.display]
            return [int(caption.split("\n")[1].split()[0]) for caption in captions if caption]

        await pictures(pilot)
        assert ranks() == list(range(1, tiles + 1))
        await pilot.press("right")
        assert ranks() == list(range(tiles + 1, 2 * tiles + 1))
        await pilot.press(*["l"] * 10)
        assert ranks()[-1] == view.k
        await pilot.press(*["h"] * 10)
        assert ranks()[0] == 1
        await pilot.press("right", "down")
        await pictures(pilot)
        assert ranks()[0] == 1

    run(app_on(view), act)


def test_what_both_encoders_find_is_marked_and_their_votes_have_one_scale(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        ids = {role: {one.image_id for one in getattr(sample, role).neighbours} for role in ("target", "reference")}
        lengths = {}
        for role, other in (("target", "reference"), ("reference", "target")):
            panel = screen(app).query_one(f"#{role}", AnswerPanel)
            tiles = [tile for tile in panel.query(Tile) if tile.display]
            for tile, neighbour in zip(tiles, getattr(sample, role).neighbours, strict=False):
                assert str(tile.caption.content).endswith("both") == (neighbour.image_id in ids[other])
            for line in str(panel._votes.content).splitlines()[1:]:
                lengths[role, int(line.split()[-1])] = line.count("▇")
        scale = {
            number: {bar for (_, counted), bar in lengths.items() if counted == number} for _, number in lengths
        }
        assert all(len(bars) == 1 for bars in scale.values()), "as many votes, as long a bar"

    run(app_on(view), act, size=(200, 60))


def test_the_index_answers_for_the_whole_image(view: BrowseView) -> None:
    def ask_index(*_asked: object) -> pl.DataFrame:
        return pl.DataFrame(
            [(encoder, rank, 60 + rank, "", "", rank / 8) for encoder in "AB" for rank in (1, 2, 3)],
            schema=["encoder", "rank", "image_id", "path", "label_name", "distance"],
            orient="row",
        )

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        before = screen(app).sample
        await pilot.press("w")
        await until(pilot, lambda: screen(app).sample != before)
        sample = screen(app).sample
        assert sample is not None
        assert [n.image_id for n in sample.target.neighbours] == [61, 62, 63]
        assert "whole image" in str(screen(app).query_one("#target", AnswerPanel)._heading.content)
        await pilot.press("escape")
        assert screen(app).sample == before

    run(app_on(view, query=ask_index), act)


def test_while_the_index_is_made_the_screen_says_so_and_escape_gives_it_up(view: BrowseView) -> None:
    stopped = threading.Event()

    def slow(_view: BrowseView, _path: Path, _crop: object, progress: Progress, stop: Stop) -> pl.DataFrame:
        while not stop():
            progress(Step("index A-000800", 1200, 4000))
            stopped.wait(0.01)
        stopped.set()
        raise StoppedError

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("w")
        await until(pilot, lambda: app.desk.busy == "making index A-000800, once: 1,200/4,000")
        await pilot.press("escape")
        await until(pilot, stopped.is_set)
        await pilot.pause()
        assert app.desk.busy == ""

    run(app_on(view, query=slow), act, size=(120, 40))
