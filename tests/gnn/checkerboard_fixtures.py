"""A world whose right answer and path are provable.

A board of squares. Black-square people bought every black square but two, white-square people
every white square but two; the two withheld differ from person to person. A square's colour
is all that tells it from others; every square is made of wood, which tells nothing. So the
squares of a person's own colour that are missing must be ranked first, and the way there
leads through the colour, never through wood.
"""

from __future__ import annotations

from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot

DAY = 86_400.0
START = 1_750_000_000.0
COLOURS = ("black", "white")
_COLOURS_ZH = {"black": "黑色", "white": "白色"}
WOOD = "material:wood"


def squares(colour: str, *, size: int = 6) -> list[str]:
    """Ids of the squares of one colour, in board order: black-00, black-02, ..."""
    parity = COLOURS.index(colour)
    return [
        f"{colour}-{row}{column}"
        for row in range(size)
        for column in range(size)
        if (row + column) % 2 == parity
    ]


def people(colour: str, *, size: int = 6) -> list[str]:
    """One person for every square of the colour: who lacks it."""
    return [f"{colour}-fan-{place:02d}" for place in range(len(squares(colour, size=size)))]


def withheld(user: str, *, size: int = 6) -> str:
    """The square that this person's test part holds."""
    colour, _, place = user.split("-")
    return squares(colour, size=size)[int(place)]


def checkerboard(*, size: int = 6, split: bool = True, event: str = "purchase") -> Snapshot:
    """The world as a snapshot; with ``split`` the withheld squares are valid and test events.

    Without it they did not happen, and every other event has no split.
    """
    items = [
        ItemRow(
            id=square,
            title=f"{colour.title()} square {square[-2:]}",
            titles={
                "en": f"{colour.title()} square {square[-2:]}",
                "zh": f"{_COLOURS_ZH[colour]}方格 {square[-2:]}",
            },
            price=10.0,
            image=f"images/{square}.png",
        )
        for colour in COLOURS
        for square in squares(colour, size=size)
    ]
    entities = [
        EntityRow(f"colour:{colour}", "colour", colour, {"en": colour, "zh": _COLOURS_ZH[colour]})
        for colour in COLOURS
    ]
    entities.append(EntityRow(WOOD, "material", "wood", {"en": "wood", "zh": "木"}))
    events: list[tuple[str, str, str, float, float, str | None]] = []
    for colour in COLOURS:
        its = squares(colour, size=size)
        for place, user in enumerate(people(colour, size=size)):
            for step, square in enumerate(its):
                part = {place: "test", (place + 1) % len(its): "valid"}.get(step, "train")
                if split or part == "train":
                    at_s = START + DAY * step
                    events.append((user, square, event, 1.0, at_s, part if split else None))
    return build_snapshot(
        items=items,
        users=[(user, {}) for colour in COLOURS for user in people(colour, size=size)],
        entities=entities,
        interactions=events,
        item_entities=[
            (item.id, entity, 1.0, "text")
            for item in items
            for entity in (f"colour:{item.id.split('-')[0]}", WOOD)
        ],
    )
