"""What the system must do, what shows that it does, and the pack of papers that says so. Beside the river."""
