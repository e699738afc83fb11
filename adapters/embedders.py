"""The engines behind knowledge.embedding.Embedder."""
