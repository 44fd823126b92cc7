"""The review: a run's quotes accepted, corrected and added to by a person, kept beside it and written as gold."""
