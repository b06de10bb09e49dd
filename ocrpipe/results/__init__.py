"""Rows on disk: the schema, the writer that leaves a whole file or none, the pictures of the fields."""
