"""What the README's performance table is made from: each figure a ratio to a floor measured beside it."""
