// 2 Schema: the labels of this graph and the relationships between them
CALL db.schema.visualization()
