// Elements from data. Text is always text: nothing of the catalogue is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function element(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawing(name, attributes, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

// A picture, or the first letter of the title where there is none or it cannot be loaded.
export function picture(url, title, { eager = false } = {}) {
  const letter = () =>
    element("span", { class: "letter", "aria-hidden": "true" }, [...title.trim()][0] ?? "·");
  if (!url) return element("span", { class: "picture" }, letter());
  const frame = element("span", { class: "picture" });
  frame.append(
    element("img", {
      src: url,
      alt: "",
      loading: eager ? "eager" : "lazy",
      decoding: "async",
      onerror: () => frame.replaceChildren(letter()),
    }),
  );
  return frame;
}
