// Paths as a small graph: you -> what you own -> what they share -> the product.
// Nodes are HTML, so that words wrap and can be clicked; edges are SVG between them.

import { drawing, element, picture } from "./dom.js";
import { named, percent, word } from "./words.js";

export function pathGraph(paths, { user, item, link }) {
  const nodes = new Map();
  const edges = new Map();
  const longest = Math.max(...paths.map((path) => path.steps.length));

  for (const path of paths) {
    let here = path.steps[0].start;
    let layer = 0;
    let from = place(nodes, here, 0);
    for (const [at, step] of path.steps.entries()) {
      const forward = step.start.id === here.id && step.start.label === here.label;
      const next = forward ? step.end : step.start;
      const last = at === path.steps.length - 1;
      const label = labelOf(step, path);
      let to;
      if (last && at > 0 && layer + 1 < longest) {
        // A direct relationship: its words stand where others have the shared entity.
        const between = place(nodes, { label: "Relation", id: label, name: label }, layer + 1);
        connect(edges, from, between, { share: path.share, forward });
        to = place(nodes, next, longest);
        connect(edges, between, to, { share: path.share, forward, credit: true });
      } else {
        to = place(nodes, next, last ? longest : layer + 1);
        // What an entity is stands in its node.
        const words = at === 0 || (longest === 2 && next.label !== "Entity") ? label : "";
        connect(edges, from, to, { label: words, share: path.share, forward, credit: last });
      }
      here = next;
      layer += 1;
      from = to;
    }
  }
  return draw(nodes, edges, { user, item, link, longest });
}

function place(nodes, node, layer) {
  const key = `${node.label}:${node.id}`;
  if (!nodes.has(key)) nodes.set(key, { ...node, key, layer });
  return key;
}

function connect(edges, from, to, { label = "", share, forward, credit = false }) {
  const key = `${from}\n${to}`;
  const edge = edges.get(key) ?? { from, to, label, share: 0, forward, credit };
  edge.share += share;
  edges.set(key, edge);
}

function labelOf(step, path) {
  if (step.relationship === "INTERACTED" || step.relationship === "REVIEWED")
    return named(step.properties.event ?? step.relationship);
  if (step.end.label === "Entity") return named(step.end.kind);
  return named(path.relation) || named(step.relationship);
}

function draw(nodes, edges, { user, item, link, longest }) {
  const wires = drawing("svg", { class: "wires", "aria-hidden": "true" });
  const shapes = new Map();
  const layers = Array.from({ length: longest + 1 }, () => element("div", { class: "layer" }));
  for (const node of nodes.values()) {
    const shape = nodeShape(node, { user, item, link });
    shapes.set(node.key, shape);
    layers[node.layer].append(shape);
  }
  const graph = element("div", { class: "graph", role: "group", "aria-label": word("why") },
    wires, ...layers);
  // Positions are known once the graph is laid out, and change with its width.
  new ResizeObserver(() => wire(graph, wires, shapes, edges)).observe(graph);
  return graph;
}

function nodeShape(node, { user, item, link }) {
  if (node.label === "User")
    return element("span", { class: "node user" },
      element("span", { class: "dot" }, word("you")), element("span", { class: "name" }, user));
  if (node.label === "Item") {
    const target = node.id === item.id;
    return element("a", { class: target ? "node item target" : "node item", href: link(node.id), title: node.name },
      picture(node.image_url, node.name, { eager: true }),
      element("span", { class: "name" }, target ? word("thisItem") : node.name));
  }
  if (node.label === "Entity")
    return element("span", { class: "node entity" }, element("small", {}, named(node.kind)), node.name);
  return element("span", { class: "node relation" }, node.name);
}

function wire(graph, wires, shapes, edges) {
  const frame = graph.getBoundingClientRect();
  if (!frame.width) return;
  const down = getComputedStyle(graph).flexDirection === "column";
  wires.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
  const strongest = Math.max(...[...edges.values()].map((edge) => edge.share), 1e-9);
  const drawn = [];
  for (const edge of edges.values()) {
    const a = box(shapes.get(edge.from), frame);
    const b = box(shapes.get(edge.to), frame);
    const start = down ? [a.x, a.bottom] : [a.right, a.y];
    const end = down ? [b.x, b.top] : [b.left, b.y];
    const bend = (down ? end[1] - start[1] : end[0] - start[0]) / 2;
    const [c1, c2] = down
      ? [[start[0], start[1] + bend], [end[0], end[1] - bend]]
      : [[start[0] + bend, start[1]], [end[0] - bend, end[1]]];
    drawn.push(
      drawing("path", {
        d: `M${start} C${c1} ${c2} ${end}`,
        "stroke-width": 1.25 + 4 * Math.sqrt(Math.max(edge.share, 0) / strongest),
      }),
    );
    // Edges meet at you and at the product: words stand apart where they stand near the others.
    const along = edge.credit ? 0.3 : down ? 0.72 : 0.6;
    const [x, y] = [0, 1].map((axis) => between(start[axis], c1[axis], c2[axis], end[axis], along));
    drawn.push(label(edge.label, edge.credit ? `+${percent(edge.share)}` : "", x, y));
  }
  wires.replaceChildren(...drawn);
}

// A point of a cubic curve, t in [0, 1].
const between = (a, b, c, d, t) =>
  (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;

const label = (words, credit, x, y) =>
  drawing(
    "text",
    { y, dy: words && credit ? "-0.3em" : "0.32em" },
    words ? drawing("tspan", { x }, words) : null,
    credit ? drawing("tspan", { x, dy: words ? "1.25em" : null, class: "credit" }, credit) : null,
  );

// The part of a node where edges begin and end: a product's picture, not its name below.
function box(shape, frame) {
  const rect = (shape.querySelector(".picture, .dot") ?? shape).getBoundingClientRect();
  const whole = shape.getBoundingClientRect();
  const [left, top] = [rect.left - frame.left, rect.top - frame.top];
  return {
    left,
    right: left + rect.width,
    x: left + rect.width / 2,
    y: top + rect.height / 2,
    top,
    bottom: whole.bottom - frame.top,
  };
}
