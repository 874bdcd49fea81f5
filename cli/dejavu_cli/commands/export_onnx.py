"""`dejavu export-onnx`: encoders as ONNX files with cards, those of a run or one from elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dejavu_cli.numbers import epoch_number
from dejavu_cli.options import AuditFolder, Precision, TrainedOn
from dejavu_export.formats import format_names

if TYPE_CHECKING:
    from dejavu_export.foreign.asked import Asked, Colour

_ELSEWHERE = "From elsewhere"


def export_onnx(
    audit: AuditFolder = None,
    run: Annotated[str | None, typer.Option(metavar="R", help="Which run. Default: the one trained last.")] = None,
    epoch: Annotated[
        str | None,
        typer.Option(
            metavar="N|all", help="Which snapshot. Default: the last. With --checkpoint: the epoch it is of."
        ),
    ] = None,
    precision: Annotated[
        Precision, typer.Option(help="int8: an approximation for screening, if it agrees with fp32.")
    ] = Precision.FP32,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="F",
            help="A file, or the name of published weights that are on this machine (torchvision, timm).",
            rich_help_panel=_ELSEWHERE,
        ),
    ] = None,
    format: Annotated[  # noqa: A002  it is the option's name
        str | None, typer.Option(metavar="F", help=f"{', '.join(format_names())}.", rich_help_panel=_ELSEWHERE)
    ] = None,
    arch: Annotated[
        str | None,
        typer.Option(metavar="N", help="Its network, such as resnet50.", rich_help_panel=_ELSEWHERE),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="F.onnx", help="Where to write.", rich_help_panel=_ELSEWHERE)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there already.", rich_help_panel=_ELSEWHERE)
    ] = False,
    trained_on: Annotated[TrainedOn | None, typer.Option(help="For the card.", rich_help_panel=_ELSEWHERE)] = None,
    train_size: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Images it was trained on, for the card.", rich_help_panel=_ELSEWHERE
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="M", help="Its method, for the card.", rich_help_panel=_ELSEWHERE)
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=4096, help="Pixels of a side of its input.", rich_help_panel=_ELSEWHERE
        ),
    ] = None,
    mean: Annotated[
        str | None,
        typer.Option(metavar="R,G,B", help="What is subtracted from pixels in 0..1.", rich_help_panel=_ELSEWHERE),
    ] = None,
    std: Annotated[
        str | None,
        typer.Option(metavar="R,G,B", help="What the difference is divided by.", rich_help_panel=_ELSEWHERE),
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER=OUTPUT",
            help="Which output of an ONNX file is which layer; may be repeated.",
            rich_help_panel=_ELSEWHERE,
        ),
    ] = None,
) -> None:
    """Export both encoders to ONNX, only if torch and onnxruntime agree; prints the files' paths.

    With --checkpoint instead one encoder that was trained elsewhere, for `dejavu import`; docs/elsewhere.md.
    """
    elsewhere = {
        "--checkpoint": checkpoint,
        "--format": format,
        "--arch": arch,
        "--out": out,
        "--force": force,
        "--trained-on": trained_on,
        "--train-size": train_size,
        "--method": method,
        "--size": size,
        "--mean": mean,
        "--std": std,
        "--layer": layer,
    }
    typed = [option for option, value in elsewhere.items() if value]
    if not typed:
        _of_run(audit, run, epoch, precision)
        return
    if precision is not Precision.FP32:
        raise typer.BadParameter(f"does not go with {typed[0]}", param_hint="--precision")
    for option, value in (("AUDIT", audit), ("--run", run)):
        if value is not None:
            raise typer.BadParameter(f"does not go with {typed[0]}", param_hint=option)
    if checkpoint is None or format is None or out is None:
        missing = next(option for option in ("--checkpoint", "--format", "--out") if option not in typed)
        raise typer.BadParameter(f"is needed with {typed[0]}", param_hint=missing)
    from dejavu_export.foreign.asked import Asked

    asked = Asked(
        arch=arch,
        method=method,
        epoch=None if epoch is None else epoch_number(epoch),
        trained_on=None if trained_on is None else trained_on.value,
        train_size=train_size,
        size=size,
        mean=_colour(mean, "--mean"),
        std=_colour(std, "--std"),
        layers=dict(_layer(text) for text in layer or ()),
    )
    _of_checkpoint(checkpoint, format, asked, out, force=force)


def _of_run(audit: Path | None, run: str | None, epoch: str | None, precision: Precision) -> None:
    from dejavu_cli.diagnostics import graceful
    from dejavu_cli.output import talk
    from dejavu_tui.workflows.export import export_encoders
    from dejavu_tui.workflows.int8 import export_int8
    from dejavu_tui.workflows.runs import choose_epochs, choose_run
    from dejavu_tui.workspace import find_audit

    found = find_audit(audit)
    chosen = choose_run(found, run)
    sweep = epoch == "all"
    epochs = choose_epochs(chosen, epoch=None if epoch is None or sweep else epoch_number(epoch), sweep=sweep)
    with graceful() as stop, talk() as progress:
        files = export_encoders(found, chosen.name, epochs, progress=progress, stop=stop)
        if precision is Precision.INT8:
            files = export_int8(found, chosen.name, epochs, progress=progress, stop=stop)
    for file in files if precision is Precision.INT8 else ():
        _tell_agreement(file)
    _print_paths(*files)


def _tell_agreement(file: Path) -> None:
    """Say how an int8 encoder agrees with the float32 one."""
    from dejavu_cli.output import note
    from dejavu_tui.embeddings.card import read_card

    told = read_card(file).agreement or {}
    note(
        f"{file.parent.name}, as with fp32: {told['neighbours']:.1%} of the neighbours,"
        f" {told['guesses']:.1%} of the guesses ({told['guesses_top20']:.1%} of the most confident 20%);"
        f" score at 20% {told['score_int8']:.3f}, with fp32 {told['score_fp32']:.3f}"
        f" [{told['ci_low']:.3f}, {told['ci_high']:.3f}];"
        f" on {told['public']:.0f} images of X and {told['crops']:.0f} crops"
    )


def _of_checkpoint(checkpoint: str, kind: str, asked: "Asked", out: Path, *, force: bool) -> None:
    from dejavu_cli.output import note
    from dejavu_export.elsewhere import export_checkpoint

    card, left_out = export_checkpoint(checkpoint, format=kind, asked=asked, out=out, force=force)
    note("layers " + ", ".join(f"{layer} {card.dims[layer]}" for layer in card.layers))
    note(f"pixels: size {card.input_size}, mean {_numbers(card.mean)}, std {_numbers(card.std)}")
    note(f"epoch {'not known' if card.epoch is None else card.epoch}, method {card.method or 'not known'}")
    if left_out:
        note(f"left out, as no part of the encoder: {', '.join(left_out)}")
    if card.parity:
        note(f"torch and onnxruntime differ by at most {max(card.parity.values()):.1e}")
    _print_paths(out)


def _print_paths(*files: Path) -> None:
    from dejavu_cli.output import write_stdout

    write_stdout("".join(f"{file}\n" for file in files).encode("utf-8", "surrogateescape"))


def _numbers(colour: "Colour") -> str:
    return ",".join(f"{value:g}" for value in colour)


def _colour(text: str | None, option: str) -> "Colour | None":
    if text is None:
        return None
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter("write three numbers, such as 0.485,0.456,0.406", param_hint=option) from None
    if not all(abs(value) < 1e3 for value in (red, green, blue)) or (
        option == "--std" and min(red, green, blue) <= 0
    ):
        raise typer.BadParameter("for pixels in 0..1; std above 0", param_hint=option)
    return red, green, blue


def _layer(text: str) -> tuple[str, str]:
    layer, equals, output = text.partition("=")
    if not equals:
        raise typer.BadParameter("write LAYER=OUTPUT, such as projector=embedding", param_hint="--layer")
    return layer, output
