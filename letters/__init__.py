"""The frozen structure of a paper and its texts."""
