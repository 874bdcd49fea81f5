"""Writes a picture of the browse screen: `python docs/browse_picture.py AUDIT docs/browse.svg`."""

import argparse
import asyncio
from pathlib import Path

from dejavu_tui.app.application import make_app
from dejavu_tui.app.widgets.picture import Picture
from dejavu_tui.workflows.browse import open_view
from dejavu_tui.workspace import Audit, find_audit

SIZE = (120, 40)


async def picture(audit: Audit, *, size: tuple[int, int], keys: list[str]) -> str:
    """Return the screen on `audit` as SVG, after `keys` were pressed and when all pictures are there."""
    app = make_app(audit, open_view(audit))
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause(0.5)
        while any(shown.waiting for shown in app.screen.query(Picture)):
            await pilot.pause(0.1)
        return app.export_screenshot(title="dejavu-tui browse")


def main() -> None:
    """Read the command line and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("audit", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, metavar=("COLUMNS", "ROWS"))
    parser.add_argument("--keys", nargs="*", default=[], help="keys to press first, such as down or right")
    typed = parser.parse_args()
    drawn = asyncio.run(picture(find_audit(typed.audit), size=(typed.size[0], typed.size[1]), keys=typed.keys))
    typed.out.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
