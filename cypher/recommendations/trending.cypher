// Items by what happened to them lately: the sum of weight x 0.5 ^ (age / half_life_s).
// Interactions older than six half-lives (worth under 2 %) or later than now_s do not count.
// :param now_s FLOAT
// :param half_life_s FLOAT = 604800
// :param limit INTEGER = 20
// :returns item_id, title, interactions, score, graph
// :access read
// :slow every interaction's time is read once; ask seldom and keep the answer
MATCH ()-[r:INTERACTED]->(item)
WHERE r.at_s > $now_s - 6 * $half_life_s AND r.at_s <= $now_s
WITH item, count(r) AS interactions,
     round(sum(coalesce(r.weight, 1.0) * 0.5 ^ ((toFloat($now_s) - r.at_s) / $half_life_s)), 6) AS score
ORDER BY score DESC, item.id LIMIT $limit
RETURN item.id AS item_id, item.title AS title, interactions, score, [item] AS graph
ORDER BY score DESC, item_id
