// How many people chose both of two items: counted, never named.
// jaccard = people of both over people of either; lift = how many times more often than by chance.
// Cost grows with the people of the two.
// :param item_id STRING
// :param other_id STRING
// :returns people, item_people, other_people, jaccard, lift, graph
// :access read
MATCH (item:Item {id: $item_id}), (other:Item {id: $other_id})
CALL (item) { MATCH (item)<-[:INTERACTED]-(u) RETURN count(DISTINCT u) AS item_people }
CALL (other) { MATCH (other)<-[:INTERACTED]-(u) RETURN count(DISTINCT u) AS other_people }
CALL (item, other) {
  MATCH (item)<-[:INTERACTED]-(u)
  WITH DISTINCT u, other
  MATCH (u)-[:INTERACTED]->(other)
  RETURN count(DISTINCT u) AS people
}
CALL () { MATCH (u:User) RETURN count(u) AS users }
WITH item, other, people, item_people, other_people, users,
     item_people + other_people - people AS either
RETURN people, item_people, other_people,
       CASE either WHEN 0 THEN 0.0 ELSE round(toFloat(people) / either, 6) END AS jaccard,
       CASE WHEN item_people * other_people = 0 THEN 0.0
            ELSE round(toFloat(people) * users / item_people / other_people, 6) END AS lift,
       [item, other] AS graph
