"""Reading of official documents into items, each with its organs, deadlines and place in the text."""

from domain.reading.as_json import reading_json
from domain.reading.document import read_document
from domain.reading.model import Anchor, Leaf, Paragraph, Reading, ReadItem, quoted

__all__ = ["Anchor", "Leaf", "Paragraph", "ReadItem", "Reading", "quoted", "read_document", "reading_json"]
