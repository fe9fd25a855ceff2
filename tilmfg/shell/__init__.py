"""The frame every page stands in: rooms, words for states, template tags and the pictures people look at.

Everyone who logs in meets it; it knows no model and imports no other room.
"""
