"""What the index of X finds near the whole of an image that is looked at."""

from collections.abc import Callable

import polars as pl

from dejavu_tui.app.desk import Desk
from dejavu_tui.app.errands import Errands
from dejavu_tui.app.samples import Sample, of_whole_image
from dejavu_tui.records import Step


class Wholes:
    """Asks in a thread; says in the line above what has to be made for it first. A new question ends the former."""

    def __init__(self, desk: Desk, errands: Errands, *, told: Callable[[], None]) -> None:
        """`told` is called when the line above is to be written anew."""
        self._desk = desk
        self._errands = errands
        self._told = told

    def ask(self, sample: Sample, *, then: Callable[[Sample], None], fail: Callable[[str], None]) -> None:
        """Call `then` with `sample` and the neighbours of its whole image, or `fail` with why there are none."""
        view, query = self._desk.view, self._desk.query

        def answered(found: pl.DataFrame) -> None:
            self.rest()
            then(of_whole_image(view, sample, found))

        def failed(why: str) -> None:
            self.rest()
            fail(why)

        def going(step: Step) -> None:
            self._busy(f"making {step.stage}, once: {step.done:,}{f'/{step.total:,}' if step.total else ''}")

        self._busy("asking the index")
        self._errands.start(
            "index",
            lambda progress, stop: query(view, view.source / sample.path, None, progress, stop),
            then=answered,
            fail=failed,
            step=going,
        )

    def rest(self) -> None:
        """Nothing is asked any more."""
        self._busy("")

    def _busy(self, text: str) -> None:
        if self._desk.busy != text:
            self._desk.busy = text
            self._told()
