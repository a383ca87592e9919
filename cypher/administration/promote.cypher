// Say in the graph which artifact is in service, and since when (UTC epoch seconds)
// :param version STRING
// :param at_s FLOAT
// :returns artifact_version, artifact_at_s
// :access write
MATCH (g:Graph {id: 'graph'})
SET g.artifact_version = $version, g.artifact_at_s = $at_s
RETURN g.artifact_version AS artifact_version, g.artifact_at_s AS artifact_at_s
