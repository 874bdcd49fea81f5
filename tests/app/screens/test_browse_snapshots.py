"""Browse at another epoch: opened aside, given up, refused, and what becomes of the image looked at."""

import threading
from pathlib import Path

from textual.pilot import Pilot

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.desk import Snapshot
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.errors import ArtefactError
from dejavu_tui.records import Progress, Step, Stop
from dejavu_tui.workflows.browse import BrowseView
from tests.app.fakes import app_on, fake_view
from tests.app.reading import notices, text
from tests.app.screens.on_browse import run
from tests.app.waiting import screen, until


def test_another_epoch_comes_by_one_key_and_keeps_the_image(view: BrowseView, folder: Path) -> None:
    opened = []

    def open_view(at: Snapshot, progress: Progress, _stop: Stop) -> BrowseView:
        epoch = at.epoch or 0
        progress(Step("embed", 3, 10))
        opened.append(epoch)
        return fake_view(folder, epoch=epoch, draw=False)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a", "down", "down")
        image_id = screen(app).desk.image_id
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 400)
        assert screen(app).desk.image_id == image_id
        assert "epoch 400" in text(screen(app), "#place")
        await pilot.press("full_stop")
        await until(pilot, lambda: screen(app).desk.view.epoch == 800)
        await pilot.press("full_stop")
        assert "last snapshot" in notices(app)[-1]
        assert opened == [400, 800]

    run(app_on(view, open_view=open_view), act)


def test_an_image_not_listed_at_another_epoch_is_told_and_found_again(view: BrowseView, folder: Path) -> None:
    other = fake_view(folder, epoch=400, draw=False)
    gone = next(
        image_id
        for image_id, kind in view.samples.select("image_id", "kind").iter_rows()
        if kind == "memorized" and other.samples.filter(image_id=image_id)["kind"][0] != "memorized"
    )
    kind = other.samples.filter(image_id=gone)["kind"][0]

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        app.desk.image_id = gone
        app.changed()
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 400)
        assert notices(app) == [f"Image {gone} is {kind} at epoch 400; a lists all kinds."]
        assert screen(app).desk.image_id != gone
        await pilot.press("full_stop")
        await until(pilot, lambda: screen(app).desk.view.epoch == 800)
        assert screen(app).desk.image_id == gone
        assert notices(app) == [], "the key took it away, and going back tells nothing"
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 400)
        await pilot.press("down")
        moved_to = screen(app).desk.image_id
        await pilot.press("a", "full_stop")
        await until(pilot, lambda: screen(app).desk.view.epoch == 800)
        assert screen(app).desk.image_id == moved_to, "after a move the former image is of no interest"

    run(app_on(view, open_view=lambda at, _p, _s: {400: other, 800: view}[at.epoch]), act)


def test_pressing_on_gives_up_the_epoch_being_opened(view: BrowseView, folder: Path) -> None:
    stopped = threading.Event()

    def open_view(at: Snapshot, progress: Progress, stop: Stop) -> BrowseView:
        epoch = at.epoch or 0
        if epoch == 400:
            while not stop():
                progress(Step("embed", 1, 10))
                stopped.wait(0.01)
            stopped.set()
        return fake_view(folder, epoch=epoch, draw=False)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("comma")
        await until(pilot, lambda: "epoch 400: embed 1/10" in text(screen(app), "#place"))
        await pilot.press("down")
        assert screen(app).query_one(SampleTable).cursor_row == 1
        await pilot.press("comma")
        await until(pilot, lambda: screen(app).desk.view.epoch == 100)
        assert stopped.is_set()
        assert "embed" not in text(screen(app), "#place")

    run(app_on(view, open_view=open_view), act)


def test_an_epoch_that_cannot_be_opened_is_told_and_the_screen_stays(view: BrowseView) -> None:
    def open_view(_at: Snapshot, _progress: Progress, _stop: Stop) -> BrowseView:
        raise ArtefactError("is damaged [/red]", where="\x1b[2J", fix="remove it")

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("comma")
        await until(pilot, lambda: bool(notices(app)))
        assert notices(app) == ["\\x1b[2J: is damaged [/red]; remove it"]
        assert screen(app).desk.view.epoch == 800
        await pilot.pause()

    run(app_on(view, open_view=open_view), act)
