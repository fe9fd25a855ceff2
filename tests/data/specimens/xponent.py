"""Luminex xPONENT."""

from tests.data.specimens.plate import dilution_of, signal, used


def xponent() -> str:
    lines = [
        "Program,xPONENT,,MAGPIX,,",
        "Build,4.3.229.0,,,,",
        "Date,11/20/2026,10:04 AM,,,",
        ",,,,,",
        "SN,MAGPX0001,,,,",
        "Batch,PL-0042,,,,",
        "Version,1,,,,",
        "Operator,ana,,,,",
        "ComputerName,LAB-7,,,,",
        "Country Code,7F,,,,",
        "ProtocolName,Cytokines,,,,",
        "ProtocolVersion,3,,,,",
        "ProtocolDescription,,,,,",
        "ProtocolDevelopingCompany,,,,,",
        "SampleVolume,50 uL,,,,",
        "DDGate,5000 to 25000,,,,",
        "SampleTimeout,0 sec,,,,",
        "BatchStartTime,11/20/2026 10:04:05 AM,,,,",
        "BatchStopTime,11/20/2026 10:30:00 AM,,,,",
        "BatchDescription,<None>,,,,",
        "ProtocolPlate,Name,96 wells,Type,96,Plates,1",
        "ProtocolMicrosphere,Map,MagPlex,Type,MagPlex,Count,2",
        "ProtocolReporterGain,Standard PMT,,,,",
        "ProtocolAnalysis,Off,,,,",
        "NormBead,None,,,,",
        "ProtocolHeater,Off,,,,",
        ",,,,,",
        "Most Recent Calibration and Verification Results:,,,,,",
        "Last CAL1 Calibration,Passed 11/20/2026 09:25:11,,,,",
        ",,,,,",
        "CALInfo:,,,,,",
        "Reporter Calibrator,,,,,",
        "Lot,ExpirationDate,CalibrationTime,Result,MachineSerialNo,",
        "B11121,02/08/2027,11/20/2026 9:25:41 AM,Pass,MAGPX0001,",
        ",,,,,",
        "Samples,96,Min Events,50,Per Bead,",
        ",,,,,",
        "Results,,,,,",
        ",,,,,",
    ]
    blocks = (
        ("Median", "IFN-g,IL-2,Total Events", lambda well: f"{signal(well)},{signal(well) / 2},210"),
        ("Count", "IFN-g,IL-2,Total Events", lambda well: f"{95 + well.column},{103 + well.column},210"),
        ("Units", None, None),
        ("Dilution Factor", "Dilution Factor", lambda well: dilution_of(well)),
    )
    for kind, head, cells in blocks:
        lines.append(f"DataType:,{kind},,,,")
        if cells is None:
            lines += ["Analyte:,IFN-g,IL-2,,,", "BeadID:,12,15,,,", "Units:,pg/mL,pg/mL,,,", ",,,,,"]
            continue
        lines.append(f"Location,Sample,{head},")
        lines += [
            f'"{at}(1,{well.position})",{well.group},{cells(well)},'
            for at, well in enumerate(used(), start=1)
        ]
        lines.append(",,,,,")
    lines += ["-- CRC --,,,,,", "CRC32: 00000000,,,,,"]
    return "\r\n".join([*lines, ""])
