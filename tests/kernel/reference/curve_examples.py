"""Small valid cases of everything that is fitted or calibrated; see `examples`."""

from tests.kernel.reference.writing import case


def scattered(role, doses, curve, spread=0.01, **others):
    """Two readings at each dose, as far above the curve as below: the fitted curve is the curve itself."""
    return [
        {role: dose, "response": curve(dose) + error, **others}
        for dose in doses
        for error in (-spread, spread)
    ]


def logistic(middle):
    return lambda dose: 2 - 2 / (1 + dose / middle)  # A 0, B 1, C the middle, D 2


DOSES = (0, 1, 2, 4, 8, 16)
CURVE = case(
    "fit_curve",
    scattered("dose", DOSES, logistic(4)),
    {
        "model": "4PL",
        "form": "abcd",
        "response_transform": "none",
        "weights": "none",
        "fit_to": "wells",
        "se": ["gauss_newton", "observed_hessian"],
        "adj_r2": "n-p-1",
        "lack_of_fit": True,
        "effective_doses": [50, 20],
    },
    fit__C=4.0,
    fit__rss=12e-4,
    fit__df=8,
    effective_dose__50=4.0,
    effective_dose__20=1.0,
)
CURVES = [
    case(
        "fit_curve",
        scattered("dose", DOSES[1:], logistic(4)),
        {"model": model, "form": form, "weights": weights, "fit_to": "level_means", "se": ["gauss_newton"]},
        fit__model=model,
        **{f"fit__{parameter}": value},
    )
    for model, form, weights, parameter, value in (
        ("4PL", "ll", "1/y", "e", 4.0),
        ("4PL", "log10_logistic", "1/y2", "c", 0.0),
        ("4PL", "ssfpl", {"kind": "1/sd2_level", "sd_decimals": 3}, "scal", 1.0),
        ("3PL", "sslogis", "none", "Asym", 2.0),
        ("4PL", "pheur", "none", "beta", 1.0),
    )
]
EXPRESSION = case(
    "fit_expression",
    scattered("x", (1, 2, 4, 8), lambda x: 3 * 2.718281828459045 ** (-x / 4)),
    {
        "expression": "b1*exp(-x/b2)",
        "parameters": ["b1", "b2"],
        "starts": [[1, 1], [2, 5]],
        "weights": "none",
    },
    fit__b1=3.0,
    fit__b2=4.0,
    fit__df=6,
)
PLATE = case(
    "backcalculate_plate",
    [
        {
            "well": f"{row}{column}",
            "role": "standard",
            "concentration": dose,
            "sample": "",
            "dilution": "",
            "signal": logistic(4)(dose) + error,
        }
        for row, dose in zip("ABCDEF", DOSES, strict=True)
        for column, error in ((1, -0.01), (2, 0.01))
    ]
    + [
        {"well": "G1", "role": "unknown", "concentration": "", "sample": "S 1", "dilution": 10, "signal": 1},
        {"well": "G2", "role": "unknown", "concentration": "", "sample": "S 1", "dilution": 10, "signal": 9},
        {"well": "H1", "role": "control", "concentration": "", "sample": "C", "dilution": "", "signal": 0.4},
        {"well": "H2", "role": "empty", "concentration": "", "sample": "", "dilution": "", "signal": ""},
    ],
    {
        "model": "4PL",
        "form": "abcd",
        "weights": "none",
        "fit_to": "wells",
        "range_rule": "response_vs_standard_means",
        "units": "pg/ml",
    },
    fit__C=4.0,
    wells__G1__concentration=4.0,
    wells__G1__range_flag="",
    wells__G2__status="no_solution",
    wells__G2__range_flag="R",
    wells__H1__concentration=1.0,
    **{"samples__S 1__mean": 4.0, "samples__S 1__adjusted": 40.0},
)
LOGIT_PLATE = case(
    "backcalculate_plate_logit",
    [
        {
            "well": f"A{i}",
            "signal": 100 * dose / (dose + 4),
            "concentration": dose,
            "sample": "",
            "dilution": "",
        }
        for i, dose in enumerate((0, 1, 4, 16), start=1)
    ]
    + [
        {"well": f"B{i}", "signal": signal, "concentration": "", "sample": sample, "dilution": dilution}
        for i, (signal, sample, dilution) in enumerate(
            ((50, "s", 10), (60, "s", 10), (5, "low", 10), (99, "high", 0.5), (0, "none", 1)), start=1
        )
    ],
    {
        "blank": "mean_of_zero_standards",
        "bmax": 100,
        "range_check": {"on": "concentration_before_dilution", "round_significant": 3},
        "limit_format": {"significant": 3, "ties": "half_even"},
        "average": {
            "of": "results",
            "significant": 3,
            "ties": "half_up",
            "arithmetic": "decimal",
            "order": "table",
        },
    },
    fit__slope=1.0,
    fit__conc_at_half_bmax=4.0,
    wells__B1__result=40.0,
    wells__B3__result="<10",
    wells__B4__result=">8",
    wells__B5__result="<<",
    samples__s__average=50.0,
    samples__none__average="<<",
)
LINE = [(x, 3 * x + error) for x in (0, 1, 2, 3) for error in (-0.5, 0.5)]
INVERSE = [
    case(
        "inverse_prediction",
        [{"x": x, "response": y} for x, y in LINE],
        {
            "curve": curve,
            "weights": "none",
            "fit_to": "wells",
            "adj_r2": "n-p",
            "variance": "pooled",
            "confidence_level": 0.95,
            "intervals": ["wald", "inversion", "mean_response", "curve_only"],
            "report_scale": "x",
            "new": [
                {"response": 4.5, "m": 2},
                {"responses": [4, 5]},
                {"transformed_response": 6, "weight": 2},
            ],
        },
        items__1__x=1.5,
        items__2__x=1.5,
        items__3__x=2.0,
        fit__df=6,
        fit__resid_sd=(2 / 6) ** 0.5,
    )
    for curve in (
        {"kind": "line"},
        {"kind": "expression", "expression": "a+b*x", "parameters": ["a", "b"], "starts": [[1, 1]]},
    )
]
CALIBRATION = case(
    "calibration_line_limits",
    [{"x": x, "response": y} for x, y in LINE],
    {
        "alpha": 0.05,
        "m": 1,
        "detection": "twice_critical",
        "quantitation": {"k": 3, "confidence_level": 0.95},
    },
    fit__slope=3.0,
    fit__intercept=0.0,
    critical_value=1.9431802805153022 * (1 / 3) ** 0.5 / 3 * (1 + 1 / 8 + 2.25 / 10) ** 0.5,  # t(6) at 0.95
)
BLANKS = case(
    "lob_lod",
    [{"lot": 1, "kind": "B", "sample": "b", "value": value} for value in (4, 1, 3, 2)]
    + [
        {"lot": 1, "kind": "L", "sample": sample, "value": value}
        for sample, value in (("p", 4), ("p", 6), ("q", 7), ("q", 9))
    ],
    {
        "blank_value": "B",
        "low_value": "L",
        "lob_method": "nonparametric_rank",
        "percentile": 0.5,
        "lod_method": "parametric_cp",
        "z": 1.75,
    },
    lob=2.5,
    lots__1__sd_low=2**0.5,
    lots__1__c_p=2.0,
    lod=2.5 + 2 * 2**0.5,
)
TWO_LINES = [
    {"sample": sample, "dose": dose, "response": level + 3 * step + error, "blocks": [block]}
    for sample, level in (("S", 10), ("T", 13))
    for step, dose in enumerate((1, 2, 4))
    for block, error in ((1, -0.1), (2, 0.1))
]
PARALLEL_LINES = [
    case(
        "relative_potency_parallel_line",
        [{k: v for k, v in row.items() if k in roles} for row in TWO_LINES],
        {
            "standard": "S",
            "design": design,
            "response_transform": "none",
            "error": "treatment_model",
            "assigned_potency": 5,
            "confidence_level": 0.95,
            "ci": ["fieller"],
            "units": "IU",
        },
        samples__T__potency=10.0,
        anova__nonparallelism__ss=0.0,
        anova__residual__df=df,
    )
    for design, roles, df in (
        ("completely_randomised", ("sample", "dose", "response"), 6),
        ("randomised_blocks", ("sample", "dose", "response", "blocks"), 5),
    )
]
SLOPES = case(
    "relative_potency_slope_ratio",
    scattered("dose", (0,), lambda dose: 1, sample="blank")
    + scattered("dose", (1, 2), lambda dose: 1 + 2 * dose, sample="S")
    + scattered("dose", (1, 2), lambda dose: 1 + 3 * dose, sample="T 1"),
    {
        "standard": "S",
        "assigned_potency": 4,
        "confidence_level": 0.95,
        "ci": ["fieller_regression", "fieller_pure_error"],
    },
    fit__intercept=1.0,
    **{"samples__T 1__ratio": 1.5, "samples__T 1__potency": 6.0},
)
PARALLEL_CURVES = case(
    "relative_potency_parallel_4pl",
    scattered("dose", DOSES, logistic(4), sample="S") + scattered("dose", DOSES, logistic(2), sample="T"),
    {
        "model": "4PL",
        "form": "abcd",
        "standard": "S",
        "weights": "none",
        "assigned_potency": 10,
        "confidence_level": 0.95,
        "ci": ["delta_log", "delta_ratio", "delta_log_pure_error", "fieller", "profile"],
        "parallelism_alpha": 0.05,
        "lack_of_fit": True,
        "se": ["gauss_newton", "observed_hessian"],
        "ratios": {
            "parameters": ["upper_asymptote", "slope", "range"],
            "confidence_level": 0.9,
            "limits": {"slope": [0.5, 2]},
        },
    },
    samples__T__potency=20.0,
    samples__T__ratios__slope__estimate=1.0,
    samples__T__ratios__slope__inside=True,
    parallelism__decision="parallelism not rejected",
    constrained__df=19,
)

FITTED = [
    CURVE,
    *CURVES,
    EXPRESSION,
    PLATE,
    LOGIT_PLATE,
    *INVERSE,
    CALIBRATION,
    BLANKS,
    *PARALLEL_LINES,
    SLOPES,
    PARALLEL_CURVES,
]
