import pytest

from dejavu_tui.errors import RequestError
from dejavu_tui.workflows.search import EXACT_LIMIT, choose_search


def test_auto_is_exact_up_to_a_constant() -> None:
    dim = EXACT_LIMIT // (10_000 * 1_000_000)
    assert choose_search("auto", queries=10_000, public=1_000_000, dim=dim) == "exact"
    assert choose_search("auto", queries=10_000, public=1_000_000, dim=dim + 1) == "hnsw"


def test_what_is_typed_is_taken() -> None:
    assert choose_search("exact", queries=10**9, public=10**9, dim=10**9) == "exact"
    assert choose_search("hnsw", queries=1, public=1, dim=1) == "hnsw"
    with pytest.raises(RequestError, match="did you mean 'exact'"):
        choose_search("exakt", queries=1, public=1, dim=1)
