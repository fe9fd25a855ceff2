"""ChemoMetec NucleoView."""


def nucleoview() -> str:
    return "\r\n".join(
        [
            "Viability and Cell Count Assay; ;",
            "Image;20261120-0012-c-TIL-0001-D22;",
            "Operator;ana;",
            "Viability (%);91.4;",
            "Live (cells/ml);2.35E6;",
            "Dead (cells/ml);2.21E5;",
            "Total (cells/ml);2.57E6;",
            " ; ;",
            "Estimated cell diameter (um);9.1;",
            "Cell diameter standard deviation (um);2.3;",
            "(%) of cells in aggregates with five or more cells;3;",
            "Sample Volume (ul);200.0;",
            "Dilution Volume (ul);0.000;",
            "Multiplication factor;1.000;",
            ";",
            "cm filename;20261120-0012-c-TIL-0001-D22.cm",
            "Protocol template title;Viability and Cell Count Assay",
            "Instrument type;NucleoView NC-200",
            "Instrument s/n;s/n 9000",
            "Date time;20261120 143016",
            "Time zone offset;-5",
            "Login ID;ana",
            "PC;LAB-7",
            "Application SW version;1.4.2.0",
            "21 CFR Part 11;disabled",
            "Event log format;Plain text",
            "csv file version;2",
            "",
            "//[ECEC5A41]",
        ]
    )
