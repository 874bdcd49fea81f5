"""Writes the pictures of the screens: `python docs/screen_pictures.py AUDIT docs --run RUN`."""

import argparse
import asyncio
from pathlib import Path

from dejavu_tui.app.application import DejavuApp, make_app
from dejavu_tui.app.registry import tab_screens
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit, find_audit

SIZE = (120, 40)
KEYS = {"map": ["a"], "query": ["enter"]}
"""Keys that are pressed first, by screen."""
_CALM = 1.0
"""Seconds without work before a screen is taken to be drawn."""


async def picture(audit: Audit, *, run: str | None, screen: str, size: tuple[int, int], keys: list[str]) -> str:
    """Return a screen on `audit` as SVG, after `keys` were pressed and when all that threads bring is there."""
    app = make_app(audit, open_view(audit, run=run), start=screen)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(_CALM)
        await pilot.press(*keys)
        await pilot.pause(_CALM)
        while _at_work(app):
            await pilot.pause(0.1)
        await pilot.pause(_CALM)
        return app.export_screenshot(title=f"dejavu-tui browse --screen {screen}")


def _at_work(app: DejavuApp) -> bool:
    waiting = any(shown.waiting for shown in app.screen.query(Picture))
    return waiting or any(worker.group != "following" and worker.is_running for worker in app.workers)


def main() -> None:
    """Read the command line and write the pictures."""
    names = [screen.NAME for screen in tab_screens()]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("audit", type=Path)
    parser.add_argument("folder", type=Path, help="each picture is written there as SCREEN.svg")
    parser.add_argument("--run")
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, metavar=("COLUMNS", "ROWS"))
    parser.add_argument("--screen", choices=names, help="only this one")
    typed = parser.parse_args()
    audit = find_audit(typed.audit)
    for name in [typed.screen] if typed.screen else names:
        size = (typed.size[0], typed.size[1])
        drawn = asyncio.run(picture(audit, run=typed.run, screen=name, size=size, keys=KEYS.get(name, [])))
        (typed.folder / f"{name}.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
