import pgtrigger.compiler
import pgtrigger.migrations
import tilmfg.records.triggers
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("assays", "0019_bag_volumes_of_a_count"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="runreagent",
            name="runs_use_released_lots",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="run",
            trigger=pgtrigger.compiler.Trigger(
                name="runs_are_measured_by_calibrated_instruments",
                sql=tilmfg.records.triggers.GuardSql(
                    func="PERFORM FROM facility_equipment e WHERE e.id = NEW.instrument_id AND NEW.measured_at AT TIME ZONE 'UTC' < e.calibration_due_date + interval '36 hours' FOR KEY SHARE; IF NOT FOUND THEN RAISE EXCEPTION 'runs_are_measured_by_calibrated_instruments: it was due before the measurement' USING ERRCODE = 'GM012'; END IF; RETURN NEW;",
                    hash="9064701ebea3b54655305494ce6e5595bbc8a401",
                    operation="INSERT",
                    pgid="pgtrigger_runs_are_measured_by_calibrated_instruments_63aa7",
                    table="assays_run",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="runreagent",
            trigger=pgtrigger.compiler.Trigger(
                name="runs_use_released_lots",
                sql=tilmfg.records.triggers.GuardSql(
                    func="PERFORM FROM facility_materiallot l WHERE l.id = NEW.lot_id AND l.status = 'released' AND lower(l.material) = lower(NEW.reagent) AND EXISTS ( SELECT FROM assays_run r JOIN assays_method m ON m.id = r.method_id WHERE r.id = NEW.run_id AND r.state = 'imported' AND m.content->'reagents' ? NEW.reagent AND r.measured_at AT TIME ZONE 'UTC' < l.expiry_date + interval '36 hours') FOR SHARE; IF NOT FOUND THEN RAISE EXCEPTION 'runs_use_released_lots: not released, expired, of another material, or not asked for' USING ERRCODE = 'GM012'; END IF; RETURN NEW;",
                    hash="268e347d4a98a0c4a32ca225c788eb678419d635",
                    operation="INSERT",
                    pgid="pgtrigger_runs_use_released_lots_1da8f",
                    table="assays_runreagent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
