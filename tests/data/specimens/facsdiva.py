"""A BD FACSDiva experiment."""

from tests.data.specimens.flowjo import EVENTS, GATES

WORKSHEET = (
    '<worksheet_config active_worksheet="Sheet1" active_group="ACQUISITION_TEMPLATES">'
    '<worksheet name="Global Sheet1" type="ACQUISITION_TEMPLATE" AppSettings="false">'
    '<worksheet_element type="BIEXPDOTPLOT" x="13" y="11"><plot type="BIEXPDOTPLOT"><gate_selections>'
    '<gate name="All Events" /></gate_selections></plot></worksheet_element></worksheet></worksheet_config>'
)
QUADRANT = "$1763965895686"  # what four gates of a plot hang on, by the time at which it was drawn


def facsdiva() -> str:
    """The samples of the FlowJo workspace, and a tube that nothing was recorded of."""
    tubes = [_tube(name, at, counts) for at, (name, counts) in enumerate(EVENTS, start=1)]
    tubes.append(_tube("Spare", 9, (0,) * (len(GATES) + 1)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<bdfacs version="Version 8.0.2" release_version="Version 8.0.2">\n'
        '<experiment name="PL-0042"><date>2026-11-20T09:40:12</date><owner_name>ana</owner_name>'
        f"<export_time>2026-11-20T10:31:27</export_time>{WORKSHEET}\n"
        '<specimen name="Specimen_001">' + "\n".join(tubes) + "</specimen></experiment>\n</bdfacs>\n"
    )


def _tube(name: str, at: int, counts: tuple[int, ...]) -> str:
    path, gates = "All Events", ['<gate fullname="All Events" type="EventSource_Classifier">']
    gates[0] += f"<name>All Events</name><num_events>{counts[0]}</num_events></gate>"
    for gate, count in zip(GATES, counts[1:], strict=True):
        gates.append(_gate(path, gate, count, "Region_Classifier", "POLYGON_REGION"))
        path = f"{path}\\{gate}"
    gates.append(_gate("All Events", QUADRANT, 0, "Composite_Classifier", "BINNER_REGION"))
    return (
        f'<tube name="{name}"><date>2026-11-20T10:0{at}:39</date><data_filename>{at}.fcs</data_filename>'
        f"<data_begin_date>2026-11-20T10:0{at}:02</data_begin_date>"
        f"<data_end_date>2026-11-20T10:0{at}:39</data_end_date>"
        "<data_instrument_serial_number>1</data_instrument_serial_number>"
        "<data_instrument_name>LSRFortessa</data_instrument_name>"
        '<keywords><keyword name="SAMPLE ID" type="2"><value></value></keyword></keywords>'
        f"<gates>{''.join(gates)}</gates></tube>"
    )


def _gate(path: str, name: str, count: int, kind: str, region: str) -> str:
    return (
        f'<gate fullname="{path}\\{name}" type="{kind}"><name>{name}</name><num_events>{count}</num_events>'
        f'<parent>{path}</parent><region name="{name}" xparm="FSC-A" yparm="SSC-A" type="{region}"><points>'
        '<point x="54321.8" y="-13666.5" /><point x="144190.4" y="56752.9" /></points></region>'
        f"<input>{path}</input></gate>"
    )
