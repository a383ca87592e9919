// Types of relationships, the labels that each joins in truth, how many there are and which
// properties they have
// :returns start, type, end, count, properties
// :access read
// :slow looks at every relationship
MATCH (s)-[r]->(e)
WITH [label IN labels(s) WHERE label <> 'Entity'] AS starts, type(r) AS type,
     [label IN labels(e) WHERE label <> 'Entity'] AS ends, keys(r) AS names, count(*) AS count
UNWIND CASE WHEN size(names) = 0 THEN [null] ELSE names END AS name
WITH starts[0] AS start, type, ends[0] AS end, name, names, count
ORDER BY name
WITH start, type, end, collect(DISTINCT name) AS properties,
     collect(DISTINCT {names: names, count: count}) AS sorts
RETURN start, type, end, reduce(total = 0, sort IN sorts | total + sort.count) AS count, properties
ORDER BY start, type, end
