"""`shopgraph align`: learned once, kept with its score, and named when an encoder was switched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from kg.demo.build import build_demo
from kg.encoders.alignment import Alignment
from kg.encoders.torchvision_repair import repair_torchvision

ITEMS = 60


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    build_demo(folder, items=ITEMS, users=40)
    path = folder / "shopgraph.toml"
    with path.open("a", encoding="utf-8") as file:
        file.write('\n[gnn]\nmodel = "ease"\nbaselines = false\nblend = false\n')
    return path


@pytest.mark.slow
def test_aligned_once_and_outdated_after_a_switch(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*arguments: str) -> str:
        assert run(*arguments, "--config", str(config)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    def document(*arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(said(*arguments, "--json"))
        return found

    assert run("align", "--config", str(config), "--json") == 1
    assert "run shopgraph ingest" in json.loads(capsys.readouterr().err)["message"]
    document("ingest")
    first = document("align")
    assert first["trained"]
    assert first["held_out"]["pairs"] >= ITEMS // 10
    assert 0 <= first["held_out"]["text_to_image_1"] <= first["held_out"]["text_to_image_10"] <= 1
    kept = Alignment.load(Path(first["path"]))
    assert kept.held_out.image_to_text_1 == first["held_out"]["image_to_text_1"]
    assert (kept.image_encoder, kept.text_encoder) == ("efficientnet-lite0", "usem3")
    again = said("align")
    assert "as it was: no pair is new" in again
    assert "by chance" in again
    document("train")
    assert document("align", "--status") == {"outdated": []}

    # Another picture encoder, whose vectors ingest has made already for the colours.
    monkeypatch.setenv("SHOPGRAPH_KG__ENCODERS__IMAGE", "colour-histogram")
    changed = "image vectors of efficientnet-lite0, the settings name colour-histogram: run "
    alignment, model = document("align", "--status")["outdated"]
    assert alignment.startswith("alignment ")
    assert alignment.endswith(f"was learned from {changed}shopgraph align")
    assert model.startswith("model ")
    assert model.endswith(f"was learned from {changed}shopgraph train")
    assert set(document("ingest")["vectors_encoded"].values()) == {0}
    assert document("align")["image_encoder"].startswith("colour-histogram+aligned:")
    assert document("align", "--status")["outdated"] == [model]


def test_a_clip_model_is_tuned_on_the_catalogue(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repair_torchvision()
    import open_clip
    import torch

    vision = {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16}
    text = {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1}
    shape = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    (tmp_path / "shop-command.json").write_text(json.dumps(shape))
    open_clip.add_model_config(tmp_path / "shop-command.json")
    torch.save(open_clip.create_model("shop-command").state_dict(), tmp_path / "start.pt")
    output = tmp_path / "tuned.pt"
    given = ["--open-clip", f"shop-command/{tmp_path}/start.pt", "--output", str(output)]
    done = run(
        "align", *given, "--epochs", "2", "--rate", "0.0002", "--config", str(config), "--json"
    )
    said = capsys.readouterr()
    assert done == 0, said.err
    tuned = json.loads(said.out)
    assert tuned["epochs"] in (1, 2)
    assert tuned["path"] == str(output)
    assert tuned["name"] == f"open_clip:shop-command/{output}"
    kept = torch.load(output, weights_only=True)["shopgraph"]
    assert kept["held_out"] == tuned["after"]
