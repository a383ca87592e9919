"""One self-contained page of an item's evidence: texts marked, the picture with its regions."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.item_evidence import Finding, ItemEvidence
from kg.errors import DataError
from kg.extraction.plain_text import readable

_HERE = Path(__file__).parent
_SIDE = 720  # pixels: the picture is shown, not measured
#: Hues of kinds, far apart, in the order of kg.schema; further kinds are grey.
_HUES: Mapping[str, int] = {
    "brand": 262, "category": 205, "colour": 350, "material": 28, "pattern": 310, "style": 285,
    "use": 150, "function": 178, "audience": 48, "topic": 95, "aspect": 70, "measurement": 228,
}  # fmt: skip
_KINDS_ZH: Mapping[str, str] = {
    "brand": "品牌", "category": "类别", "colour": "颜色", "material": "材质", "pattern": "图案",
    "style": "风格", "use": "用途", "function": "功能", "audience": "适用人群", "topic": "主题",
    "aspect": "特点", "measurement": "度量", "season": "季节", "size": "尺码", "fit": "版型",
    "colour_family": "色系", "colour_value": "明暗", "product_group": "品类", "section": "专区",
    "department": "部门", "garment_group": "服装类别", "collection": "系列", "genre": "类型",
}  # fmt: skip
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "heading": "What is known of this product, and why", "text": "text", "image": "picture",
        "column": "catalogue", "person": "person", "audio": "sound", "video": "video",
        "behaviour": "behaviour", "title": "Title", "description": "Description",
        "attributes": "Attributes", "conflicts": "Conflicts", "legend": "Kinds",
        "not_taken": "not used: the catalogue states otherwise", "sure": "sure", "id": "Item",
        "price": "Price", "picture": "Picture", "problems": "Could not be read",
        "says": "says", "but": "but", "from_catalogue": "extracted now from the catalogue",
        "from_graph": "as stored in the graph", "nothing": "Nothing is known of this item.",
        "region": "marked in the picture", "no_text": "This item has no text.",
        "whole": "whole picture",
    },
    "zh": {
        "heading": "商品属性与依据", "text": "文本", "image": "图片", "column": "商品目录",
        "person": "人工", "audio": "声音", "video": "视频", "behaviour": "行为", "title": "标题",
        "description": "描述", "attributes": "属性", "conflicts": "冲突", "legend": "类型",
        "not_taken": "未采用：商品目录另有说明", "sure": "置信度", "id": "商品", "price": "价格",
        "picture": "图片", "problems": "无法读取", "says": "显示为", "but": "而",
        "from_catalogue": "由目录即时提取", "from_graph": "取自图数据库",
        "nothing": "尚无该商品的属性。", "region": "见图片标记", "no_text": "该商品没有文本。",
        "whole": "整张图片",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text; ``marks`` are the attributes (by number) whose spans hold it."""

    text: str
    marks: tuple[int, ...] = ()
    kind: str = ""
    tip: str = ""


def segments(text: str, spans: Sequence[tuple[int, int, int]]) -> list[tuple[str, tuple[int, ...]]]:
    """``text`` cut where spans (start, end, number) begin and end; shortest span's number first.

    The pieces joined are the text; spans beyond it are cut off.
    """
    edges = {0, len(text)}
    edges |= {min(max(side, 0), len(text)) for start, end, _ in spans for side in (start, end)}
    cuts = sorted(edges)
    pieces = []
    for start, end in itertools.pairwise(cuts):
        over = [one for one in spans if one[0] <= start and one[1] >= end]
        over.sort(key=lambda one: (one[1] - one[0], one[2]))
        pieces.append((text[start:end], tuple(number for _, _, number in over)))
    return pieces


def evidence_page(shown: ItemEvidence, *, language: str = "en") -> str:
    """HTML without scripts and without anything to load; every text is escaped.

    A picture that cannot be read is named among the problems.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    words = _WORDS[language]
    problems = list(shown.problems)
    try:
        picture = picture_uri(shown.item.images[0]) if shown.item.images else None
    except DataError as error:
        picture = None
        problems = list(dict.fromkeys([*problems, str(error)]))
    groups = shown.attributes
    kinds = list(dict.fromkeys(group[0].kind for group in groups))
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("evidence.html").render(
        language=language,
        words=words,
        item=shown.item,
        title=_title(shown, language),
        source=words["from_catalogue" if shown.source == "catalogue" else "from_graph"],
        groups=list(enumerate(groups)),
        kinds=[(kind, _kind(kind, language), _HUES.get(kind)) for kind in kinds],
        hues=_HUES,
        names=[_name(group[0], language) for group in groups],
        kind_names={kind: _kind(kind, language) for kind in kinds},
        texts=_texts(shown, groups, language),
        picture=picture,
        boxes=[
            (number, one, tuple(round(100 * side, 2) for side in one.evidence.region))
            for number, group in enumerate(groups)
            for one in group
            if one.evidence.region is not None and picture is not None
        ],
        conflicts=shown.conflicts,
        value_of={group[0].entity: _name(group[0], language) for group in groups},
        problems=problems,
        field_words={"title": words["title"], "description": words["description"]},
    )


def picture_uri(path: Path) -> str:
    """The picture as a ``data:`` URI of a fresh JPEG; DataError names one that cannot be read."""
    from kg.pictures import open_picture

    kept = io.BytesIO()
    open_picture(path, max_side=_SIDE).save(kept, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(kept.getvalue()).decode()}"


def _texts(
    shown: ItemEvidence, groups: Sequence[Sequence[Finding]], language: str
) -> list[tuple[str, str, list[Segment]]]:
    """(field, language of the text, segments) of what is not empty, the reader's language first."""
    numbers = {group[0].entity: number for number, group in enumerate(groups)}
    places = [(one.entity, one.evidence) for one in shown.findings if one.taken]
    spans = {
        (evidence.field, *evidence.span, numbers[entity])
        for entity, evidence in (*places, *shown.mentions)
        if evidence.span is not None
    }
    found = []
    ordered = sorted(shown.item.texts, key=lambda one: one.language != language)
    for text in ordered:
        for part, content in (("title", text.title), ("description", text.description)):
            plain = readable(content)
            field = f"{part}.{text.language}"
            if plain.strip():
                pieces = [
                    Segment(
                        piece,
                        marks,
                        groups[marks[0]][0].kind if marks else "",
                        " · ".join(_tip(groups[number][0], language) for number in marks),
                    )
                    for piece, marks in segments(
                        plain, [one[1:] for one in spans if one[0] == field]
                    )
                ]
                found.append((part, text.language, pieces))
    return found


def _title(shown: ItemEvidence, language: str) -> str:
    own = [text.title for text in shown.item.texts if text.language == language and text.title]
    return readable(own[0] if own else shown.item.title)


def _kind(kind: str, language: str) -> str:
    spoken = kind.replace("_", " ")
    return _KINDS_ZH.get(kind, spoken) if language == "zh" else spoken


def _name(finding: Finding, language: str) -> str:
    return finding.names.get(language) or finding.name


def _tip(finding: Finding, language: str) -> str:
    return f"{_kind(finding.kind, language)}: {_name(finding, language)}"
