// Properties that the nodes of each label have in truth: how many nodes have each, of which types
// :returns label, property, nodes, types
// :access read
// :slow looks at every property of every node
MATCH (n)
UNWIND labels(n) AS label
UNWIND keys(n) AS property
WITH label, property, split(split(valueType(n[property]), ' ')[0], '<')[0] AS type, count(*) AS nodes
ORDER BY type
RETURN label, property, sum(nodes) AS nodes, collect(type) AS types
ORDER BY label, property
