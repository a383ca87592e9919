// 6 Model in service: its version, and how many nodes carry embeddings of it or an older one
MATCH (g:Graph {id: 'graph'})
OPTIONAL MATCH (n:Item|User|Entity) WHERE n.embedding IS NOT NULL
WITH g, n.embedding_version AS embedding_version, count(n) AS nodes
RETURN g.artifact_version AS artifact_version,
       datetime({epochSeconds: toInteger(g.artifact_at_s)}) AS since,
       embedding_version, nodes, g AS graph
ORDER BY nodes DESC
