"""The SQLite file: write, read, check, edit, replay, rescore, delete, anonymize."""
