"""Words of the record in the middle of a sentence."""


def in_a_sentence(label: str) -> str:
    """“Waiting for QA” becomes “waiting for QA”; what begins with an abbreviation, as “QA reviewer”, stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
