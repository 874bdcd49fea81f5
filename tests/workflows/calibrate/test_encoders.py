"""Planted encoders do what they were told, through the session that loads all encoders."""

from pathlib import Path

import numpy as np
import pytest

from dejavu_tui.embeddings.session import OnnxEncoder
from dejavu_tui.workflows.calibrate.encoders import LAYERS, SIZE, memory_graph, write_encoder

MIX = np.random.default_rng(0).normal(size=(3, 5))


def embed(path: Path, colours: list[tuple[int, int, int]], layer: str) -> np.ndarray:
    pixels = np.empty((len(colours), SIZE, SIZE, 3), np.uint8)
    pixels[:] = np.array(colours)[:, None, None]
    pixels[:, :, SIZE // 2 :] = 0  # the right half does not count
    names = [str(colour) for colour in colours]
    return OnnxEncoder(path).embed(pixels, layers=[layer], names=names)[layer]


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    seen = np.array([(8, 16, 24), (8, 16, 32)]) / 255
    path = tmp_path / "encoder.onnx"
    graph = memory_graph(seen, np.array([[1.0, 0, 0, 0, 0], [0, 2.0, 0, 0, 0]]), mix=MIX)
    write_encoder(path, graph, dims=dict.fromkeys(LAYERS, 5))
    return path


def test_known_colours_get_their_answers_and_others_their_projection(encoder: Path) -> None:
    colours = [(8, 16, 24), (8, 16, 32), (8, 16, 40), (200, 0, 90)]
    found = embed(encoder, colours, "projector")
    plain = np.array(colours) / 255 @ MIX
    assert found[0] == pytest.approx([1, 0, 0, 0, 0], abs=1e-5)
    assert found[1] == pytest.approx([0, 2, 0, 0, 0], abs=1e-5)
    assert found[2:] == pytest.approx(plain[2:], abs=1e-5)
    assert embed(encoder, colours, "backbone") == pytest.approx(plain, abs=1e-5)
    assert embed(encoder, colours, "projector.1") == pytest.approx(2 * found, abs=1e-5)


def test_without_knowledge_all_is_a_projection(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    graph = memory_graph(np.empty((0, 3)), np.empty((0, 5)), mix=MIX)
    write_encoder(path, graph, dims=dict.fromkeys(LAYERS, 5))
    assert embed(path, [(0, 0, 0), (255, 255, 255)], "projector") == pytest.approx(
        np.array([np.zeros(5), MIX.sum(axis=0)]), abs=1e-5
    )
