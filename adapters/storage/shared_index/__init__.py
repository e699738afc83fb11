"""The index of a large library on PostgreSQL: vectors with pgvector (HNSW), words with full text, and every process
sees at once what one of them has put in.

- `schema`: the tables, in a schema of their own for each model, so that two models never meet
- `aside`: a thread with connections of its own, because an index is asked from threads
- `lag`: what it has otherwise than the store
- `writing`: put and remove      `words`, `finding`, `sample`: from a question to its candidates
- `clearing`: what was erased goes from every index
- `index`: what the library is given
"""
