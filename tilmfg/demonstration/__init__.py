"""A facility to try things on: invented people, invented patients, lots in every state, made through the verbs."""
