"""The ground every room stands on: who did what, when and why. It knows no other room."""
