"""Bio-Rad Bio-Plex Manager."""

from assays.readers import Well
from tests.data.specimens.plate import ROWS, dilution_of, signal, used


def bioplex() -> str:
    kinds = {"Blank": "BLK", "Control": "CTL", "Standard": "STD", "Unknown": ("SPL", "UNS")}
    analytes = (("12", "IFN-g", 1), ("15", "IL-2", 2))
    samples, wells = [], []
    for kind, prefix in kinds.items():
        samples.append(f"<{kind}s>")
        for well in used():
            if not well.layout_name.startswith(prefix):
                continue
            readings = "".join(
                f'<MWAnalyte RegionNumber="{region}"><AnalyteName>{name}</AnalyteName>'
                f'<Reading Valid="true" Code="0" OutlierType="None">{signal(well) / factor:.17E}</Reading></MWAnalyte>'
                for region, name, factor in analytes
            )
            expected = "".join(
                f'<Analyte RegionNumber="{region}"><AnalyteName>{name}</AnalyteName>'
                f"<ExpectedConc>{float(well.nominal_concentration or 0) * factor:.17E}</ExpectedConc></Analyte>"  # type: ignore[arg-type]
                for region, name, factor in analytes
                if kind == "Standard"
            )
            dilution = f"<Dilution>{float(dilution_of(well)):.17E}</Dilution>" if kind == "Unknown" else ""
            samples.append(
                f"<{kind}><Description></Description><Label>{well.group}</Label>{dilution}<MemberWells>"
                f"<MemberWell {place_of(well)}><MWAnalytes>{readings}</MWAnalytes></MemberWell></MemberWells>"
                f"<Analytes>{expected}</Analytes></{kind}>"
            )
        samples.append(f"</{kind}s>")
    for well in used():
        regions = "".join(
            f'<BeadRegion RegionNumber="{region}"><RegionCount>{80 + well.column}</RegionCount>'
            f"<Median>{signal(well) / factor:.2f}</Median><Mean>{signal(well) / factor + 3:.17E}</Mean>"
            "<CV>2.0E-001</CV><StdDev>2.0E+002</StdDev><StdErr>3.2E+001</StdErr><TrimmedMean>9.7E+002</TrimmedMean>"
            "<TrimmedCV>1.8E-001</TrimmedCV><TrimmedStdDev>1.8E+002</TrimmedStdDev></BeadRegion>"
            for region, name, factor in analytes
        )
        wells.append(WELL_OF_BEADS.format(place=place_of(well), regions=regions))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<bpm:BioPlexManager xmlns:bpm="http://www.Bio-Rad.com/XMLschema/2010/Bio-Plex_5" '
        'BioPlexManagerVersion="6.2.0.175"><NativeDocumentLocation>C:\\PL-0042.rbx</NativeDocumentLocation>'
        "<NativeDocumentName>PL-0042</NativeDocumentName><Description></Description>"
        '<PlateDimensions Columns="12" Rows="8" TotalWells="96" />\n'
        f"<Samples>{chr(10).join(samples)}</Samples>\n<Wells>{chr(10).join(wells)}</Wells></bpm:BioPlexManager>\n"
    )


def place_of(well: Well) -> str:
    row = ROWS.index(well.row) + 1
    return f'RowNo="{row}" ColNo="{well.column}" WellNo="{(row - 1) * 12 + well.column}"'


WELL_OF_BEADS = (
    "<Well {place}><PlateID>PL-0042</PlateID><User>ana</User><AcquisitionTime>2026-11-20T15:04:05Z</AcquisitionTime>"
    "<RunProtocolDocumentName>Cytokines</RunProtocolDocumentName><RunProtocolDocumentLocation>C:\\Cytokines.spbx"
    '</RunProtocolDocumentLocation><RunConditions><PlatformTemp Unit="°C">23.56</PlatformTemp><RP1Gain>2198</RP1Gain>'
    '</RunConditions><RunSettings><SampleVolume Unit="µl">50</SampleVolume><StopReadingCriteria BeadCount="50" '
    'BeadCountIn="0">Each selected region</StopReadingCriteria><RegionsOfInterest><Region RegionNumber="12" />'
    '<Region RegionNumber="15" /></RegionsOfInterest></RunSettings><MachineInfo><MicroControllerVersion>2.6.1'
    "</MicroControllerVersion><SerialNumber>LX1</SerialNumber></MachineInfo><TotalEvents>717</TotalEvents>"
    "<TotalGatedEvents>637</TotalGatedEvents><TotalRegionEventCount>609</TotalRegionEventCount>"
    "<BeadRegions>{regions}</BeadRegions></Well>"
)
