"""A FlowJo workspace."""

# Sample, then the events of each gate below the one before.
GATES = ("Singlets", "Live", "CD45+CD3+", "CD8+", "CD107a+")
EVENTS = (
    ("Control cells", (98_000, 91_500, 84_200, 58_400, 25_600, 900)),
    ("TIL-0001-D22 stimulated", (120_400, 112_300, 101_777, 96_540, 61_220, 20_112)),
    ("TIL-0001-D22 unstimulated", (118_900, 111_004, 100_250, 95_101, 60_080, 1_215)),
)


def flowjo() -> str:
    samples = []
    for at, (name, counts) in enumerate(EVENTS, start=1):
        inner = ""
        for gate, count in reversed(list(zip(GATES, counts[1:], strict=True))):
            below = f"<Subpopulations>{inner}</Subpopulations>" if inner else ""
            inner = (
                f'<Population name="{gate}" annotation="" owningGroup="All Samples" count="{count}">'
                f"{GATE.format(gate=gate, sample=at)}{below}</Population>"
            )
        keywords = {
            "$DATE": "20-NOV-2026",
            "$BTIM": f"10:0{at}:39",
            "$CYT": "FACSCelesta",
            "$TOT": str(counts[0]),
        }
        words = "".join(f'<Keyword name="{key}" value="{value}" />' for key, value in keywords.items())
        samples.append(
            f'<Sample><DataSet uri="file:/C:/{at}.fcs" sampleID="{at}" /><Keywords>{words}</Keywords>'
            f'<SampleNode name="{name}.fcs" annotation="" owningGroup="" sampleID="{at}" count="{counts[0]}">'
            f"<Subpopulations>{inner}</Subpopulations></SampleNode></Sample>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Workspace version="20.0" modDate="Fri Nov 20 15:24:55 EST 2026" '
        'clientTimestamp="1763965895686" flowJoVersion="10.10.0" '
        'xmlns:gating="http://www.isac-net.org/std/Gating-ML/v2.0/gating" '
        'xmlns:transforms="http://www.isac-net.org/std/Gating-ML/v2.0/transformations" '
        'xmlns:data-type="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.isac-net.org/std/Gating-ML/v2.0/gating Gating-ML.v2.0.xsd '
        "http://www.isac-net.org/std/Gating-ML/v2.0/transformations Transformations.v2.0.xsd "
        'http://www.isac-net.org/std/Gating-ML/v2.0/datatypes DataTypes.v2.0.xsd" '
        'nonAutoSaveFileName="file:/C:/PL-0042.wsp">\n<Matrices />\n<Groups />\n<SampleList>'
        + "\n".join(samples)
        + "</SampleList></Workspace>\n"
    )


GATE = (
    '<Gate gating:id="{sample}{gate}"><gating:RectangleGate gating:id="{sample}{gate}">'
    '<gating:dimension gating:min="1" gating:max="2"><data-type:fcs-dimension data-type:name="FSC-A" />'
    "</gating:dimension></gating:RectangleGate></Gate>"
)
