"""Nova BioProfile FLEX2."""


def bioprofile() -> str:
    head = (
        '"Date & Time","Sample ID","Sample Type","Gln","Glu","Gluc","Lac","NH4+","Na+","K+","Ca++","pH","PO2","PCO2",'
        '"Osm","Total Density","Viable Density","Viability","Cell Type","Operator",'
    )
    rows = [
        "11/20/2026  10:28:04 AM,TIL-0001-D22,Default,0.56,0.16,0.78,2.10,0.25,127.5,4.47,1.09,7.340,197.1,10.3,300,"
        "2.57,2.35,91.4,TIL,ana,",
        "11/20/2026  10:33:17 AM,TIL-0002-D22,Default,0.58,0.12,0.79,1.90,0.25,128.1,4.47,1.09,7.262,211.9,14.5,303,"
        "0.18,10.00%,88.0,TIL,ana,",
    ]
    return "\r\n".join([head, *rows, ""])
