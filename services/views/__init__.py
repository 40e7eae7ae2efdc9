"""What pages show: reading queries, one file a subject. They change nothing and see only what the reader may."""
