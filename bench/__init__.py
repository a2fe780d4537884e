"""`make bench`: how fast and how small the module is, next to what people use instead. docs/performance.md says how."""
