import numpy as np
import pytest

from dejavu_tui.probe.standard import BLOCK, Standard


def test_blocks_are_standardised_on_the_training_set() -> None:
    features = (5 + 3 * np.random.default_rng(0).standard_normal((2 * BLOCK + 7, 4))).astype(np.float32)
    standard = Standard.of(features)
    rows = np.vstack([block.numpy() for _, block in standard.blocks(features, range(len(features)))])
    assert rows.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-9)
    assert rows.std(axis=0) == pytest.approx(np.ones(4))
    part = [block.numpy() for _, block in standard.blocks(features, range(10, BLOCK + 20))]
    assert np.array_equal(np.vstack(part), rows[10 : BLOCK + 20])


def test_a_constant_feature_is_0_whatever_it_is_later() -> None:
    standard = Standard.of(np.full((5, 1), 0.1, np.float32))
    ((_, block),) = standard.blocks(np.full((3, 1), 9, np.float32), range(3))
    assert not block.any()


def test_blocks_say_where_they_are() -> None:
    features = np.arange(BLOCK + 5, dtype=np.float32)[:, None]
    places = [place for place, _ in Standard.of(features).blocks(features, range(3, BLOCK + 5))]
    assert places == [slice(3, BLOCK + 3), slice(BLOCK + 3, BLOCK + 5)]
