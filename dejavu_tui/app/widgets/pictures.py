"""Which widget shows pictures in which mode."""

from dejavu_tui.app.widgets.picture import HalfCellPicture, Mode, Picture


def picture_class(mode: Mode) -> type[Picture]:
    """Return the widget for pictures of `mode`; what a mode needs is loaded with it."""
    if mode == "half":
        return HalfCellPicture
    if mode == "none":
        return Picture
    if mode == "kitty":
        from dejavu_tui.app.widgets.kitty import KittyPicture

        return KittyPicture
    from dejavu_tui.app.widgets.sixel import SixelPicture

    return SixelPicture
