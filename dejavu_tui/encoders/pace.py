"""The clock of a training: when to save, when to report, and how long it will take. It decides no number."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SAVE_SECONDS = 5.0
REPORT_SECONDS = 0.5
_SAVE_SHARE = 10


class Pace:
    """Seconds since the training began or was resumed at step `first` of `steps`."""

    def __init__(self, *, first: int, steps: int, images_per_step: float) -> None:
        self._first, self._steps, self._images_per_step = first, steps, images_per_step
        self._began = self._saved = time.monotonic()
        self._reported = float("-inf")
        self._saving_took = 0.0

    def save_is_due(self) -> bool:
        """Tell whether so much work is unsaved that a kill should not lose it: SAVE_SECONDS, or ten times what
        saving takes.
        """
        return time.monotonic() - self._saved > max(SAVE_SECONDS, _SAVE_SHARE * self._saving_took)

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Note that the block saves the training's state."""
        began = time.monotonic()
        yield
        self._saved = time.monotonic()
        self._saving_took = self._saved - began

    def report_is_due(self, step: int) -> bool:
        """Tell whether to report after `step` steps: every REPORT_SECONDS, and at the end."""
        now = time.monotonic()
        if step < self._steps and now - self._reported < REPORT_SECONDS:
            return False
        self._reported = now
        return True

    def describe(self, step: int) -> str:
        """Return images per second and the time left after `step` steps, for people."""
        seconds = max(time.monotonic() - self._began, 1e-9)
        done = step - self._first
        left = (self._steps - step) * seconds / max(done, 1)
        return f"{done * self._images_per_step / seconds:,.0f} images/s, {_duration(left)} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
