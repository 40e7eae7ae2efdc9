"""What crosses a process border: ids, counts and seconds in frozen dataclasses."""
