"""Small valid cases, invented numbers, each kind of setting at least once; the fuzzer breaks them."""

from tests.kernel.reference.curve_examples import FITTED
from tests.kernel.reference.writing import case, column

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

ALL = [
    *FITTED,
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
