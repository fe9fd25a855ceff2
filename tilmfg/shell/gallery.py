"""Invented contents for the gallery of components; no record is read or written."""

import math
from datetime import timedelta

from django import forms
from django.utils import timezone

from .paging import Page
from .pictures import Event, Fit, Measured, Node, Reading, Well
from .state_words import MACHINES, TONES

FIT = Fit(a=0.045, b=1.12, c=310.0, d=3.1)
STANDARDS = (7.8, 15.6, 31.3, 62.5, 125, 250, 500, 1000)
ROWS = "ABCDEFGH"


class StepForm(forms.Form):
    idempotency_key = forms.CharField(widget=forms.HiddenInput, initial="0198f3a2")
    incubator = forms.CharField(label="Incubator", help_text="Scan the label on its door.")
    viable_cells = forms.DecimalField(label="Viable cells, pooled")
    viability = forms.DecimalField(label="Viability", min_value=0, max_value=100)
    viability_reason = forms.CharField(
        label="Why is it outside the limit?", widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    endotoxin = forms.DecimalField(label="Endotoxin")
    volume = forms.DecimalField(label="Volume after reduction", required=False)
    appearance = forms.ChoiceField(
        label="Appearance",
        choices=[("clear", "Clear, no clumps"), ("clumps", "Clumps")],
        widget=forms.RadioSelect,
    )
    flask_type = forms.ChoiceField(
        label="Flask", choices=[("", "Choose"), ("500", "G-Rex 500M-CS"), ("100", "G-Rex 100M-CS")]
    )
    performed_at = forms.DateTimeField(
        label="Performed at", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    cleared = forms.BooleanField(label="The line was cleared before and after")


class SigningForm(forms.Form):
    decision = forms.ChoiceField(
        label="Decision", choices=[("release", "Release"), ("reject", "Reject")], widget=forms.RadioSelect
    )
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 2}))
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


def _plate():
    wells = []
    for row, letter in enumerate(ROWS):
        for column in range(1, 13):
            wells.append(_well(letter, row, column))
    return wells


def _well(letter, row, column):
    position = f"{letter}{column}"
    if column <= 2:
        x = STANDARDS[7 - row]
        return Well(
            position=position,
            value=round(_response(x) * (1.02 if column == 1 else 0.98), 3),
            role="standard",
            label=f"S{row + 1}",
        )
    if column == 3:
        return Well(position=position, value=0.041 + row / 1000, role="blank", label="Blank")
    if column in (4, 5):
        return Well(position=position, value=1.32 + row / 50, role="control", label="QC-M")
    if column == 12:
        return Well(position=position, value=None, role="empty")
    value = round(0.2 + abs(math.sin(row * 1.7 + column)) * 2.4, 3)
    masked = position == "D7"
    return Well(
        position=position,
        value=value,
        role="sample",
        label=f"42-QC{column - 5}",
        masked=masked,
        url=f"#{position}",
    )


def _response(x):
    return FIT.d + (FIT.a - FIT.d) / (1 + (x / FIT.c) ** FIT.b)


def _crowded_plate():
    return [
        Well(
            position=f"{chr(65 + row)}{column + 1}",
            value=800 + 90_000 * math.sin((row + 1) * (column + 1) / 60) ** 2,
            role="sample",
        )
        for row in range(16)
        for column in range(24)
    ]


def _standards():
    wobble = (1.05, 0.97, 1.02, 0.99, 1.01, 0.985, 1.015, 0.99)
    points = [
        Measured(concentration=x, response=_response(x) * w, label=f"S{i}")
        for i, (x, w) in enumerate(zip(STANDARDS, wobble, strict=True), 1)
    ]
    return [
        *points,
        Measured(concentration=180, response=_response(180), role="control", label="QC-M"),
        Measured(concentration=62.5, response=1.3, label="S5b", masked=True),
    ]


def _growth():
    recorded = [Reading(day=0, cells=3.1e6), Reading(day=11, cells=6.4e7), Reading(day=16, cells=4.2e9)]
    return [*recorded, Reading(day=22, cells=2.6e10, predicted=True, low=1.4e10, high=4.4e10)]


def _family():
    nodes = [Node(id="TB1", kind="Tumor bottle", label="TB1", detail="2.4 g", tone="quiet")]
    edges = []
    for i in range(1, 5):
        nodes.append(
            Node(id=f"FL{i}", kind="Flask, day 0", label=f"FL{i}", detail="58 fragments", tone="quiet")
        )
        edges += [("TB1", f"FL{i}"), (f"FL{i}", "FL5")]
    nodes.append(
        Node(id="FL5", kind="Flask, day 11", label="FL5", detail="6.4 × 10⁷ cells", tone="quiet", url="#FL5")
    )
    for i in range(6, 10):
        nodes.append(
            Node(
                id=f"FL{i}",
                kind="Flask, day 16",
                label=f"FL{i}",
                detail="1.1 × 10⁹ cells",
                tone="working",
                url=f"#FL{i}",
            )
        )
        edges += [("FL5", f"FL{i}"), *((f"FL{i}", f"BG{n}") for n in range(1, 5)), (f"FL{i}", "QC1")]
    nodes += [
        Node(
            id=f"BG{n}",
            kind=f"Product bag {n} of 4",
            label=f"BG{n}",
            detail="110 mL",
            tone="good",
            url=f"#BG{n}",
        )
        for n in range(1, 5)
    ]
    nodes.append(Node(id="QC1", kind="Sample vial", label="QC1", detail="potency", tone="ahead"))
    return nodes, edges


def _events(now):
    return [
        Event(
            at=now - timedelta(days=11, hours=3),
            what="Tumor received",
            by="Olga Petrova, Tomás Herrera",
            detail="2.4 g, 4.1 °C, seal 88213 intact",
            tone="good",
            icon="box",
        ),
        Event(
            at=now - timedelta(days=11),
            what="Day 0: fragments seeded",
            by="Olga Petrova",
            detail="232 fragments in 4 flasks",
            tone="done",
            icon="flask",
        ),
        Event(
            at=now - timedelta(days=1, hours=2),
            what="Deviation DEV-2026-0017 opened",
            by="the system",
            detail="Day 11 began 26 h after its window closed.",
            tone="bad",
            icon="alert",
            url="#deviation",
        ),
        Event(
            at=now - timedelta(minutes=25),
            what="Day 11: rapid expansion started",
            by="Tomás Herrera",
            tone="waiting",
            icon="eye",
        ),
    ]


def _parts(request):
    now = timezone.now()
    return {
        "machines": MACHINES,
        "tones": TONES,
        "now": now,
        "earlier": now - timedelta(hours=3),
        "evening": timezone.localtime(now - timedelta(days=1)).replace(
            hour=22
        ),  # tomorrow in UTC, in America
        "opens": now - timedelta(hours=6),
        "closes": now + timedelta(hours=18),
        "planned": now + timedelta(hours=6),
        "past_opens": now - timedelta(hours=30),
        "past_closes": now - timedelta(hours=6),
        "future_opens": now + timedelta(hours=15),
        "future_closes": now + timedelta(hours=63),
        "needed_by_date": timezone.localdate() + timedelta(days=6),
        "events": _events(now),
        "page": Page(rows=[1] * 50, previous={"before": "901"}, next={"after": "852"}),
    }


def _pictures(request):
    nodes, edges = _family()
    return {
        "wells": _plate(),
        "crowded": _crowded_plate(),
        "fit": FIT,
        "standards": _standards(),
        "growth": _growth(),
        "nodes": nodes,
        "edges": edges,
    }


def _step(request):
    return {"form": StepForm(), "now": timezone.now()}


def _refused_step(request):
    typed = {
        "incubator": "INC-04",
        "viable_cells": "6.4e7",
        "viability": "61.5",
        "endotoxin": "lots",
        "performed_at": "2026-11-23T14:05",
    }
    return {"form": StepForm(typed), "now": timezone.now()}


def _signing(request):
    return {"form": SigningForm(), "submit": "Sign", "icon": "pen", "now": timezone.now()}


def _mismatch(request):
    return {
        "what": "This bag belongs to another patient’s lot.",
        "expected": "&/CHA999926000042.BG2",
        "read": "&/CHA999926000024.BG2",
        "at": timezone.now(),
        "by": "Sam Whitfield",
        "where": "Bedside, University Hospital 07",
        "stopped": ["Infusion of lot TIL-2026-0042", "Bag BG2 of lot TIL-2026-0024 is quarantined"],
        "told": [
            "Adam Verhoeven, identity administrator",
            "Quinn O’Hara, QA reviewer",
            "Deviation DEV-2026-0019 is open",
        ],
        "todo": [
            "Do not connect the bag. Put it on the red tray.",
            "Keep the wristband on the patient.",
            "Call +1 555 0142: identity administrator on duty.",
        ],
        "links": [{"name": "Open the deviation", "url": "#"}],
    }


def _login(request):
    return {"form": LoginForm()}


class LoginForm(forms.Form):
    username = forms.CharField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


PAGES = {
    "parts": ("shared/gallery.html", _parts),
    "pictures": ("shared/gallery_pictures.html", _pictures),
    "step": ("shared/gallery_step.html", _step),
    "refused-step": ("shared/gallery_step.html", _refused_step),
    "signing": ("shared/gallery_signing.html", _signing),
    "mismatch": ("shared/mismatch.html", _mismatch),
    "login": ("accounts/login.html", _login),
}
