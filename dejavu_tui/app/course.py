"""One image along a line of snapshots, layers or runs: what each point says, and what became of it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dejavu_tui.records import Kind
from dejavu_tui.workflows.trace import Absent, Over, Point, Trace

Role = Literal["target", "reference"]
ROLES: tuple[Role, Role] = ("target", "reference")


@dataclass(frozen=True)
class Station:
    """A point of the line. `row`: what TRACE has of it; None: nothing is stored, as `absent` tells."""

    point: Point
    row: Mapping[str, Any] | None
    absent: Absent | None = None

    @property
    def kind(self) -> Kind | None:
        """Of the image at this point, if that is stored."""
        kind: Kind | None = None if self.row is None else self.row["kind"]
        return kind

    def name(self, over: Over) -> str:
        """Return what tells the point from the others of its line; it comes out of files."""
        return {"epochs": str(self.point.epoch), "layers": self.point.layer, "runs": self.point.run}[over]


@dataclass(frozen=True)
class Course:
    """All stations of an image over epochs, layers or runs, in order; `found` is what they are made of."""

    found: Trace
    stations: tuple[Station, ...]

    @property
    def over(self) -> Over:
        """What changes from station to station."""
        return self.found.over

    def place(self, point: Point | None) -> int | None:
        """Return where `point` stands."""
        points = [station.point for station in self.stations]
        return points.index(point) if point in points else None

    def new(self, place: int, role: Role) -> frozenset[int]:
        """Return the neighbours at station `place` that the stored one before it does not have; first: none."""
        now = self.stations[place].row
        before = self.before(place)
        if now is None or before is None or before.row is None:
            return frozenset()
        return frozenset(now[f"{role}_neighbours"]) - frozenset(before.row[f"{role}_neighbours"])

    def before(self, place: int) -> Station | None:
        """Return the last station before `place` that is stored."""
        return next((one for one in reversed(self.stations[:place]) if one.row is not None), None)


def course(found: Trace, *, order: Sequence[str]) -> Course:
    """Return all points of `found` in order: of epochs their own, else that of the names `order`."""
    stations = [
        Station(Point(row["run"], row["epoch"], row["layer"]), row) for row in found.table.iter_rows(named=True)
    ]
    stations += [Station(absent.point, None, absent) for absent in found.missing]
    ranks = {name: place for place, name in enumerate(order)}

    def rank(station: Station) -> int:
        return station.point.epoch if found.over == "epochs" else ranks[station.name(found.over)]

    return Course(found, tuple(sorted(stations, key=rank)))


def story(line: Course) -> str:
    """Return in a sentence where the image is memorized; what is not stored is not guessed at.

    Names in it come out of files.
    """
    told = [station for station in line.stations if station.row is not None]
    if not told:
        return "Nothing of this line is stored yet."
    memorized = [station for station in told if station.kind == "memorized"]
    among = f"of {len(told)} stored {line.over}"
    if not memorized:
        last = told[-1]
        alone = f"memorized at none {among}"
        return f"{alone}; {last.kind} at the last, {last.name('epochs')}" if line.over == "epochs" else alone
    if line.over != "epochs":
        if len(memorized) == len(told):
            return f"memorized at all {len(told)} stored {line.over}"
        return f"memorized at {len(memorized)} {among}: {', '.join(one.name(line.over) for one in memorized)}"
    since = _since(told)
    if since is None:
        epochs = ", ".join(one.name("epochs") for one in memorized)
        return f"memorized at epoch {epochs}, no longer at {told[-1].name('epochs')}: there {told[-1].kind}"
    return _began(line, since)


def lacking(station: Station, line: Course) -> str | None:
    """Return why nothing of a station is stored, and the key that makes it; None: it is. Names out of files."""
    if station.absent is None:
        return None
    key = "; b makes it" if station.absent.command else ""
    return f"{line.over.removesuffix('s')} {station.name(line.over)}: {station.absent.why}{key}"


def _since(told: Sequence[Station]) -> Station | None:
    """Return the first of those last stations at all of which the image is memorized."""
    since = None
    for station in reversed(told):
        if station.kind != "memorized":
            break
        since = station
    return since


def _began(line: Course, since: Station) -> str:
    place = line.stations.index(since)
    sentence = f"memorized since epoch {since.point.epoch}"
    if place and line.stations[place - 1].row is None:
        return f"{sentence} or earlier: epoch {line.stations[place - 1].point.epoch} is not stored"
    earlier = [one for one in line.stations[:place] if one.kind == "memorized"]
    if earlier:
        return f"{sentence}, and before at {', '.join(one.name('epochs') for one in earlier)}"
    return sentence if place else f"{sentence}, the first snapshot"
