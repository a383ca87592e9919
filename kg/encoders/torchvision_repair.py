"""Make ``import torchvision`` work beside a torch it was not compiled for.

Package mirrors often offer CPU builds of torch but only CUDA builds of torchvision. The compiled
half of torchvision then cannot be loaded; its Python half says so only to those who call a
compiled operator, but since 0.17 it also registers shape functions for these operators while it
is imported, and stops with ``operator torchvision::nms does not exist``. open_clip needs the
Python half alone (its image transforms).
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

#: The operators that torchvision declares in C++ and names in Python, as it declares them.
_ALIGN = "float spatial_scale, SymInt pooled_height, SymInt pooled_width"
_SIZES = "SymInt batch_size, SymInt channels, SymInt height, SymInt width"
_DEFORM = (
    "Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h,"
    " SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w,"
    " SymInt groups, SymInt offset_groups, bool use_mask"
)
SCHEMAS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "box_iou_rotated": "(Tensor boxes1, Tensor boxes2) -> Tensor",
    "roi_align": f"(Tensor input, Tensor rois, {_ALIGN}, int sampling_ratio, bool aligned)"
    " -> Tensor",
    "qroi_align": f"(Tensor input, Tensor rois, {_ALIGN}, int sampling_ratio, bool aligned)"
    " -> Tensor",
    "_roi_align_backward": f"(Tensor grad, Tensor rois, {_ALIGN}, {_SIZES}, int sampling_ratio,"
    " bool aligned) -> Tensor",
    "roi_pool": f"(Tensor input, Tensor rois, {_ALIGN}) -> (Tensor, Tensor)",
    "_roi_pool_backward": f"(Tensor grad, Tensor rois, Tensor argmax, {_ALIGN}, {_SIZES})"
    " -> Tensor",
    "ps_roi_align": f"(Tensor input, Tensor rois, {_ALIGN}, int sampling_ratio)"
    " -> (Tensor, Tensor)",
    "_ps_roi_align_backward": f"(Tensor grad, Tensor rois, Tensor channel_mapping, {_ALIGN},"
    f" int sampling_ratio, {_SIZES}) -> Tensor",
    "ps_roi_pool": f"(Tensor input, Tensor rois, {_ALIGN}) -> (Tensor, Tensor)",
    "_ps_roi_pool_backward": f"(Tensor grad, Tensor rois, Tensor channel_mapping, {_ALIGN},"
    f" {_SIZES}) -> Tensor",
    "deform_conv2d": f"({_DEFORM}) -> Tensor",
    "_deform_conv2d_backward": f"(Tensor grad, {_DEFORM})"
    " -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
}


def repair_torchvision() -> tuple[str, ...]:
    """Declare what a whole torchvision would have declared; names of what was missing.

    Does nothing, and returns (), where torchvision is imported already, is not installed, or
    its compiled half loads. A declared operator has no kernel: calling it raises torch's
    NotImplementedError, which names it.
    """
    spec = importlib.util.find_spec("torchvision")
    if "torchvision" in sys.modules or spec is None or spec.origin is None:
        return ()
    import torch

    for compiled in sorted(Path(spec.origin).parent.glob("_C.*")):
        try:
            torch.ops.load_library(str(compiled))  # type: ignore[no-untyped-call]
        except OSError:
            continue  # the reason for this file: built for another torch
        return ()
    missing = [name for name in SCHEMAS if not hasattr(torch.ops.torchvision, name)]
    for name in missing:
        torch.library.define(f"torchvision::{name}", SCHEMAS[name])
    return tuple(missing)
