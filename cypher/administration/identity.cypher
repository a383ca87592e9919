// The graph's identity, made once by migrate: an artifact carries it and fits no other graph
// :returns identity, vector_dim
// :access read
MATCH (g:Graph {id: 'graph'})
RETURN g.identity AS identity, g.vector_dim AS vector_dim
