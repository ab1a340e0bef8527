"""The walk as a durable workflow: `walk` is the table of contents, `house` the wiring, `engine` the durability."""
