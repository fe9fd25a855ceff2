"""The front door: what needs this person, and the scan box that opens what can be done with a thing."""
