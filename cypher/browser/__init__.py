"""What a person loads into Neo4j Browser: a style, saved queries, a guide."""
