// Pick a shopper from the list or type an id: a combobox as the ARIA practices describe it.

import { element } from "./dom.js";
import * as service from "./service.js";
import { word } from "./words.js";

export function picker(input, list, choose) {
  let options = [];
  let active = -1;
  let request = new AbortController();

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };

  const mark = (index) => {
    active = index;
    [...list.children].forEach((option, at) =>
      option.setAttribute("aria-selected", String(at === index)),
    );
    if (index < 0) return;
    input.setAttribute("aria-activedescendant", `user-${index}`);
    list.children[index].scrollIntoView({ block: "nearest" });
  };

  const take = (user) => {
    close();
    input.value = user;
    input.blur();
    choose(user);
  };

  const open = async (prefix) => {
    request.abort();
    request = new AbortController();
    try {
      options = (await service.users(prefix, request.signal)).users;
    } catch (error) {
      if (error.name === "AbortError") return;
      return close(); // the rows below say what is wrong
    }
    const found = options.map((user, at) =>
      element(
        "li",
        {
          id: `user-${at}`,
          role: "option",
          "aria-selected": "false",
          // Before the input loses the focus and the list closes.
          onpointerdown: (press) => press.preventDefault(),
          onclick: () => take(user),
        },
        user,
      ),
    );
    list.replaceChildren(
      ...(found.length ? found : [element("li", { class: "none" }, word("noUsers"))]),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    active = -1;
  };

  input.addEventListener("focus", () => {
    input.select();
    open("");
  });
  input.addEventListener("input", () => open(input.value.trim()));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (press) => {
    if (press.key === "Escape") close();
    else if (press.key === "Enter") {
      const typed = active >= 0 ? options[active] : input.value.trim();
      if (typed) take(typed);
    } else if (press.key === "ArrowDown" || press.key === "ArrowUp") {
      press.preventDefault();
      if (list.hidden) open(input.value.trim());
      else if (options.length) {
        const step = press.key === "ArrowDown" ? 1 : -1;
        mark((active + step + options.length) % options.length);
      }
    }
  });
}
