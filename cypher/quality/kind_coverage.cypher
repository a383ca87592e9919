// For each kind of entity how many items state one, their share of all items, how many different
// values there are and how certain the surest statement is on average
// :returns kind, items, share, entities, confidence
// :access read
// :slow reads every statement
CALL () { MATCH (i:Item) RETURN count(i) AS all_items }
MATCH (e:Entity)
WITH DISTINCT all_items, e.kind AS kind
CALL (kind) {
  MATCH (:Entity {kind: kind})<-[r]-(i:Item)
  WITH i.id AS id, max(r.confidence) AS certain
  RETURN count(id) AS items, avg(certain) AS confidence
}
CALL (kind) {
  MATCH (value:Entity {kind: kind})
  WHERE EXISTS { (value)<--(:Item) }
  RETURN count(value) AS entities
}
WITH kind, items, all_items, entities, confidence
WHERE items > 0
RETURN kind, items, round(toFloat(items) / all_items, 6) AS share,
       entities, round(confidence, 6) AS confidence
ORDER BY kind
