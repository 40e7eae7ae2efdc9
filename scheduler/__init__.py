"""The rhythm of the office: jobs by the wall clock."""
