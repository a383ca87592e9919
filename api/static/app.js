// The page's state is its address: #/user, #/user/item and #/user?q=words, each part encoded.

import { card, event, failure, notice, section, skeletons } from "./cards.js";
import { picker } from "./picker.js";
import { panel } from "./panel.js";
import * as service from "./service.js";
import { getLanguage, named, setLanguage, word } from "./words.js";

const find = (selector) => document.querySelector(selector);
const rows = find("#rows");
const searchBox = find(".search input");
const userBox = find("#user");
let shown = { key: "", user: "" };
let request = new AbortController();
let typing = 0;

function readAddress() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [user = "", item = ""] = path.split("/").map(decodeURIComponent);
  return { user, item, q: new URLSearchParams(query ?? "").get("q") ?? "" };
}

export function address({ user, item = "", q = "" }) {
  const path = [user, item].filter(Boolean).map(encodeURIComponent).join("/");
  return `#/${path}${q ? `?${new URLSearchParams({ q })}` : ""}`;
}

const go = (place) => {
  location.hash = address(place);
};

async function firstUser() {
  const { users } = await service.users("");
  if (!users.length) return "visitor";
  return users[Math.floor(Math.random() * users.length)];
}

async function show() {
  let place = readAddress();
  if (!place.user) {
    loading();
    try {
      place = { ...place, user: await firstUser() };
    } catch (problem) {
      return rows.replaceChildren(failure(problem, show));
    }
    return location.replace(address(place));
  }
  const key = JSON.stringify([place.user, place.q, getLanguage()]);
  if (key !== shown.key) {
    shown = { key, user: place.user };
    userBox.value = place.user;
    if (document.activeElement !== searchBox) searchBox.value = place.q;
    request.abort();
    request = new AbortController();
    fill(place, request.signal);
  }
  panel.show(place, (item) => address({ ...place, item }), () => go({ ...place, item: "" }));
}

function loading() {
  rows.setAttribute("aria-busy", "true");
  rows.replaceChildren(section(word("loading"), "", skeletons(8)));
}

async function fill(place, signal) {
  const quiet = setTimeout(loading, 120); // a quick answer needs no flicker
  try {
    const content = place.q ? await searched(place, signal) : await recommended(place, signal);
    clearTimeout(quiet);
    rows.replaceChildren(...content);
    rows.setAttribute("aria-busy", "false");
  } catch (problem) {
    clearTimeout(quiet);
    if (problem.name === "AbortError") return;
    shown.key = "";
    find(".strategy").textContent = "";
    rows.setAttribute("aria-busy", "false");
    rows.replaceChildren(failure(problem, show));
  }
}

async function recommended(place, signal) {
  const lang = getLanguage();
  const [list, past] = await Promise.all([
    service.recommendations(place.user, lang, signal),
    service.history(place.user, lang, signal).catch((problem) => {
      if (problem.status === 404) return { events: [] }; // a stranger has no history
      throw problem;
    }),
  ]);
  const stranger = list.strategy === "popular";
  find(".strategy").textContent = stranger
    ? word("stranger", place.user)
    : word("ranked", named(list.strategy));
  const cards = list.items.map((item) =>
    card(item, { href: address({ ...place, item: item.id }), reason: item.reason }),
  );
  const did = past.events.map((one) => event(one, address({ ...place, item: one.item.id })));
  return [
    section(
      word(stranger ? "popularTitle" : "recommended"),
      stranger ? "" : word("recommendedNote"),
      cards.length ? cards : notice(word("empty")),
      { name: "recommended" },
    ),
    section(word("history"), did.length ? word("historyNote") : "",
      did.length ? did : notice(word("emptyHistory")), { strip: true, name: "history" }),
  ];
}

async function searched(place, signal) {
  const { items } = await service.search(place.q, getLanguage(), signal);
  const cards = items.map((item) => card(item, { href: address({ ...place, item: item.id }) }));
  const back = Object.assign(document.createElement("a"), {
    href: address({ user: place.user }),
    className: "back",
    textContent: word("back"),
  });
  find(".strategy").replaceChildren(back);
  return [
    section(word("results", place.q), word("resultsCount", items.length),
      cards.length ? cards : notice(word("noResults")), { name: "results" }),
  ];
}

function chooseLanguage(language) {
  setLanguage(language);
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  remember("language", language);
  show();
  service
    .ready()
    .then((state) => {
      find(".built").textContent = word("built", state.items, state.users);
    })
    .catch(() => {}); // the rows say what is missing
}

// Storage may be switched off; the choice then lasts as long as the page.
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    return;
  }
}

function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function switchTheme() {
  const { dataset } = document.documentElement;
  const dark = dataset.theme
    ? dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.theme = dark ? "light" : "dark";
  remember("theme", dataset.theme);
}

function searchFor(q) {
  go({ user: shown.user || readAddress().user, q });
}

picker(userBox, find("#users"), (user) => go({ user }));
find(".another").addEventListener("click", async () => go({ user: await firstUser() }));
find(".theme").addEventListener("click", switchTheme);
find(".search").addEventListener("submit", (submit) => {
  submit.preventDefault();
  clearTimeout(typing);
  searchFor(searchBox.value.trim());
});
searchBox.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => searchFor(searchBox.value.trim()), 250);
});
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => chooseLanguage(button.dataset.language));
addEventListener("hashchange", show);
chooseLanguage(remembered("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
