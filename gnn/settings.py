"""Settings of learning: the ``[gnn]`` section of ``shopgraph.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: The two networks; "auto" lets validation choose between them.
NETWORKS = ("relational_attention", "fused_graph_convolution")
ModelName: TypeAlias = Literal[
    "auto",
    "relational_attention",
    "fused_graph_convolution",
    "popularity",
    "item_knn",
    "rp3beta",
    "ease",
    "collective_ease",
    "pure_svd",
    "gf_cf",
    "attribute_cosine",
    "text_neighbours",
    "image_neighbours",
]


class SplitSettings(BaseModel):
    """How interactions are divided into train, valid and test."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["auto", "given", "random", "leave_last_out", "temporal"] = Field(
        default="auto",
        description="given: the split column of the interactions; random: per user by ratios; "
        "leave_last_out: each user's last event is test, the one before valid; temporal: two "
        "cuts in time by ratios; auto: given where the data has one, else leave_last_out where "
        "events are dated, else random",
    )
    ratios: tuple[float, float, float] = Field(
        default=(0.8, 0.1, 0.1),
        description="shares of train, valid and test; they add up to 1",
    )

    @model_validator(mode="after")
    def _ratios_add_up(self) -> SplitSettings:
        if min(self.ratios) < 0 or self.ratios[0] <= 0 or abs(sum(self.ratios) - 1) > 1e-6:
            raise ValueError(f"ratios {self.ratios} are not shares that add up to 1, train > 0")
        return self


class GnnSettings(BaseModel):
    """What to train, on what, and where the artifact goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName = Field(
        default="auto",
        description="auto: the network that ranks best on validation; or one model by name",
    )
    seed: int = Field(
        default=0, ge=0, description="seed of everything random: split, start, dropout, sampling"
    )
    split: SplitSettings = Field(
        default=SplitSettings(), description="how interactions are divided for evaluation"
    )
    stopping_metric: Literal["ndcg", "recall"] = Field(
        default="ndcg",
        description="measured at `k` on validation; decides between models and gates promotion",
    )
    k: int = Field(default=20, ge=1, le=1000, description="list length of the reported metrics")
    features: tuple[Literal["text", "image", "colour"], ...] = Field(
        default=("text", "image", "colour"),
        description="modalities whose vectors the networks may use; attributes are always used",
    )
    baselines: bool = Field(
        default=True,
        description="train the simple models too; without them the gate compares with "
        "popularity alone",
    )
    blend: bool = Field(
        default=True,
        description="where a simple model ranks before the network on validation, try a weighted "
        "sum of the two first",
    )
    threads: int = Field(
        default=0, ge=0, description="CPU threads of training; 0 leaves it to the libraries"
    )
    keep_versions: int = Field(
        default=3, ge=1, description="artifact versions kept on disk, the current one included"
    )
    artifact_dir: Path = Field(
        default=Path(".shopgraph/artifact"),
        description="folder of artifact versions and the pointer to the current one",
    )

    def relative_to(self, folder: Path) -> GnnSettings:
        """The same settings with a relative ``artifact_dir`` below ``folder``."""
        return self.model_copy(update={"artifact_dir": folder / self.artifact_dir})
