// A node by label and id, with how many relationships it has, and how many of them to people
// :param label STRING
// :param id STRING
// :returns node, degree, people, graph
// :access read
MATCH (n:Item|User|Entity {id: $id})
WHERE $label IN labels(n)
RETURN n AS node, COUNT { (n)--() } AS degree, COUNT { (n)--(:User) } AS people, [n] AS graph
