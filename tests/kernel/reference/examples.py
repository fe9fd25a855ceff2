"""Small valid cases, invented numbers, each kind of setting at least once; the fuzzer breaks them."""


def case(task, rows, params, **expected):
    """A case whose expected answers are easily seen; `__` in a key stands for a point."""
    return {
        "id": task,
        "task": task,
        "input": {"rows": rows},
        "params": params,
        "expected": {key.replace("__", "."): {"value": value} for key, value in expected.items()},
    }


def column(role, *values):
    return [{role: value} for value in values]


ROUNDING = case(
    "round_and_compare",
    [
        {"value": "7.45", "limit": "7.5", "operator": ">="},
        {"value": "0.125", "limit": "0.12", "operator": "<="},
    ],
    {"to": "limit_decimals", "modes": ["half_up", "half_even"]},
    items__1__half_up__rounded="7.5",
    items__1__half_up__conforms=True,
    items__1__half_even__rounded="7.4",
    items__1__half_even__conforms=False,
    items__2__half_up__rounded="0.13",
    items__2__half_up__conforms=False,
    items__2__half_even__rounded="0.12",
    items__2__half_even__conforms=True,
)
UNITS = case(
    "round_and_compare",
    [{"value": "149", "unit": "10"}, {"value": "-0.04", "unit": "0.1"}],
    {"to": "unit", "modes": ["half_up"]},
    items__1__half_up__rounded="1.5E+2",
    items__2__half_up__rounded="0.0",
)
SIGNIFICANT = case(
    "round_and_compare",
    [
        {"value": "99950", "significant": 3},
        {"value": "9.996", "significant": 3},
        {"value": "0.020450", "significant": 3},
        {"value": "1995", "significant": 4},
    ],
    {"to": "significant", "modes": ["half_up", "half_even"]},
    items__1__half_up__rounded="1.00E+5",
    items__1__half_even__rounded="1.00E+5",
    items__2__half_up__rounded="10.0",
    items__3__half_up__rounded="0.0205",
    items__3__half_even__rounded="0.0204",
    items__4__half_up__rounded="1995",
)
QUANTAL_ROWS = [
    {"sample": sample, "dose": dose, "n": 10, "responders": responders}
    for sample, counts in (("S", (2, 5, 8)), ("T", (2, 5, 8)))
    for dose, responders in zip((1, 2, 4), counts, strict=True)
]
QUANTAL = [
    case(
        "relative_potency_quantal",
        QUANTAL_ROWS,
        {
            "link": link,
            "standard": "S",
            "assigned_potency": 50,
            "confidence_level": 0.95,
            "ci": ["fieller"],
            "units": "IU",
        },
        samples__T__potency=50.0,  # T is S
        heterogeneity__df=3,
    )
    for link in ("probit", "logit", "gompit", "angle")
]
ED50 = case(
    "ed50_quantal",
    [{"dose": dose, "n": 8, "responders": responders} for dose, responders in ((-2, 7), (-3, 4), (-4, 1))],
    {
        "link": "logit",
        "dose_scale": "log10",
        "confidence_level": 0.95,
        "ci": ["fieller"],
        "titre": {"volume_ml": 0.1},
    },
    titre__log10__estimate=4.0,  # symmetric about 10⁻³, in a tenth of a millilitre
)
COMBINED = case(
    "combine_potencies",
    [
        {"potency": 90, "lower": 80, "upper": 101.25, "df": 12},
        {"potency": 90, "lower": 80, "upper": 101.25, "df": 10},
    ],
    {
        "input_scale": "potency",
        "variance_from": "limits",
        "confidence_level": 0.95,
        "methods": ["weighted", "unweighted", "semi_weighted", "dersimonian_laird", "reml"],
        "report_scale": "potency",
    },
    homogeneity__chi2=0.0,
    homogeneity__df=1,
    weighted__mean=90.0,
    unweighted__mean=90.0,
    unweighted__gsd=1.0,
    reml__mean=90.0,
    reml__variance=0.0,
)
COMBINED_COLUMN = case(
    "combine_potencies",
    [{"estimate": 0, "variance": 1}, {"estimate": 4, "variance": 1}],
    {
        "input_scale": "ln",
        "variance_from": "column",
        "confidence_level": 0.95,
        "methods": ["weighted", "unweighted", "semi_weighted", "dersimonian_laird", "reml"],
        "report_scale": "ln",
    },
    homogeneity__chi2=8.0,
    weighted__mean=2.0,
    weighted__se=0.5**0.5,
    weighted__upper=2 + 1.959963984540054 * 0.5**0.5,
    unweighted__se=2.0,
    semi_weighted__variance=7.0,
    semi_weighted__se=2.0,
    dersimonian_laird__variance=7.0,
    reml__variance=7.0,
)
PROPORTIONS = case(
    "binomial_interval",
    [{"events": 0, "n": 10}, {"events": 5, "n": 10}, {"events": 10, "n": 10}],
    {"confidence_level": 0.95, "methods": ["clopper_pearson", "wilson"], "scale": "proportion"},
    items__1__proportion=0.0,
    items__1__clopper_pearson__upper=1 - 0.025**0.1,
    items__2__proportion=0.5,
    items__3__clopper_pearson__lower=0.025**0.1,
    items__3__clopper_pearson__upper=1.0,
    items__3__wilson__upper=1.0,
)
SURVIVAL = case(
    "kaplan_meier",
    [
        {"time": 1, "event": 1, "stratum": "a"},
        {"time": 2, "event": 1, "stratum": "a"},
        {"time": 5, "event": 1, "stratum": "a"},
        {"time": 9, "event": 0, "stratum": "a"},
        {"time": 4, "event": "1.0", "stratum": "1.50"},
    ],
    {
        "event_value": "1",
        "overall": True,
        "confidence_level": 0.95,
        "ci": ["plain", "log", "log-log"],
        "quantile": 0.5,
        "flat_rule": "midpoint",
    },
    **{
        "all__plain__n": 5,
        "all__plain__events": 4,
        "all__log__median": 4.0,
        "strata__a__log-log__median": 3.5,  # flat at one half from 2 to 5
        "strata__1_5__log__median": 4.0,
    },
)
FACTORS = case(
    "tolerance_factor",
    [{"n": 43, "coverage": 0.9, "confidence": 0.99}],
    {"methods": ["one_sided_exact", "one_sided_natrella", "two_sided_exact", "two_sided_howe"]},
    items__1__one_sided_natrella=1.8751895812770254,
    items__1__two_sided_howe=2.2173158966536297,
)
LIMIT = case(
    "tolerance_limit",
    column("value", 1, 10, 100),
    {
        "distribution": "lognormal",
        "side": "upper",
        "coverage": 0.5,
        "confidence": 0.5,
        "method": "one_sided_exact",
    },
    k=0.0,
    upper=10.0,
)
GRUBBS = case(
    "outlier_grubbs",
    column("value", 1, 2, 3, "", 2, 12),
    {"alpha": 0.05, "statistic": "max_absolute_deviation"},
    suspect__value=12.0,
    suspect__index=5,  # of the rows with a value
    mean=4.0,
    G=8 / 20.5**0.5,
)
ROSNER = case(
    "outlier_rosner",
    column("value", 9.7, 10.3, 10, 10.1, 9.9),
    {"alpha": 0.05, "max_outliers": 2},
    steps__1__value=9.7,  # as far as 10.3, and first
    steps__2__value=10.3,
    n_outliers=0,
)
WESTGARD = case(
    "westgard",
    [
        {"run": 1, "levels": {"low": "104", "high 1.0": "211"}},
        {"run": 2, "levels": {"low": "104.1", "high 1.0": "189"}},
        {"run": 3, "levels": {"low": "", "high 1.0": "210.1"}},
        {"run": 4, "levels": {"low": "104.1", "high 1.0": "210.1"}},
    ],
    {
        "levels": {"low": {"mean": 100, "sd": 2}, "high 1.0": {"mean": 200, "sd": 5}},
        "rules": ["1_2s", "1_3s", "2_2s_within", "2_2s_across", "R_4s", "4_1s_within", "10_x_within"],
    },
    rules__1_2s=[1, 2, 3, 4],
    rules__1_3s=[],
    rules__2_2s_within=[4],
    rules__2_2s_across=[4],
    rules__R_4s=[2],
)
NELSON = case(
    "nelson",
    column("value", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 3, 3.01, 2.5),
    {"mean": 0, "sd": 1, "rules": [1, 2, 3, 4, 5, 6, 7, 8]},
    rules__1=[8],
    rules__2=[9],
    rules__3=[6, 7, 8],
    rules__4=[],
    rules__5=[8, 9],
    rules__6=[],
)
EWMA = case(
    "ewma_chart",
    column("value", 52, 47),
    {"lam": 0.5, "target": 50, "sd": 3, "k": 2, "limits": "steady_state"},
    points__1__ewma=51.0,
    points__2__ewma=49.0,
    limits__lower=50 - 6 / 3**0.5,
)
CHART = case(
    "xbar_chart_capability",
    [
        {"value": value, "subgroup": subgroup}
        for subgroup, values in ((1, (9, 11)), (2, (10, 10)), (3, (20, 20)))
        for value in values
    ],
    {
        "baseline": {"first_subgroups": 2},
        "sigma": "rbar_d2",
        "k": 3,
        "spec": {"lower": 5, "upper": 20, "target": 10},
    },
    center=10.0,
    sd_within=3.141592653589793**0.5 / 2,
    out_of_limits=[3],
    capability__Cpk=5 / (3 * 3.141592653589793**0.5 / 2),
)
PRECISION = case(
    "precision_components",
    [
        {"value": value, "day": day, "run": run}
        for day, values in ((1, (1, 3, 5, 7)), (2, (2, 4, 2, 4)))
        for run, value in zip((1, 1, 2, 2), values, strict=True)
    ],
    {"model": "nested_day_run", "negative_components": "zero"},
    mean=3.5,
    ms__day=2.0,
    ms__run=8.0,
    ms__error=2.0,
    variance__run=3.0,
    variance__day=0.0,
    sd__within_laboratory=5**0.5,
)
POLYNOMIAL = case(
    "linearity_polynomial",
    [
        {"level": level, "response": level**2 + wobble}
        for level in (1, 2, 3, 4, 5)
        for wobble in (-0.01, 0.01)
    ],
    {"max_order": 3, "alpha": 0.05},
    orders__2__b2=1.0,
    best_order=2,
    levels__3__deviation=-2.0,
)
DILUTION = case(
    "dilution_linearity",
    [{"dilution": dilution, "concentration": 100 / dilution} for dilution in (10, 20, 40)],
    {"reference": "first_row"},
    mean=100.0,
    cv_percent=0.0,
    gsd=1.0,
    loglog_slope=-1.0,
    items__2__recovery_percent=100.0,
)
STANDARD_CURVE = case(
    "qpcr_standard_curve",
    [
        {"input": "100", "ct": {"gene": 20, "control": 19}},
        {"input": "10", "ct": {"gene": 23.5, "control": ""}},
        {"input": "1", "ct": {"gene": 27, "control": 26}},
    ],
    {"log_base": 10, "difference": [["gene", "control"]]},
    targets__gene__slope=-3.5,
    targets__gene__r2=1.0,
    targets__control__slope=-3.5,
    differences__1__slope=0.0,
)
DDCT = [
    case(
        "qpcr_ddct",
        [
            {"group": group, "target_ct": target, "reference_ct": reference}
            for group, target, reference in (("a", 30, 20), ("a", 31, 21), ("b", 27, 20), ("b", 28, 21))
        ],
        {
            "calibrator": "a",
            "pairing": pairing,
            "efficiency": 2,
            "fold_interval": "plus_minus_sd_of_sample",
        },
        groups__a__dct=10.0,
        groups__b__dct_sd=sd,
        samples__b__ddct=-3.0,
        samples__b__fold=8.0,
    )
    for pairing, sd in (("separate_tubes", 1.0), ("same_tube", 0.0))
]
LYSIS = case(
    "specific_lysis",
    [
        {"role": "spontaneous", "et_ratio": "", "replicates": ["100", "100", ""]},
        {"role": "maximum", "et_ratio": "", "replicates": ["1100", "1100"]},
        {"role": "experimental", "et_ratio": "40", "replicates": ["900"]},
        {"role": "experimental", "et_ratio": "10", "replicates": ["500"]},
    ],
    {"lytic_unit": {"percent": 60, "effectors": 1e6, "targets": 5000, "interpolation": "linear_in_ln_et"}},
    items__1__percent_specific_lysis=80.0,
    items__2__percent_specific_lysis=40.0,
    lytic_unit__et_ratio=20.0,
    lytic_unit__units=10.0,
)
FLOW = case(
    "flow_percentages",
    [
        {"gate": "live", "events": 1000, "parent": ""},
        {"gate": "CD8+", "events": 100, "parent": "live"},
        {"gate": "CD8+ 1.0", "events": 0, "parent": "live"},
    ],
    {
        "percentages": [
            {"gate": "CD8+", "of": "live"},
            {"gate": "CD8+ 1.0", "of": "live"},
            {"gate": "live", "of": "CD8+ 1.0"},
        ],
        "subtract": [{"signal": 1, "background": 2}],
        "clopper_pearson": [1, 2],
        "confidence_level": 0.95,
        "poisson_cv": ["CD8+"],
        "events_for_cv_percent": [5, 3],
    },
    items__1__percent=10.0,
    items__2__percent=0.0,
    items__2__clopper_pearson__lower=0.0,
    subtracted__1__percent=10.0,
    poisson__1__cv_percent=10.0,
    events_needed__1=400,
    events_needed__2=1112,
)


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

ALL = [
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
    ROUNDING,
    UNITS,
    SIGNIFICANT,
    *QUANTAL,
    ED50,
    COMBINED,
    COMBINED_COLUMN,
    PROPORTIONS,
    SURVIVAL,
    FACTORS,
    LIMIT,
    GRUBBS,
    ROSNER,
    WESTGARD,
    NELSON,
    EWMA,
    CHART,
    PRECISION,
    POLYNOMIAL,
    DILUTION,
    STANDARD_CURVE,
    *DDCT,
    LYSIS,
    FLOW,
]
