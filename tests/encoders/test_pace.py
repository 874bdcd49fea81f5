import pytest

from dejavu_tui.encoders import pace
from dejavu_tui.encoders.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    return made


def test_saving_is_due_every_five_seconds_or_ten_times_what_it_takes(clock: Clock) -> None:
    timer = Pace(first=0, steps=100, images_per_step=10)
    clock.now += 4
    assert not timer.save_is_due()
    clock.now += 2
    assert timer.save_is_due()
    with timer.saving():
        clock.now += 3
    clock.now += 29
    assert not timer.save_is_due()
    clock.now += 2
    assert timer.save_is_due()


def test_reports_come_twice_a_second_and_at_the_end(clock: Clock) -> None:
    timer = Pace(first=0, steps=100, images_per_step=10)
    assert timer.report_is_due(1)
    assert not timer.report_is_due(2)
    clock.now += 0.6
    assert timer.report_is_due(3)
    assert timer.report_is_due(100)


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        (70, "50 images/s, 10 s left"),
        (450, "50 images/s, 1 min 26 s left"),
        (38_020, "50 images/s, 2 h 06 min left"),
    ],
)
def test_speed_and_time_left_count_from_the_resumed_step(clock: Clock, steps: int, text: str) -> None:
    timer = Pace(first=15, steps=steps, images_per_step=10)
    clock.now += 1
    assert timer.describe(20) == text
