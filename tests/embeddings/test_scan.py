from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from dejavu_tui.embeddings.scan import scan
from dejavu_tui.errors import ArtefactError
from tests.data.planted import memory_graph


def outside(location: str) -> onnx.TensorProto:
    """Return a tensor whose numbers lie in the file `location`."""
    tensor = TensorProto(name="far", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def branch(tensor: onnx.TensorProto) -> onnx.NodeProto:
    """Return a node with `tensor` in a graph of its own."""
    inner = helper.make_graph([helper.make_node("Identity", ["far"], ["out"])], "inner", [], [], [tensor])
    return helper.make_node("If", ["condition"], ["out"], then_branch=inner, else_branch=inner)


def add_initializer(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(outside("../../etc/passwd"))


def add_location_only(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(TensorProto(name="far", data_location=TensorProto.EXTERNAL))


def add_in_attribute(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["far"], value=outside("/etc/passwd")))


def add_in_subgraph(model: onnx.ModelProto) -> None:
    model.graph.node.append(branch(outside("*/_ORT_MEM_ADDR_/*")))


def add_in_function(model: onnx.ModelProto) -> None:
    function = model.functions.add(name="f", domain="own")
    function.node.append(branch(outside("weights")))


def add_sparse(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add().values.CopyFrom(outside("weights"))


def add_operator(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("Evil", ["pixels"], ["out"], domain="com.example"))


def add_operator_in_subgraph(model: onnx.ModelProto) -> None:
    node = branch(TensorProto())
    node.attribute[0].g.node[0].domain = "com.example"
    model.graph.node.append(node)


def loop(kind: str) -> onnx.NodeProto:
    body = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "body", [], [])
    return helper.make_node(kind, ["trips", "condition"], ["out"], body=body)


def add_loop(model: onnx.ModelProto) -> None:
    model.graph.node.append(loop("Loop"))


def add_scan(model: onnx.ModelProto) -> None:
    model.graph.node.append(loop("Scan"))


def add_loop_by_its_other_name(model: onnx.ModelProto) -> None:
    node = loop("Loop")
    node.domain = "ai.onnx"
    model.graph.node.append(node)


def add_loop_in_subgraph(model: onnx.ModelProto) -> None:
    node = branch(TensorProto())
    node.attribute[0].g.node.append(loop("Loop"))
    model.graph.node.append(node)


def add_loop_in_function(model: onnx.ModelProto) -> None:
    model.functions.add(name="f", domain="own").node.append(loop("Scan"))


@pytest.mark.parametrize(
    "spoil", [add_loop, add_scan, add_loop_by_its_other_name, add_loop_in_subgraph, add_loop_in_function]
)
def test_loops_are_refused_wherever_they_hide(tmp_path: Path, spoil: Callable[[onnx.ModelProto], None]) -> None:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    spoil(model)
    path = tmp_path / "encoder.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ArtefactError, match="has a loop, which may never end; export it again"):
        scan(path)


@pytest.mark.parametrize(
    "spoil",
    [
        add_initializer,
        add_location_only,
        add_in_attribute,
        add_in_subgraph,
        add_in_function,
        add_sparse,
        add_operator,
        add_operator_in_subgraph,
    ],
)
def test_foreign_data_and_operators_are_refused_wherever_they_hide(
    tmp_path: Path, spoil: Callable[[onnx.ModelProto], None]
) -> None:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    path = tmp_path / "encoder.onnx"
    path.write_bytes(model.SerializeToString())
    scan(path)
    spoil(model)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ArtefactError, match=r"another file|operator"):
        scan(path)


def test_a_function_of_the_model_itself_may_be_called(tmp_path: Path) -> None:
    model = memory_graph(np.zeros((1, 3)), np.ones((1, 3)))
    model.functions.add(name="f", domain="own").node.append(helper.make_node("Relu", ["x"], ["y"]))
    model.graph.node.append(helper.make_node("f", ["pixels"], ["out"], domain="own"))
    path = tmp_path / "encoder.onnx"
    path.write_bytes(model.SerializeToString())
    scan(path)


def test_what_is_no_onnx_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ArtefactError, match="not an ONNX file"):
        scan(path)
    (tmp_path / "link.onnx").symlink_to(path)
    with pytest.raises(ArtefactError, match="regular"):
        scan(tmp_path / "link.onnx")
