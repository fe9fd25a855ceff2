"""Lists of any length are turned by a cursor; nothing is counted."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    page_size = 50
    ordering = "-pk"


class OldestFirst(CursorPagination):
    page_size = 100
    ordering = "pk"
