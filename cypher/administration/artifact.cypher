// Which artifact is in service, since when (UTC epoch seconds): its embeddings are in the graph
// :returns artifact_version, artifact_at_s
// :access read
MATCH (g:Graph {id: 'graph'})
WHERE g.artifact_version IS NOT NULL
RETURN g.artifact_version AS artifact_version, g.artifact_at_s AS artifact_at_s
