"""The REST API: the operations of all apps under one address, with one way in and one to refuse."""
