// 6 Model in service: its version, and how many nodes carry embeddings of it or an older one
MATCH (g:Graph {id: 'graph'})
OPTIONAL MATCH (n:Item|User|Entity) WHERE n.embedding IS NOT NULL
WITH g, n.embedding_version AS embedding_version, count(n) AS nodes
RETURN g.artifact_version AS artifact_version,
       CASE WHEN g.artifact_at_s IS NOT NULL
            THEN datetime({epochSeconds: toInteger(g.artifact_at_s)}) END AS since,
       embedding_version, nodes, g AS graph
ORDER BY nodes DESC
