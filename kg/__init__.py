"""Knowledge graph: schema, readers, extraction, encoders, stores, ingestion."""
