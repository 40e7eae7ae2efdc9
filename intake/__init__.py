"""Files that come in: documents to paragraphs, organisation files to units."""
