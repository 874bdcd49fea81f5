from hypothesis import given
from hypothesis import strategies as st

from dejavu_tui.seeds import child_seed, generator


@given(st.integers(0, 2**31), st.text(max_size=5), st.text(max_size=5))
def test_streams_depend_on_seed_and_name_alone(seed: int, name: str, other: str) -> None:
    assert generator(seed, name).integers(2**60) == generator(seed, name).integers(2**60)
    assert child_seed(seed, name) != child_seed(seed + 1, name)
    if name != other:
        assert child_seed(seed, name) != child_seed(seed, other)
    assert 0 <= child_seed(seed, name) < 2**63


def test_a_stream_is_the_same_everywhere() -> None:
    assert child_seed(7, "split", "tench", 3) == 3309060781044742619
    assert generator(7, "bootstrap").integers(1000, size=3).tolist() == [80, 870, 828]
