"""A method may name a format that holds nothing it can compute from; its page says so."""

import pytest
from django.urls import reverse

from assays import catalogue, services
from tests.assays import bench
from tests.cast import person, sign_in

pytestmark = pytest.mark.django_db


def naming(entry, *formats):
    return bench.approved(entry | {"content": entry["content"] | {"formats": list(formats)}})


@pytest.mark.parametrize(
    ("entry", "content", "words"),
    [
        (
            catalogue.IFNG_ELISA,
            bench.counts,
            "holds counted cells; this method computes from wells of a plate",
        ),
        (catalogue.CYTOKINE_PANEL, bench.counts, "holds counted cells; this method computes from wells"),
        (
            catalogue.IDENTITY_FLOW,
            bench.counts,
            "holds counted cells; this method computes from named values",
        ),
        (
            catalogue.CELL_COUNT,
            bench.plate,
            "holds wells of a plate; this method computes from counted cells",
        ),
    ],
)
def test_a_file_of_another_shape_is_told_on_its_page(client, entry, content, words):
    method = naming(entry, "Vi-CELL BLU", "Gen5")
    instrument = bench.instrument(method.rules.instrument)
    file = services.store_file(
        filename="export.txt",
        content=content(bench.received_sample()),
        instrument_code=instrument.code,
        by=person("ana"),
    )
    sign_in(client, "ana")
    answer = client.get(reverse("import_preview", args=[file.pk]), {"instrument": instrument.code})
    assert answer.status_code == 200
    assert words in answer.content.decode()
