// Products in rows and grids, and what stands there while they load or cannot be loaded.

import { element, picture } from "./dom.js";
import { day, money, named, word } from "./words.js";

export function card(item, { href, reason = null, caption = "" }) {
  const owned = reason?.path?.steps[0]?.end;
  return element(
    "li",
    { class: "card" },
    element(
      "a",
      { href },
      picture(item.image_url, item.title),
      caption ? element("span", { class: "caption" }, caption) : null,
      element("span", { class: "title" }, item.title),
      item.price === null ? null : element("span", { class: "price" }, money(item.price)),
      reason
        ? element(
            "span",
            { class: "reason" },
            owned?.label === "Item" ? picture(owned.image_url, owned.name) : null,
            element("span", { class: "because" }, reason.text),
          )
        : null,
    ),
  );
}

export const event = ({ item, event: name, at_s: atS }, href) =>
  card(item, { href, caption: atS > 0 ? `${named(name)} · ${day(atS)}` : named(name) });

export function section(title, note, content, { strip = false, name = "" } = {}) {
  return element(
    "section",
    { class: `row ${name}` },
    element("h2", {}, title, note ? element("small", {}, note) : null),
    Array.isArray(content)
      ? element("ul", { class: strip ? "strip" : "grid" }, ...content)
      : content,
  );
}

export function skeletons(count) {
  return Array.from({ length: count }, () =>
    element(
      "li",
      { class: "card loading", "aria-hidden": "true" },
      element("span", { class: "picture" }),
      element("span", { class: "bar" }),
      element("span", { class: "bar short" }),
    ),
  );
}

export const notice = (text, ...more) => element("p", { class: "notice" }, text, ...more);

// What went wrong, in the service's own words, and a way on.
export function failure(problem, retry) {
  const title =
    problem.status === 0 ? "offline" : problem.status === 503 ? "preparing" : "failed";
  return element(
    "div",
    { class: "failure", role: "alert" },
    element("strong", {}, word(title)),
    problem.message ? element("p", {}, problem.message) : null,
    element("button", { type: "button", onclick: retry }, word("retry")),
  );
}
