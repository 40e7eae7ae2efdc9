"""What people read in their language: the catalogues and how a sentence is looked up."""
