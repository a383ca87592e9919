"""A shop made by the project itself: drawn pictures, two languages, known truth.

``build_demo(folder)`` writes, byte for byte the same for the same seed:

``items.jsonl``       id, group, title_en, title_zh, description_en, description_zh, price
                      (number), brand (in both scripts: ``Quiet Oak/静橡``), image (path
                      relative to the folder). Nothing else is a column: extraction has to
                      find the rest.
``users.csv``         id, name, age_band, language
``interactions.csv``  user, item, event (view, cart, purchase), at (``2026-03-01T08:15:00Z``),
                      weight; sorted by (at, user, item)
``reviews.jsonl``     id, user, item, rating (1-5), title, text, at
``images/``           one 256 x 256 picture an item, ``<id>.jpg`` (a few ``<id>.png``)
``truth.jsonl``       id, attributes {entity kind: [values]}, in_text {language: {kind: [values]}}
                      (what title or description state), negated {kind: [values]}
``shopgraph.toml``    maps these files for the catalogue layout ``files``
"""

from kg.demo.build import DemoSummary, build_demo

__all__ = ["DemoSummary", "build_demo"]
