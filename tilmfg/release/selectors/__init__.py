"""The questions that read."""

from .dossier import dossier_of, lots

__all__ = ["dossier_of", "lots"]
