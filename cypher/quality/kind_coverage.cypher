// For each kind of entity how many items state one, their share of all items, how many different
// values there are and how certain the surest statement is on average
// :returns kind, items, share, entities, confidence
// :access read
// :slow reads every statement
MATCH (i:Item)
WITH count(i) AS all_items
MATCH (i:Item)-[r]->(e:Entity)
WITH all_items, i, e, max(r.confidence) AS certain
WITH all_items, i, e.kind AS kind, collect(e.id) AS values, max(certain) AS certain
WITH all_items, kind, count(i) AS items, avg(certain) AS confidence, collect(values) AS lists
UNWIND lists AS values
UNWIND values AS value
RETURN kind, items, round(toFloat(items) / all_items, 6) AS share,
       count(DISTINCT value) AS entities, round(confidence, 6) AS confidence
ORDER BY kind
