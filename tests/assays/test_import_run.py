"""Nothing is imported while anything is unclear, and what is imported can be traced to its well or row."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assays import services
from assays.models import MappedSample, Result, Run
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.services.files import UnableToStore
from assays.services.imports import UnableToImport
from tests import factories
from tests.assays import bench
from tests.cast import person, sign_in
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Effect, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    return bench.received_sample()


def refused(words, *, field, importing, **given):
    """The sentence, beside the right input, and nothing left behind."""
    with pytest.raises(UnableToImport, match=words) as refusal:
        importing(**given)
    assert refusal.value.field == field
    assert not Run.objects.exists()
    assert not Effect.objects.exists()


class TestPlate:
    def test_it_keeps_every_well_as_it_was_read(self, sample):
        run = bench.import_plate(sample)
        wells = {well.position: well for well in run.wells.all()}
        assert len(wells) == 96
        standard = wells["A1"]
        assert (standard.role, standard.nominal, standard.mapped_sample) == ("standard", 1000, None)
        assert standard.signal - standard.reference > Decimal("2")
        spl, empty = wells["C3"], wells["H12"]
        assert (spl.role, spl.dilution) == ("sample", 10)
        assert (spl.mapped_sample.sample, spl.mapped_sample.condition) == (sample, "stimulated")
        assert (empty.role, empty.signal, empty.missing) == ("empty", None, "the well was not read")

    def test_it_promises_the_computation_once_and_records_no_result_yet(self, sample):
        run = bench.import_plate(sample)
        assert (run.state, run.outcome, Result.objects.count()) == ("imported", None, 0)
        assert Effect.objects.get().arguments == {"run_id": run.pk}
        assert Event.objects.get(name="assays.run.imported").subject_id == run.pk

    def test_a_sample_may_be_scanned_instead_of_typed(self, sample):
        scanned = sample.container.payload
        chosen = {
            "1": Choice(sample_name=scanned, condition="stimulated"),
            "2": Choice(sample_name=scanned, condition="unstimulated"),
        }
        run = bench.import_plate(sample, choices=chosen)
        assert {name.sample for name in run.mapped_samples.all()} == {sample}

    def test_each_well_keeps_the_lines_of_the_file_that_it_was_read_from(self, sample, client):
        """ALC-4"""
        run = bench.import_plate(sample)
        lines = bytes(run.file.content).decode().split("\n")
        well = run.wells.get(position="C3")
        first, second = map(int, well.place.removeprefix("lines ").split(", "))
        assert f"{well.signal:.3f}" in lines[first - 1].split("\t")
        assert f"{well.reference:.3f}" in lines[second - 1].split("\t")
        sign_in(client, "vera")
        assert well.place in client.get(f"{run.get_absolute_url()}?well=C3").content.decode()

    def test_it_names_the_row_that_is_nothing_yet(self, sample):
        chosen = bench.choices_for(sample) | {"2": Choice()}
        refused(
            "UNS1: say which sample it is, or why it is left out",
            field="sample_2",
            importing=lambda: bench.import_plate(sample, choices=chosen),
        )

    def test_it_names_a_sample_that_nobody_knows(self, sample):
        """A11-02"""
        chosen = bench.choices_for(sample) | {"1": Choice(sample_name="QC9", condition="stimulated")}
        refused(
            "SPL1: no sample of this facility is called “QC9”",
            field="sample_1",
            importing=lambda: bench.import_plate(sample, choices=chosen),
        )

    def test_a_row_is_a_sample_or_left_out_not_both(self, sample):
        both = Choice(sample_name=str(sample), condition="stimulated", left_out="bubble")
        chosen = bench.choices_for(sample) | {"1": both}
        refused("not both", field="left_out_1", importing=lambda: bench.import_plate(sample, choices=chosen))

    def test_a_row_is_left_out_with_its_reason(self, sample):
        other = bench.received_sample()
        content = bench.plate(sample, other)
        left_out = {"3": Choice(left_out="Vial broke."), "4": Choice(left_out="Vial broke.")}
        run = bench.import_plate(content=content, choices=bench.choices_for(sample) | left_out)
        assert list(run.mapped_samples.filter(sample=None).values_list("left_out", flat=True)) == [
            "Vial broke.",
            "Vial broke.",
        ]

    def test_it_needs_both_conditions_of_a_sample(self, sample):
        chosen = bench.choices_for(sample) | {"2": Choice(left_out="contaminated")}
        refused(
            "has no unstimulated wells",
            field="condition_1",
            importing=lambda: bench.import_plate(sample, choices=chosen),
        )

    def test_a_sample_of_another_patient_is_not_taken_for_the_named_one(self, sample):
        """The plate says whose wells these are; the analyst maps somebody else's sample."""
        other = bench.received_sample()
        assert other.order.patient != sample.order.patient
        refused(
            f"SPL1: the instrument calls it {sample}, which is another sample than {other}",
            field="sample_1",
            importing=lambda: bench.import_plate(
                content=bench.plate(sample), choices=bench.choices_for(other)
            ),
        )

    def test_stimulated_and_unstimulated_wells_of_two_patients_are_not_one_sample(self, sample):
        other = bench.received_sample()
        crossed = {
            "1": Choice(sample_name=str(sample), condition="stimulated"),
            "2": Choice(sample_name=str(other), condition="unstimulated"),
            "3": Choice(sample_name=str(other), condition="stimulated"),
            "4": Choice(sample_name=str(sample), condition="unstimulated"),
        }
        content = bench.plate(sample, other, names=False)
        refused(
            "two samples cannot be taken for one",
            field="sample_2",
            importing=lambda: bench.import_plate(content=content, choices=crossed),
        )

    def test_a_sample_of_the_wrong_stage_is_refused(self):
        early = bench.received_sample(stage="in_process")
        refused(
            "is a sample “in process”; this method is not for that stage",
            field="sample_1",
            importing=lambda: bench.import_plate(early),
        )

    def test_a_sample_that_never_arrived_is_refused(self):
        drawn = factories.make_sample()
        refused(
            "has not been received by the laboratory",
            field="sample_1",
            importing=lambda: bench.import_plate(drawn),
        )

    def test_a_sample_of_a_stopped_order_is_refused(self, sample):
        with factories.writing():
            sample.order.state = "stopped"
            sample.order.save(update_fields=["state"])
        refused(
            "stopped for an identity mismatch",
            field="sample_1",
            importing=lambda: bench.import_plate(sample),
        )

    def test_a_reading_that_the_file_does_not_have_is_refused(self, sample):
        reads = Reads(signal="490", reference="620")
        refused(
            "the file has: 450, 620",
            field="signal",
            importing=lambda: bench.import_plate(sample, reads=reads),
        )

    def test_other_wavelengths_than_the_methods_need_a_reason(self, sample):
        reads = Reads(signal="450")
        refused(
            "The method reads 450 − 620 nm; here 450 is taken",
            field="acceptance",
            importing=lambda: bench.import_plate(sample, reads=reads),
        )
        run = bench.import_plate(sample, reads=reads, acceptance="The filter was out for repair.")
        assert run.findings == [
            "The method reads 450 − 620 nm; here 450 is taken. The run will not be valid."
        ]

    def test_a_cell_that_was_not_understood_needs_a_reason_and_counts_as_missing(self, sample):
        content = bench.plate(sample).decode().split("Results", 1)
        line = content[1].splitlines()[2]
        broken = (
            content[0] + "Results" + content[1].replace(line, line.replace(line.split("\t")[3], "OVRFLW", 1))
        )
        refused(
            "'OVRFLW' is not a number. The value counts as missing",
            field="acceptance",
            importing=lambda: bench.import_plate(sample, content=broken.encode()),
        )
        run = bench.import_plate(sample, content=broken.encode(), acceptance="Drop on the lid.")
        well = run.wells.get(position="A3")
        assert (well.signal, well.missing) == (None, "'OVRFLW' is not a number")

    def test_a_plate_without_a_standard_concentration_is_refused(self, sample):
        content = bench.plate(sample).decode().replace("\t1000\t1000\t", "\t\t\t")
        refused(
            "Well A1 is a standard without a nominal concentration",
            field="",
            importing=lambda: bench.import_plate(sample, content=content.encode()),
        )

    def test_a_plate_read_tomorrow_is_refused(self, sample):
        file = bench.store(bench.plate(sample), kind="plate_reader")
        equipment = bench.instrument("plate_reader")
        with factories.writing():
            equipment.time_zone = "Pacific/Pago_Pago"
            equipment.save(update_fields=["time_zone"])
        assert file.runs.count() == 0
        refused(
            "still to come: look at the instrument's clock",
            field="instrument",
            importing=lambda: bench.import_plate(sample, content=bytes(file.content)),
        )

    def test_a_measurement_before_the_sample_was_drawn_needs_a_reason(self, sample):
        with factories.writing():
            sample.drawn_at = timezone.now() - timedelta(minutes=5)
            sample.save(update_fields=["drawn_at"])
        refused(
            f"before {sample} was drawn",
            field="acceptance",
            importing=lambda: bench.import_plate(sample),
        )

    def test_a_file_is_imported_once(self, sample):
        content = bench.plate(sample)
        first = bench.import_plate(sample, content=content)
        with pytest.raises(UnableToStore, match="imported before"):
            services.import_run(
                file=first.file,
                method=first.method,
                instrument_code=first.instrument.code,
                choices=bench.choices_for(sample),
                reads=bench.ELISA_READS,
                by=person("ines"),
            )
        assert Run.objects.count() == 1

    def test_a_sample_at_work_in_another_run_has_to_wait(self, sample):
        first = bench.import_plate(sample)
        with pytest.raises(UnableToImport, match=f"is being computed in run {first.pk}; wait for it"):
            bench.import_plate(sample, content=bench.plate(sample, seed=2))

    def test_measuring_again_needs_a_reason(self, sample):
        bench.compute(bench.import_plate(sample))
        again = bench.plate(sample, seed=2)
        with pytest.raises(UnableToImport, match="already has IFN-γ release, net 641 pg/mL") as refusal:
            bench.import_plate(sample, content=again)
        assert refusal.value.field == "again"

    def test_only_an_analyst_imports(self, sample):
        run = bench.import_plate(sample)
        with pytest.raises(NotAuthorised):
            services.import_run(
                file=run.file, method=run.method, instrument_code="x", choices={}, by=person("olga")
            )


class TestCounts:
    def test_it_records_viability_and_total_viable_cells(self, sample):
        factories.make_bags(sample.order, count=2)  # 2 × 110 mL
        run = bench.import_counts(sample)
        results = {result.attribute: result for result in run.results.all()}
        viability, total = results["viability"], results["total_viable_cells"]
        assert (viability.raw_value, viability.value, viability.in_words) == (
            Decimal("91.24"),
            Decimal("91.2"),
            "91.2 %",
        )
        assert total.value == Decimal("52000000") * 220
        assert {result.state for result in results.values()} == {"recorded"}
        assert (run.state, viability.stage, viability.order) == ("computed", "pre_freeze", sample.order)

    def test_empty_bags_do_not_count(self, sample):
        factories.make_bags(sample.order, count=1)
        with factories.writing():
            factories.Container.objects.create(
                order=sample.order, code="BG9", kind="bag", state="labelled", volume_ml=500
            )
        total = bench.import_counts(sample).results.get(attribute="total_viable_cells")
        assert total.value == Decimal("52000000") * 110

    def test_without_a_filled_bag_the_total_is_missing_with_its_reason(self, sample):
        refused(
            "total viable cells will be missing: no product bag of this order is filled yet",
            field="acceptance",
            importing=lambda: bench.import_counts(sample),
        )
        run = bench.import_counts(sample, acceptance="Bags are filled tomorrow.")
        total = run.results.get(attribute="total_viable_cells")
        assert (total.value, total.missing) == (None, "no product bag of this order is filled yet")

    def test_an_in_process_sample_has_no_total(self):
        early = bench.received_sample(stage="in_process")
        run = bench.import_counts(early)
        assert [result.attribute for result in run.results.all()] == ["viability"]

    def test_a_row_with_error_cells_can_only_be_left_out(self, sample):
        factories.make_bags(sample.order)
        content = bench.counts(sample, failed=True)
        refused(
            f"Row 1, {sample}: Cell count: 'ERROR' is not a number",
            field="left_out_1",
            importing=lambda: bench.import_counts(sample, content=content),
        )
        run = bench.import_counts(content=content, choices={"1": Choice(left_out="The counter gave up.")})
        assert not run.results.exists()
        assert run.mapped_samples.get().left_out == "The counter gave up."

    def test_a_sample_counted_twice_is_one_row_too_many(self, sample):
        factories.make_bags(sample.order)
        refused(
            "is already Row 1",
            field="sample_2",
            importing=lambda: bench.import_counts(sample, sample),
        )

    def test_one_of_two_counts_of_a_sample_may_be_left_out(self, sample):
        factories.make_bags(sample.order)
        chosen = {"1": Choice(left_out="First aspiration."), "2": Choice(sample_name=str(sample))}
        run = bench.import_counts(sample, sample, choices=chosen)
        assert MappedSample.objects.filter(run=run).count() == 2

    def test_a_viability_above_a_hundred_percent_is_refused(self, sample):
        factories.make_bags(sample.order)
        content = bench.counts(sample).replace(b"91.24", b"191.24")
        refused(
            "191.24 % is above the largest possible value, 100",
            field="left_out_1",
            importing=lambda: bench.import_counts(sample, content=content),
        )

    def test_a_new_count_supersedes_the_old_one_which_stays(self, sample):
        factories.make_bags(sample.order)
        first = bench.import_counts(sample)
        chosen = {"1": Choice(sample_name=str(sample), again="The first vial was shaken too little.")}
        second = bench.import_counts(
            sample, content=bench.counts(sample, viability_percent=88.0), choices=chosen
        )
        old, new = first.results.get(attribute="viability"), second.results.get(attribute="viability")
        assert (old.state, old.in_words) == ("superseded", "91.2 %")
        assert (new.state, new.supersedes) == ("recorded", old)
        assert new.reason == "The first vial was shaken too little."
        superseded = Event.objects.filter(name="assays.result.superseded", subject_id=old.pk).get()
        assert superseded.chain == sample.order.chain
        assert superseded.details["attribute"] == "viability"
