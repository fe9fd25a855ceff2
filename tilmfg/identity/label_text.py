"""What the label of a container must say, after 21 CFR 610.60/61, 1271.90(c) and 312.6.

Pure text by kind of container; the kinds are those of `Container.Kind`.
"""

AUTOLOGOUS = "FOR AUTOLOGOUS USE ONLY"
NOT_EVALUATED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"
INVESTIGATIONAL = "Caution: New Drug—Limited by Federal law to investigational use."
PRESCRIPTION = "Rx only"
NO_POTENCY_STANDARD = "No U.S. standard of potency"

_NOT_FOR_INFUSION = "NOT FOR INFUSION"
_FINAL_PRODUCT = ("For intravenous infusion only", "Do not irradiate. Do not use a leukodepleting filter.")

_PURPOSE = {
    "tumor_bottle": ("Starting material", _NOT_FOR_INFUSION),
    "flask": ("In process", _NOT_FOR_INFUSION),
    "cryobag": ("Excess cells", _NOT_FOR_INFUSION),
    "vial": ("Sample for testing", _NOT_FOR_INFUSION),
    "bag": _FINAL_PRODUCT,
}


def statements(
    *, kind: str, investigational: bool, donor_evaluated: bool, reactive_for: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The statements in the order of their weight; a label that drops one is not a label.

    `donor_evaluated`: every screening and test that 1271.75 to 1271.85 ask of a donor was done.
    `reactive_for`: agents or diseases with a reactive result; such a label is also a biohazard label.
    """
    required = [AUTOLOGOUS]
    if not donor_evaluated:
        required.append(NOT_EVALUATED)
    required += [f"WARNING: Reactive test results for {agent}" for agent in reactive_for]
    if kind == "bag":
        required += [INVESTIGATIONAL] if investigational else [PRESCRIPTION, NO_POTENCY_STANDARD]
    return (*required, *_PURPOSE[kind])
