from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from dejavu_export.elsewhere import export_checkpoint
from dejavu_export.foreign.asked import Asked
from dejavu_tui.errors import ArtefactError, DejavuError, RequestError
from tests.data.planted import SIZE, memory_graph

PIXELS: dict[str, Any] = {"mean": (0.1, 0.2, 0.3), "std": (0.5, 0.5, 0.5)}
TYPED = Asked(**PIXELS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.onnx"
    onnx.save_model(memory_graph(np.zeros((1, 3)), np.ones((1, 3))), path)
    return path


def run(path: Path, *names: str) -> list[Any]:
    images = np.random.default_rng(0).random((3, 3, SIZE, SIZE), np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(list(names), {"pixels": images})  # type: ignore[no-any-return]


def test_each_output_is_a_layer_and_the_size_is_read(file: Path, tmp_path: Path) -> None:
    asked = Asked(**PIXELS, method="byol", arch="own_net", epoch=7, trained_on="A", train_size=500)
    card, left_out = export_checkpoint(str(file), format="onnx", asked=asked, out=tmp_path / "A.onnx")
    assert card.dims == {"backbone": 3, "projector": 3, "projector.1": 3}
    assert (card.input_size, card.mean, card.opset, card.input_name) == (SIZE, (0.1, 0.2, 0.3), 20, "pixels")
    assert (card.method, card.architecture, card.epoch, card.train_size) == ("byol", "own_net", 7, 500)
    assert (card.trained_on, card.parity, left_out) == ("A", None, ())
    for mine, theirs in zip(run(tmp_path / "A.onnx", *card.layers), run(file, *card.layers), strict=True):
        assert np.array_equal(mine, theirs)


def test_outputs_get_the_names_of_layers(file: Path, tmp_path: Path) -> None:
    asked = Asked(**PIXELS, layers={"first": "backbone", "last": "projector"})
    card, _ = export_checkpoint(str(file), format="onnx", asked=asked, out=tmp_path / "A.onnx")
    assert card.layers == ("first", "last")
    for mine, theirs in zip(
        run(tmp_path / "A.onnx", "first", "last"), run(file, "backbone", "projector"), strict=True
    ):
        assert np.array_equal(mine, theirs)


def with_output(name: str) -> Any:
    def change(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node("Identity", ["projector"], [name]))
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]))

    return change


def with_maps(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Identity", ["pixels"], ["maps"]))
    model.graph.output.append(helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", 3, SIZE, SIZE]))


def with_free_size(model: onnx.ModelProto) -> None:
    for side in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        side.dim_param = "side"


def with_one_image(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def with_two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n"]))
    model.graph.node.append(helper.make_node("Identity", ["mask"], ["unused"]))


def with_sequence(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("SequenceConstruct", ["projector"], ["all"]))
    model.graph.output.append(helper.make_tensor_sequence_value_info("all", TensorProto.FLOAT, ["n", 3]))


def with_nothing(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.zeros((3, 0), np.float32), "none"))
    model.graph.node.append(helper.make_node("MatMul", ["projector", "none"], ["nothing"]))
    model.graph.output.append(helper.make_tensor_value_info("nothing", TensorProto.FLOAT, ["n", 0]))


def with_many_outputs(model: onnx.ModelProto) -> None:
    for place in range(65 - len(model.graph.output)):
        with_output(f"more{place}")(model)


def without_outputs(model: onnx.ModelProto) -> None:
    del model.graph.output[:]


def with_large_images(model: onnx.ModelProto) -> None:
    for side in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        side.dim_value = 5000


def with_far_weights(model: onnx.ModelProto) -> None:
    far = TensorProto(name="far", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    far.external_data.add(key="location", value="/etc/passwd")
    model.graph.initializer.append(far)


def unchanged(_: onnx.ModelProto) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "asked", "error", "match"),
    [
        (with_output("/head/Gemm"), TYPED, RequestError, "name layers: --layer projector=OUTPUT"),
        (
            unchanged,
            Asked(**PIXELS, layers={"x": "nothing"}),
            RequestError,
            "no output 'nothing'; there are: backbone",
        ),
        (unchanged, Asked(**PIXELS, layers={"../x": "projector"}), RequestError, "no layer can be called"),
        (
            unchanged,
            Asked(**PIXELS, layers={"left": "projector"}),
            RequestError,
            "something else of the name 'left'",
        ),
        (unchanged, Asked(mean=(0, 0, 0)), RequestError, "--std: is not known"),
        (with_free_size, TYPED, RequestError, "--size: is not known"),
        (with_maps, TYPED, ArtefactError, r"gives float32 \(2, 3, 32, 32\) at layer maps"),
        (with_one_image, TYPED, ArtefactError, "does not run on two images"),
        (unchanged, Asked(**PIXELS, size=64), ArtefactError, "does not run on two images of 64 pixels"),
        (unchanged, Asked(**PIXELS, arch="my net"), RequestError, "--arch: cannot be 'my net'"),
        (with_two_inputs, TYPED, ArtefactError, "needs one input, and has pixels, mask; export it as"),
        (with_sequence, TYPED, ArtefactError, "gives no tensor at layer all"),
        (with_nothing, TYPED, ArtefactError, r"gives float32 \(2, 0\) at layer nothing"),
        (with_many_outputs, TYPED, RequestError, "65 outputs are more than the 64 layers .* name fewer: --layer"),
        (without_outputs, TYPED, ArtefactError, "has no output"),
        (with_large_images, TYPED, ArtefactError, "takes images of 5000 pixels a side, more than 4,096"),
        (with_far_weights, TYPED, ArtefactError, "keeps weights in another file"),
    ],
)
def test_what_is_no_encoder_or_not_known_is_refused(
    file: Path, tmp_path: Path, change: Any, asked: Asked, error: type[DejavuError], match: str
) -> None:
    model = onnx.load_model(file)
    change(model)
    onnx.save_model(model, file)
    with pytest.raises(error, match=match):
        export_checkpoint(str(file), format="onnx", asked=asked, out=tmp_path / "A.onnx")
    assert list(tmp_path.iterdir()) == [file]


def test_no_torch_is_needed(file: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['torch'] = None; from pathlib import Path\n"
        "from dejavu_export.elsewhere import export_checkpoint; from dejavu_export.foreign.asked import Asked\n"
        "asked = Asked(mean=(0, 0, 0), std=(1, 1, 1))\n"
        "export_checkpoint(sys.argv[1], format='onnx', asked=asked, out=Path(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, "-c", code, file, tmp_path / "A.onnx"], check=True)
