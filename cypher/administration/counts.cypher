// How many nodes each label and how many relationships each type has
// :returns part, name, count
// :access read
// :slow counts every node and every relationship
CALL () {
  MATCH (n)
  UNWIND labels(n) AS name
  RETURN 'node' AS part, name, count(*) AS count
  UNION ALL
  MATCH ()-[r]->()
  RETURN 'relationship' AS part, type(r) AS name, count(*) AS count
}
RETURN part, name, count
ORDER BY part, name
