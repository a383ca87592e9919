// One product: why it is suggested, drawn as paths; what is known of it; what goes with it.

import { card, failure, section, skeletons } from "./cards.js";
import { element, picture } from "./dom.js";
import { pathGraph } from "./graph.js";
import * as service from "./service.js";
import { getLanguage, money, named, percent, word } from "./words.js";

const dialog = document.querySelector("#panel");
let request = new AbortController();
let shown = "";
let leave = () => {};

dialog.addEventListener("cancel", (press) => {
  press.preventDefault(); // the address closes the panel, so that "back" opens it again
  leave();
});
dialog.addEventListener("click", (press) => {
  if (press.target === dialog) leave();
});

export const panel = {
  // place: {user, item}; link(item) -> address; close() changes the address.
  show(place, link, close) {
    leave = close;
    const key = JSON.stringify([place.user, place.item, getLanguage()]);
    if (key === shown) return;
    shown = key;
    request.abort();
    if (!place.item) {
      dialog.close();
      return;
    }
    request = new AbortController();
    if (!dialog.open) dialog.showModal();
    fill(place, link, request.signal);
  },
};

function frame(...content) {
  const close = element(
    "button",
    { type: "button", class: "close", "aria-label": word("close"), onclick: () => leave() },
    "×",
  );
  dialog.replaceChildren(close, element("div", { class: "sheet" }, ...content));
  dialog.scrollTop = 0;
}

async function fill(place, link, signal) {
  const lang = getLanguage();
  const quiet = setTimeout(() => frame(element("ul", { class: "grid" }, ...skeletons(2))), 150);
  try {
    const [item, why, near] = await Promise.all([
      service.item(place.item, lang, signal),
      service.explanation(place.user, place.item, lang, signal),
      service.similar(place.item, lang, signal),
    ]);
    clearTimeout(quiet);
    frame(heading(item), reasons(why, item, link), attributes(item), others(near, link));
    dialog.querySelector(".close").focus({ preventScroll: true });
  } catch (problem) {
    clearTimeout(quiet);
    if (problem.name === "AbortError") return;
    frame(failure(problem, () => fill(place, link, signal)));
  }
}

function heading(item) {
  return element(
    "header",
    { class: "product" },
    picture(item.image_url, item.title, { eager: true }),
    element(
      "div",
      {},
      element("h2", { id: "panel-title" }, item.title),
      ...Object.entries(item.titles)
        .filter(([, title]) => title !== item.title)
        .map(([lang, title]) => element("p", { class: "translation", lang }, title)),
      item.price === null ? null : element("p", { class: "price" }, money(item.price)),
      element("p", { class: "id" }, item.id),
    ),
  );
}

function reasons(why, item, link) {
  const content = element("div", { class: "why" }, element("p", { class: "sentence" }, why.sentence));
  if (why.paths.length) {
    const room = matchMedia("(max-width: 34rem)").matches ? 3 : 4;
    content.append(pathGraph(toDraw(why.paths, room), { user: why.user_id, item, link }));
    content.append(
      element(
        "ol",
        { class: "credits" },
        ...why.paths.slice(0, 6).map((path) =>
          element(
            "li",
            {},
            element("span", { class: "text" }, path.text),
            element("meter", {
              min: 0, max: 1, value: path.share,
              "aria-label": word("share", percent(path.share)),
            }),
            element("span", { class: "share" }, percent(path.share)),
          ),
        ),
      ),
    );
    const rest =
      why.unexplained >= 0.005 ? ` ${word("unexplained", percent(why.unexplained))}` : "";
    content.append(element("p", { class: "unexplained" }, word("shares") + rest));
  }
  return section(word("why"), "", content);
}

function attributes(item) {
  if (!item.attributes.length) return null;
  const kinds = Map.groupBy
    ? Map.groupBy(item.attributes, (fact) => fact.kind)
    : item.attributes.reduce(
        (all, fact) => all.set(fact.kind, [...(all.get(fact.kind) ?? []), fact]),
        new Map(),
      );
  const list = element("dl", { class: "facts" });
  for (const [kind, facts] of kinds)
    list.append(
      element("dt", {}, named(kind)),
      element(
        "dd",
        {},
        ...facts.map((fact) => {
          const from = fact.modalities.map(named).join(word("and"));
          const said = word("sure", percent(fact.confidence), from);
          return element("span", { class: "fact", title: said }, fact.name,
            element("small", {}, percent(fact.confidence)));
        }),
      ),
    );
  return section(word("attributes"), "", list);
}

function others(near, link) {
  if (!near.items.length) return null;
  const cards = near.items.map((item) => card(item, { href: link(item.id) }));
  return section(word("similar"), "", cards, { strip: true });
}

// The strongest paths, and of what they start from the first fact it shares with the product:
// what the sentence says stands in the drawing.
export function toDraw(paths, room) {
  const drawn = paths.slice(0, room);
  const facts = new Set();
  const through = (path) => path.steps.some((step) => step.end.label === "Entity");
  const owned = (path) => path.steps[0].end.id;
  for (const path of drawn) if (through(path)) facts.add(owned(path));
  const sources = new Set(drawn.map(owned));
  for (const path of paths.slice(room)) {
    if (!through(path) || !sources.has(owned(path)) || facts.has(owned(path))) continue;
    facts.add(owned(path));
    drawn.push(path);
  }
  return drawn;
}
