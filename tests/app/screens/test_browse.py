"""Browse as it opens, and how images are gone through, marked, taken and left."""

from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input, Static

from dejavu_tui.app.application import DejavuApp
from dejavu_tui.app.widgets.answers import AnswerPanel, Tile
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.app.widgets.table import SampleTable
from dejavu_tui.workflows.browse import BrowseView, open_view
from dejavu_tui.workspace import Audit
from tests.app.fakes import app_on
from tests.app.reading import text
from tests.app.screens.on_browse import listed, opening, run
from tests.app.waiting import pictures, screen, until


def test_opens_on_the_memorized_with_picture_answers_and_count(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        expected = view.samples[opening(view)]
        assert listed(app) == expected["image_id"].to_list()
        assert sample.image_id == expected["image_id"][0]
        assert f"{expected.height} of {view.samples.height}" in text(screen(app), ".count")
        assert isinstance(screen(app).query_one("#picture", Picture).shown, Image.Image)
        for role in ("target", "reference"):
            panel = screen(app).query_one(f"#{role}", AnswerPanel)
            answer = getattr(sample, role)
            assert f"{role} SSL_{answer.trained_on}" in str(panel._heading.content)
            assert str(answer.guess) in str(panel._heading.content)
            tiles = [tile for tile in panel.query(Tile) if tile.display]
            assert len(tiles) == panel.arrangement.tiles >= 2
            for tile, neighbour in zip(tiles, answer.neighbours, strict=False):
                caption = str(tile.caption.content)
                assert caption.startswith("✓ ") == neighbour.match
                assert f"{neighbour.distance:.3f}" in caption
                assert isinstance(tile.picture.shown, Image.Image)

    run(app_on(view), act)


def test_the_cursor_stays_on_its_image_when_the_list_changes(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("down", "j", "j", "k")
        image_id = screen(app).desk.image_id
        assert image_id == listed(app)[2]
        for key in ("a", "r", "1"):
            await pilot.press(key)
            assert screen(app).desk.image_id == image_id
        await pictures(pilot)
        sample = screen(app).sample
        assert sample is not None
        assert sample.image_id == image_id

    run(app_on(view), act)


def test_a_click_on_a_row_looks_at_it(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.click(SampleTable, offset=(20, 3))
        await pictures(pilot)
        assert screen(app).desk.image_id == listed(app)[2]

    run(app_on(view), act)


def test_jump_goes_through_filters_and_refuses_what_is_not_there(view: BrowseView) -> None:
    hidden = int(view.samples.filter(kind="unassociated")["image_id"][0])

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("g", *"99999", "enter")
        await pilot.pause()
        assert "Image 99999 is not attacked" in str(app.screen.query_one(".complaint", Static).content)
        assert app.screen.query_one(Input).value == "99999"
        await pilot.press("escape", "g", *"no", "enter")
        assert "is a number" in str(app.screen.query_one(".complaint", Static).content)
        await pilot.press("escape", "g", *str(hidden), "enter")
        await until(pilot, lambda: app.screen is screen(app))
        assert screen(app).desk.image_id == hidden

    run(app_on(view), act)


def test_marks_are_counted_shown_and_returned_in_order(view: BrowseView) -> None:
    app = app_on(view)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("space", "space", "space", "up", "space")
        first, second, _ = listed(app)[:3]
        assert list(screen(app).desk.selected) == [first, second]
        assert "2 selected" in text(screen(app), ".count")
        table = screen(app).query_one(SampleTable)
        assert table.get_row_at(0)[0].plain == f"●  {first}"
        assert table.get_row_at(2)[0].plain == f"   {listed(app)[2]}"
        await pilot.press("q")

    run(app, act)
    assert app.return_value == tuple(view.samples["image_id"].to_numpy()[opening(view)][:2].tolist())
    assert app.return_code == 0


def test_enter_picks_the_image_under_the_cursor_and_leaves_only_if_asked(view: BrowseView) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], _app: DejavuApp) -> None:
        await pilot.press("down", "enter")
        await pilot.pause()

    plain, picking = app_on(view), app_on(view, pick=True)
    run(plain, act)
    assert plain.return_value is None
    run(picking, act)
    assert picking.return_value == (int(view.samples["image_id"][int(opening(view)[1])]),)


def test_enter_leads_to_compare_with_the_image(planted: Audit) -> None:
    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press("a", "down", "down")
        image_id = app.desk.image_id
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "compare")
        assert app.desk.image_id == image_id
        await pilot.press("B")
        await until(pilot, lambda: app.current_mode == "browse")
        assert screen(app).query_one(SampleTable).cursor_row == 2
        await pilot.click(SampleTable, offset=(20, 2), times=2)
        await until(pilot, lambda: app.current_mode == "compare")
        assert app.desk.image_id == int(app.desk.listed[1])

    run(app_on(open_view(planted), audit=planted), act)


def test_escape_never_leaves_and_control_c_leaves_with_130(view: BrowseView) -> None:
    app = app_on(view)

    async def act(pilot: Pilot[tuple[int, ...]], app: DejavuApp) -> None:
        await pilot.press(*["escape"] * 5)
        await pilot.pause()
        assert app.is_running
        assert app.return_code is None
        await pilot.press("ctrl+c")

    run(app, act)
    assert app.return_code == 130
