// Everything the page says, in English and Chinese.

const WORDS = {
  en: {
    skip: "Skip to the products",
    search: "Search titles",
    searchHint: "Search, e.g. red dress or 红色",
    language: "Language",
    theme: "Light or dark",
    shopper: "Shopper",
    another: "Another shopper",
    recommended: "Recommended",
    recommendedNote: "each with the reason that counted most",
    popularTitle: "Popular now",
    history: "What this shopper did",
    historyNote: "newest first",
    results: (q) => `Results for “${q}”`,
    resultsCount: (n) => (n === 1 ? "one product" : `${n} products`),
    noResults: "No title has all of these words.",
    back: "Back to recommendations",
    noUsers: "No shopper begins so. Press Enter to see what a stranger is shown.",
    stranger: (user) =>
      `Nothing is known of “${user}” yet, so these are the products most people choose.`,
    ranked: (strategy) => `Ranked by ${strategy}`,
    emptyHistory: "Nothing yet.",
    empty: "There is nothing to recommend.",
    loading: "Loading…",
    failed: "This could not be loaded.",
    offline: "The service does not answer.",
    preparing: "The shop is not ready yet.",
    retry: "Try again",
    close: "Close",
    why: "Why this product?",
    paths: "Other reasons",
    share: (part) => `${part} of the score`,
    shares: "A share is the score lost if this alone were not so; shares of one product overlap.",
    unexplained: (part) => `${part} of the score is not explained by the paths shown.`,
    attributes: "What we know of it",
    similar: "Goes well with it",
    sure: (part, from) => `${part} sure, from ${from}`,
    you: "You",
    self: (user) => user,
    thisItem: "this product",
    more: "Why?",
    built: (n, m) => `${n} products · ${m} shoppers`,
    and: ", ",
  },
  zh: {
    skip: "跳到商品",
    search: "搜索商品名称",
    searchHint: "搜索，例如：红色 或 red dress",
    language: "语言",
    theme: "浅色或深色",
    shopper: "顾客",
    another: "换一位顾客",
    recommended: "为您推荐",
    recommendedNote: "每件商品都附上最重要的理由",
    popularTitle: "热门商品",
    history: "这位顾客的记录",
    historyNote: "最新的在前",
    results: (q) => `“${q}”的搜索结果`,
    resultsCount: (n) => `${n}件商品`,
    noResults: "没有名称包含所有这些词的商品。",
    back: "返回推荐",
    noUsers: "没有以此开头的顾客。按回车查看陌生人看到的商品。",
    stranger: (user) => `我们还不了解“${user}”，所以这里展示最多人选择的商品。`,
    ranked: (strategy) => `排序方式：${strategy}`,
    emptyHistory: "暂无记录。",
    empty: "暂时没有可推荐的商品。",
    loading: "加载中…",
    failed: "无法加载。",
    offline: "服务没有响应。",
    preparing: "商店还没有准备好。",
    retry: "重试",
    close: "关闭",
    why: "为什么推荐它？",
    paths: "其他理由",
    share: (part) => `占得分的${part}`,
    shares: "占比是仅去掉该理由时失去的得分；同一商品的占比会重叠。",
    unexplained: (part) => `得分的${part}没有由所示路径解释。`,
    attributes: "商品属性",
    similar: "与它相配",
    sure: (part, from) => `可信度${part}，来自${from}`,
    you: "您",
    self: (user) => user,
    thisItem: "这件商品",
    more: "为什么？",
    built: (n, m) => `${n}件商品 · ${m}位顾客`,
    and: "、",
  },
};

const NAMES = {
  en: {
    purchase: "bought", cart: "added to basket", view: "viewed", rating: "rated", review: "reviewed",
    text: "similar description", image: "looks alike", colour_histogram: "similar colours",
    bought_together: "bought together", variant: "variant", price: "similar price",
    relational_attention: "relational attention over items",
    fused_graph_convolution: "fused graph convolution", blend: "a blend of models",
    popular: "popularity", popularity: "popularity", item_knn: "item neighbours", ease: "EASE",
    collective_ease: "collective EASE", pure_svd: "PureSVD", rp3beta: "RP3β",
    column: "the catalogue", behaviour: "behaviour", audio: "sound", video: "video",
    SIMILAR_TO: "similar", BOUGHT_WITH: "bought together", VARIANT_OF: "variant of",
    LINKED_TO: "linked by the shop", use: "good for", function: "does",
  },
  zh: {
    purchase: "购买", cart: "加入购物车", view: "浏览", rating: "评分", review: "评论",
    text: "描述相似", image: "外观相似", colour_histogram: "颜色相近",
    bought_together: "常一起购买", variant: "同款", price: "价格相近",
    relational_attention: "商品关系注意力", fused_graph_convolution: "融合图卷积",
    blend: "模型融合", popular: "热门程度", popularity: "热门程度", item_knn: "近邻商品",
    ease: "EASE", collective_ease: "联合EASE", pure_svd: "PureSVD", rp3beta: "RP3β",
    column: "商品目录", behaviour: "行为", audio: "声音", video: "视频",
    SIMILAR_TO: "相似", BOUGHT_WITH: "一起购买", VARIANT_OF: "同款", LINKED_TO: "商家关联",
    brand: "品牌", category: "类别", colour: "颜色", material: "材质", pattern: "图案",
    style: "风格", use: "用途", function: "功能", audience: "适用人群", topic: "主题",
    aspect: "特点",
  },
};

let language = "en";

export const getLanguage = () => language;

export function setLanguage(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const node of document.querySelectorAll("[data-words]"))
    node.textContent = word(node.dataset.words);
  for (const node of document.querySelectorAll("[data-words-label]"))
    node.setAttribute("aria-label", word(node.dataset.wordsLabel));
  for (const node of document.querySelectorAll("[data-words-placeholder]"))
    node.setAttribute("placeholder", word(node.dataset.wordsPlaceholder));
}

export function word(name, ...values) {
  const found = WORDS[language][name];
  return typeof found === "function" ? found(...values) : found;
}

// An event, relation, kind, modality or strategy; one that is not listed reads as it is spelt.
export const named = (name) => NAMES[language][name] ?? name.replaceAll("_", " ").toLowerCase();

// A share too small to round to one percent is not none: its first figure then, not 0 %.
export const percent = (share) =>
  new Intl.NumberFormat(
    language,
    Math.abs(share) < 0.005
      ? { style: "percent", maximumSignificantDigits: 1 }
      : { style: "percent", maximumFractionDigits: 0 },
  ).format(share);

export function money(price) {
  if (price === null || price === undefined) return "";
  const { currency } = document.documentElement.dataset;
  const style = currency
    ? { style: "currency", currency }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(language, style).format(price);
}

export const day = (atS) =>
  new Intl.DateTimeFormat(language, { day: "numeric", month: "short" }).format(atS * 1000);
