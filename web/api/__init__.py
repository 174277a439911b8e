"""The API /api/v1: one module per noun, each a blueprint that describes itself."""
