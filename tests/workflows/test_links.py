from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.text import safe_text
from dejavu_tui.workflows.links import link_name


@given(st.integers(0, 10**9), st.text(max_size=300), st.text(max_size=300).map(lambda text: text.replace("/", "")))
def test_every_name_is_a_safe_file_name_that_begins_with_the_id(image_id: int, name: str, file: str) -> None:
    linked = link_name(image_id, name, f"folder/{file}")
    assert linked.startswith(f"{image_id}-")
    assert len(linked.encode()) <= 255
    assert all(ch.isalnum() or ch in "._-" for ch in linked)
    assert safe_text(linked) == linked


def test_a_name_is_changed_only_where_it_must_be() -> None:
    assert link_name(7, "black swan", "a/b c.v2.JPEG") == "7-black_swan-b_c.v2.JPEG"
    assert link_name(7, "../x", ".png") == "7-.._x-.png"
    assert link_name(7, "x" * 400, "f.png") == "7-" + "x" * 198 + ".png"
