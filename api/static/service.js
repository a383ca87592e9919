// The service's answers. A problem document becomes a Problem with its words.

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const id = encodeURIComponent;

// No list may be longer than the service allows.
const upTo = (k) => Math.min(k, Number(document.documentElement.dataset.longest));

async function get(path, parameters = {}, signal) {
  const query = new URLSearchParams(parameters);
  let response;
  try {
    response = await fetch(`${path}?${query}`, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "");
  }
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem.detail ?? response.statusText);
}

export const recommendations = (user, lang, signal) =>
  get(`/v1/users/${id(user)}/recommendations`, { k: upTo(24), lang }, signal);
export const history = (user, lang, signal) =>
  get(`/v1/users/${id(user)}/history`, { limit: upTo(60), lang }, signal);
export const users = (prefix, signal) => get("/v1/users", { prefix, limit: upTo(40) }, signal);
export const item = (itemId, lang, signal) => get(`/v1/items/${id(itemId)}`, { lang }, signal);
export const similar = (itemId, lang, signal) =>
  get(`/v1/items/${id(itemId)}/similar`, { k: upTo(12), lang }, signal);
export const search = (q, lang, signal) => get("/v1/search", { q, k: upTo(48), lang }, signal);
export const explanation = (user, itemId, lang, signal) =>
  get(`/v1/users/${id(user)}/recommendations/${id(itemId)}/explanation`, { lang }, signal);
export const ready = (signal) => get("/readyz", {}, signal);
