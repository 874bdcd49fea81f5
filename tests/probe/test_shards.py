import pytest
import torch

from dejavu_tui.probe.shards import sharded


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 1001])
def test_shards_are_all_rows_in_order(rows: int) -> None:
    with sharded() as shards:
        assert [row for shard in shards.over(rows, list) for row in shard] == list(range(rows))


def test_each_shard_computes_on_one_thread() -> None:
    with sharded() as shards:
        assert set(shards.over(16, lambda _: torch.get_num_threads())) == {1}


def test_threads_are_given_back_after_an_error() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(ZeroDivisionError), sharded() as shards:
            shards.over(8, lambda rows: 1 // rows.start)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
