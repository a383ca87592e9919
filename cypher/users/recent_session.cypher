// A user's last session, oldest event first: the newest event and those before it, back to the
// first pause longer than gap_s seconds
// :param user_id STRING
// :param gap_s FLOAT = 1800
// :param limit INTEGER = 50
// :returns item_id, title, event, weight, at_s, graph
// :access read
MATCH path = (:User {id: $user_id})-[r:INTERACTED]->(i:Item)
WITH r, i, path ORDER BY r.at_s DESC, i.id, r.event
WITH collect({event: r, item: i, path: path}) AS events, collect(r.at_s) AS times
WITH events, [k IN range(0, size(times) - 2) WHERE times[k] - times[k + 1] > $gap_s | k][0] AS pause
WITH CASE WHEN pause IS NULL THEN events ELSE events[0..pause + 1] END AS session
UNWIND session[0..$limit] AS one
WITH one.item AS i, one.event AS r, one.path AS path
RETURN i.id AS item_id, i.title AS title, r.event AS event, r.weight AS weight, r.at_s AS at_s,
       [path] AS graph
ORDER BY at_s, item_id, event
