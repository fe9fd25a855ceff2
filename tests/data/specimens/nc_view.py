"""ChemoMetec NC-View."""

HEAD = (
    "NAME,SAMPLE ID,TAGS,PROTOCOL,MEDIA,USER,OPERATOR,SIGNED BY,INSTRUMENT,STATUS,TOTAL (cells/ml),LIVE (cells/ml),"
    "DEAD (cells/ml),VIABILITY (%),DIAMETER (µm),AGGREGATES (%),DEBRIS INDEX,DILUTION FACTOR"
)
BENCH = ",Count & Viability,Via2-Cassette,na,ana,,S/N: 9002000000000001,"


def nc_view() -> str:
    rows = [
        f"20261120-00019,TIL-0001-D22,{BENCH}OK,2.57E+06,2.35E+06,221 000,91.4,9.1,1.2,5,1",
        f"20261120-00020,TIL-0002-D22,{BENCH}Warning: Foreign object detected,274 000,251 000,22 900,91.6,9.3,0,20,1",
        f"20261120-00021,TIL-0003-D22,{BENCH}Error: No liquid,,,,,,,,1",
    ]
    return "\r\n".join([HEAD, *rows])
