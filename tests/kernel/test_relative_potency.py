from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares
from scipy.stats import chi2 as chi_squared
from scipy.stats import f as f_distribution
from scipy.stats import t as student

from assays.kernel.curves import Fit
from assays.kernel.forms import Form, Model, write
from assays.kernel.parallel_curves import (
    Bundle,
    delta_log,
    delta_ratio,
    difference_of,
    equivalence,
    fieller_of_doses,
    fit_constrained,
    fit_free,
    log_ratio,
    parallelism,
    parallelism_chi2,
    profile,
    ratio_of,
)
from assays.kernel.parallel_lines import fit_parallel_lines, fit_twin_crossover
from assays.kernel.projection import Engine
from assays.kernel.slope_ratio import fit_slope_ratio
from assays.kernel.status import Status, UnableToAnswer

# Ph. Eur. 5.3, example 5.1.1 (corticotrophin), preparations S and T only: ten responses per dose; results printed by
# CombiStats (EDQM).
CORTICOTROPHIN = {
    ("S", 0.25): (300, 310, 330, 290, 364, 328, 390, 360, 342, 306),
    ("S", 1.0): (289, 221, 267, 236, 250, 231, 229, 269, 233, 259),
    ("T", 0.25): (310, 290, 360, 341, 321, 370, 303, 334, 295, 315),
    ("T", 1.0): (230, 210, 280, 261, 241, 290, 223, 254, 216, 235),
}
# Ph. Eur. 5.3, example 5.1.2: Latin square; dose levels of S and T in rows and columns, responses ×10 mm.
LATIN_ORDER = [
    "S1 T1 T2 S3 S2 T3", "T1 T3 S3 S2 T2 S1", "T2 S1 S2 T3 S3 T1", "S3 S2 S1 T1 T3 T2", "S2 T2 T3 S1 T1 S3",
    "T3 S3 T1 T2 S1 S2",
]  # fmt: skip
LATIN_RESPONSES = [
    (161, 151, 162, 194, 176, 193), (160, 192, 195, 184, 181, 166), (178, 150, 174, 199, 201, 161),
    (187, 172, 161, 160, 202, 186), (171, 170, 193, 163, 154, 198), (194, 192, 151, 171, 151, 182),
]  # fmt: skip
# Ph. Eur. 5.3, example 5.1.5: twin cross-over assay of insulin, rabbits 1–32, blood glucose on two days.
TWIN = {
    (("S", 1), ("T", 2)): [
        (112, 104),
        (126, 112),
        (62, 58),
        (86, 63),
        (52, 53),
        (110, 113),
        (116, 91),
        (101, 68),
    ],
    (("S", 2), ("T", 1)): [
        (65, 72),
        (116, 160),
        (73, 72),
        (47, 93),
        (88, 113),
        (63, 71),
        (50, 65),
        (55, 100),
    ],
    (("T", 1), ("S", 2)): [(105, 91), (83, 67), (125, 67), (56, 45), (92, 84), (101, 56), (66, 55), (91, 68)],
    (("T", 2), ("S", 1)): [
        (118, 144),
        (119, 149),
        (42, 51),
        (64, 107),
        (93, 117),
        (73, 128),
        (39, 87),
        (31, 71),
    ],
}
# Ph. Eur. 5.3, example 5.4.1: ELISA of tetanus antitoxin, reciprocal dilutions 10 … 5120, two wells each.
TETANUS = {
    "S": (2.912, 2.917, 2.579, 2.654, 2.13, 2.212, 1.651, 1.638, 1.073, 0.973, 0.585, 0.666, 0.463, 0.356, 0.266, 0.234,
          0.228, 0.197, 0.176, 0.215),
    "T": (3.017, 2.987, 2.801, 2.808, 2.401, 2.45, 1.918, 1.963, 1.364, 1.299, 0.861, 0.854, 0.497, 0.496, 0.34, 0.344,
          0.242, 0.217, 0.178, 0.125),
}  # fmt: skip


def corticotrophin():
    rows = [(sample, dose, y) for (sample, dose), ys in CORTICOTROPHIN.items() for y in ys]
    return (
        [row[0] for row in rows],
        np.array([row[1] for row in rows]),
        np.array([float(row[2]) for row in rows]),
    )


def tetanus():
    doses = np.tile(np.repeat(1 / (10 * 2.0 ** np.arange(10)), 2), 2)
    return Bundle(("S", "T"), doses, np.array([*TETANUS["S"], *TETANUS["T"]]), np.repeat([0, 1], 20))


def test_parallel_lines_print_what_combistats_prints_for_example_5_1_1():
    samples, doses, y = corticotrophin()
    found = fit_parallel_lines(samples, doses, y, standard="S")

    assert {name: round(term.ss, 1) for name, term in found.terms.items()} == {
        "preparations": 390.6, "regression": 66830.6, "nonparallelism": 34.2, "treatments": 67255.5, "total": 93842.8,
    }  # fmt: skip
    assert (round(found.residual.ss, 1), found.residual.df) == (26587.3, 36)
    assert found.potency("T") == pytest.approx(1.11181, abs=5e-6)
    assert found.fieller("T", confidence=0.95) == pytest.approx((0.824973, 1.51357), abs=5e-6)


def test_a_latin_square_has_the_printed_analysis_of_variance_of_example_5_1_2():
    steps = {"S": 166.45714285714286, "T": 0.029784272790535835}
    cells = [
        (name, float(LATIN_RESPONSES[column][row]), str(row), str(column))
        for column, names in enumerate(LATIN_ORDER)
        for row, name in enumerate(names.split())
    ]
    doses = np.array([steps[name[0]] * 1.5 ** (int(name[1]) - 2) for name, *_ in cells])
    found = fit_parallel_lines(
        [name[0] for name, *_ in cells], doses, np.array([y for _, y, *_ in cells]), standard="S",
        blocks=[[row for *_, row, _ in cells], [column for *_, column in cells]],
    )  # fmt: skip

    assert {name: round(term.ss, 4) for name, term in found.terms.items()} == {
        "preparations": 11.1111, "regression": 8475.0417, "nonparallelism": 18.375, "nonlinearity": 5.4722,
        "treatments": 8510.0, "blocks": 630.6667, "total": 9556.0,
    }  # fmt: skip
    assert (round(found.residual.ss, 4), found.residual.df) == (415.3333, 20)
    assert [round(v) for v in (found.potency("T"), *found.fieller("T", confidence=0.95))] == [
        5456,
        5092,
        5843,
    ]


def twin():
    rows = []
    for (first, second), pairs in TWIN.items():
        for ys in pairs:
            subject = str(len(rows) // 2)
            rows += [(*first, subject, "1", ys[0]), (*second, subject, "2", ys[1])]
    return list(zip(*rows, strict=True))


def test_the_twin_crossover_has_the_printed_error_within_rabbits_of_example_5_1_5():
    samples, doses, subjects, periods, y = twin()
    found = fit_twin_crossover(
        samples,
        np.array(doses, dtype=float),
        np.array(y, dtype=float),
        standard="S",
        subjects=subjects,
        periods=periods,
    )

    assert (round(found.residual.ss, 1), found.residual.df) == (3844.1, 28)
    low, high = found.fieller("T", confidence=0.95)
    # Units of the standard are 40 IU/ml: the monograph prints 40.1 with limits 33.4 and 48.2.
    assert [round(40 * value, 1) for value in (found.potency("T"), low, high)] == [40.1, 33.4, 48.2]


def test_missing_wells_and_blocks_are_the_differences_of_nested_regressions():
    rng = np.random.default_rng(8)
    samples = ["S"] * 12 + ["T"] * 12 + ["U"] * 12
    doses, blocks = np.tile(np.repeat([1.0, 2, 4], 4), 3), [str(i % 4) for i in range(36)]
    y = 5 + 2 * np.log(doses) + 0.3 * rng.standard_normal(36) + np.array([int(b) * 0.4 for b in blocks])
    keep = [i for i in range(36) if i not in (3, 17, 18, 31)]
    samples, blocks, doses, y = [samples[i] for i in keep], [blocks[i] for i in keep], doses[keep], y[keep]

    def rss(*columns):
        design = np.column_stack(columns)
        return float(((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2).sum())

    dummies = np.array([[s == name for name in "STU"] for s in samples], dtype=float)
    block = np.array([[b == name for name in "0123"] for b in blocks], dtype=float)
    log_x = np.log(doses)[:, None]
    pairs = [*zip(samples, doses, strict=True)]
    cells = np.array([[pair == cell for cell in set(pairs)] for pair in pairs], dtype=float)
    steps = [
        rss(block),
        rss(block, dummies),
        rss(block, dummies, log_x),
        rss(block, dummies, dummies * log_x),
        rss(block, cells),
    ]

    found = fit_parallel_lines(samples, doses, y, standard="S", blocks=[blocks])

    names = ("preparations", "regression", "nonparallelism", "nonlinearity")
    for name, above, below in zip(names, steps, steps[1:], strict=False):
        assert found.terms[name].ss == pytest.approx(above - below, rel=1e-8)
    assert [found.terms[name].df for name in names] == [2, 1, 2, 3]
    assert (found.residual.ss, found.residual.df) == (pytest.approx(steps[-1], rel=1e-9), 32 - 9 - 3)


def test_a_design_that_does_not_separate_preparations_from_blocks_is_not_estimable():
    samples, doses, y = corticotrophin()
    found = fit_parallel_lines(samples, doses, y, standard="S", blocks=[samples])

    with pytest.raises(UnableToAnswer) as refused:
        found.potency("T")

    assert refused.value.status is Status.NOT_ESTIMABLE


def test_limits_do_not_exist_for_lines_without_slope():
    rng = np.random.default_rng(0)
    found = fit_parallel_lines(
        ["S"] * 6 + ["T"] * 6, np.tile([1.0, 2, 4], 4), rng.standard_normal(12), standard="S"
    )

    with pytest.raises(UnableToAnswer) as refused:
        found.fieller("T", confidence=0.95)

    assert refused.value.status is Status.LIMITS_DO_NOT_EXIST


def test_slope_ratios_are_those_of_an_ordinary_regression():
    rng = np.random.default_rng(2)
    samples = ["S"] * 2 + ["T"] * 2 + ["S"] * 6 + ["T"] * 6
    doses = np.array([0.0] * 4 + [1, 1, 2, 2, 3, 3] * 2)
    y = 1 + doses * np.array([2.0 if s == "S" else 1.5 for s in samples]) + 0.1 * rng.standard_normal(16)
    design = np.column_stack(
        [np.ones(16), *(np.where([s == name for s in samples], doses, 0) for name in "ST")]
    )
    beta, rss = np.linalg.lstsq(design, y, rcond=None)[:2]
    covariance = np.linalg.inv(design.T @ design) * rss[0] / 13
    t = student.ppf(0.975, 13)

    found = fit_slope_ratio(samples, doses, y, standard="S")
    low, high = found.fieller("T", confidence=0.95, error=found.regression)

    assert (found.intercept, found.slope("S"), found.slope("T")) == pytest.approx(tuple(beta), rel=1e-10)
    assert found.ratio("T") == pytest.approx(beta[2] / beta[1])
    for m in (low, high):
        contrast = np.array([0, -m, 1])
        assert (contrast @ beta) ** 2 == pytest.approx(t**2 * contrast @ covariance @ contrast, rel=1e-8)
    assert found.pure_error.df == 16 - 7
    assert [found.terms[name].df for name in ("blanks", "intersection", "nonlinearity")] == [1, 1, 2]


def test_parallel_curves_print_what_the_pharmacopoeia_prints_for_example_5_4_1():
    free = fit_free(tetanus(), model=Model.FOUR, form=Form.PHEUR)
    fit = fit_constrained(tetanus(), model=Model.FOUR, form=Form.PHEUR, free=free)
    found = write(fit, Form.PHEUR, samples=("S", "T")).as_dict()

    assert {name: round(value, 3) for name, value in found.items()} == {
        "alpha": 3.196, "delta": 0.145, "beta": 1.125, "gamma.S": -4.307, "gamma.T": -4.684,
    }  # fmt: skip
    test = parallelism(free, fit)
    assert (test.df1, test.df2) == (3, 32)
    assert not test.rejected(0.05)


def scipys_constrained(bundle, log_ratio=None, asymmetric=False):
    """The bundle by SciPy; at a given ln R with one parameter fewer."""
    log_x = np.log(bundle.doses)

    def residual(p):
        at_s, at_t = p[3], p[4] if log_ratio is None else p[3] - log_ratio
        z = p[2] * (log_x - np.where(bundle.curve == 0, at_s, at_t))
        return bundle.y - p[1] - (p[0] - p[1]) * (1 + np.exp(z)) ** -(np.exp(p[-1]) if asymmetric else 1.0)

    start = [0.15, 3.2, 1.1, -4.3, *([-4.7] if log_ratio is None else []), *([0.0] if asymmetric else [])]
    return least_squares(residual, start, method="lm", ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=20000)


@pytest.mark.parametrize("asymmetric", [False, True])
def test_every_interval_of_the_potency_is_what_scipy_finds_by_its_definition(asymmetric):
    bundle, model = tetanus(), Model.FIVE if asymmetric else Model.FOUR
    fit = fit_constrained(bundle, model=model, form=Form.ABCD)
    theirs = scipys_constrained(bundle, asymmetric=asymmetric)
    df, rss = 40 - 5 - asymmetric, 2 * theirs.cost
    covariance = np.linalg.inv(theirs.jac.T @ theirs.jac) * rss / df
    ratio, se = theirs.x[3] - theirs.x[4], np.sqrt(np.array([1, -1]) @ covariance[3:5, 3:5] @ [1, -1])
    t = student.ppf(0.975, df)
    target = rss * (1 + f_distribution.ppf(0.95, 1, df) / df)

    def excess(at):
        return 2 * scipys_constrained(bundle, at, asymmetric).cost - target

    assert fit.rss == pytest.approx(rss, rel=1e-10)
    assert log_ratio(fit, 0, 1)[0] == pytest.approx(ratio, rel=1e-6)
    assert delta_log(fit, 0, 1, variance=fit.variance, t=t) == pytest.approx(
        np.exp([ratio - t * se, ratio + t * se]), rel=1e-5
    )
    assert delta_ratio(fit, 0, 1, variance=fit.variance, t=t) == pytest.approx(
        np.exp(ratio) * np.array([1 - t * se, 1 + t * se]), rel=1e-5
    )
    expected = [
        np.exp(brentq(excess, a, b, xtol=1e-12))
        for a, b in ((ratio - 5 * se, ratio), (ratio, ratio + 5 * se))
    ]
    assert profile(fit, 0, 1, confidence=0.95) == pytest.approx(expected, rel=1e-6)
    doses = np.exp(theirs.x[3:5])
    of_doses = covariance[3:5, 3:5] * np.outer(doses, doses)
    for m in fieller_of_doses(fit, 0, 1, variance=fit.variance, t=t):
        contrast = np.array([1, -m])
        assert (contrast @ doses) ** 2 == pytest.approx(t**2 * contrast @ of_doses @ contrast, rel=1e-3)


def test_ratios_of_free_parameters_have_fieller_limits_and_margins_decide():
    free = fit_free(tetanus(), model=Model.FOUR, form=Form.PHEUR)
    ratios = {
        name: ratio_of(free, 0, 1, name, confidence=0.9)
        for name in ("upper_asymptote", "slope", "range", "lower_asymptote")
    }
    s2, t = free.rss / 32, student.ppf(0.95, 32)

    upper = [(fit.a, fit.inverse[0, 0]) for fit in free.fits]
    for m in ratios["upper_asymptote"].limits:
        assert (upper[1][0] - m * upper[0][0]) ** 2 == pytest.approx(
            t**2 * s2 * (upper[1][1] + m**2 * upper[0][1]), rel=1e-8
        )
    assert equivalence(ratios, {"slope": (0.8, 1.25), "range": (0.8, 1.25)})
    assert not equivalence(ratios, {"slope": (0.8, 1.25), "lower_asymptote": (0.8, 1.25)})
    found = difference_of(free, 0, 1, "upper_asymptote", confidence=0.9)
    low, high = found.limits
    assert (low + high) / 2 == pytest.approx(found.estimate) == pytest.approx(upper[1][0] - upper[0][0])
    assert high - found.estimate == pytest.approx(t * np.sqrt(s2 * (upper[0][1] + upper[1][1])))
    assert equivalence({"upper_asymptote": found}, {"upper_asymptote": (low, high)})
    assert not equivalence({"upper_asymptote": found}, {"upper_asymptote": (low + 1e-9, high)})
    for margins in ({}, {"range": (0.8, 1.25)}, {"upper_asymptote": (1.25, 0.8)}):
        with pytest.raises(UnableToAnswer) as refused:
            equivalence({"upper_asymptote": found}, margins)
        assert refused.value.status is Status.BAD_INPUT


def test_controls_of_dose_zero_enter_the_constrained_fit_once_and_one_free_fit():
    bundle = tetanus()
    with_controls = Bundle(
        ("S", "T"),
        np.append(bundle.doses, [0.0, 0.0]),
        np.append(bundle.y, [0.14, 0.15]),
        np.append(bundle.curve, [-1, -1]),
        controls_of=1,
    )

    free = fit_free(with_controls, model=Model.FOUR, form=Form.ABCD)
    fit = fit_constrained(with_controls, model=Model.FOUR, form=Form.ABCD, free=free)

    assert [one.n for one in free.fits] == [20, 22]
    assert (fit.n, fit.df) == (42, 37)
    assert free.fits[0].rss == pytest.approx(fit_free(bundle, model=Model.FOUR, form=Form.ABCD).fits[0].rss)


def moved(fit: Fit) -> tuple[float, float]:
    return profile(fit, 0, 1, confidence=0.95)


def test_units_of_dose_and_response_and_the_order_of_wells_do_not_move_the_potency():
    bundle = tetanus()
    plain = moved(fit_constrained(bundle, model=Model.FOUR, form=Form.ABCD))
    order = np.random.default_rng(3).permutation(40)
    for other in (
        Bundle(bundle.samples, bundle.doses * 1e4, bundle.y, bundle.curve),
        Bundle(bundle.samples, bundle.doses, 100 - 7 * bundle.y, bundle.curve),
        Bundle(bundle.samples, bundle.doses[order], bundle.y[order], bundle.curve[order]),
    ):
        assert moved(fit_constrained(other, model=Model.FOUR, form=Form.ABCD)) == pytest.approx(
            plain, rel=1e-8
        )


def test_a_stronger_test_sample_has_a_higher_potency():
    bundle = tetanus()
    found = []
    for factor in (0.5, 1, 2, 4):
        doses = np.where(bundle.curve == 1, bundle.doses / factor, bundle.doses)
        stronger = Bundle(bundle.samples, doses, bundle.y, bundle.curve)
        fit = fit_constrained(stronger, model=Model.FOUR, form=Form.ABCD)
        found.append(log_ratio(fit, 0, 1)[0])

    assert np.diff(found) == pytest.approx(np.log(2), rel=1e-6)


def test_the_chi_squared_test_takes_the_variance_it_is_told():
    free = fit_free(tetanus(), model=Model.FOUR, form=Form.ABCD)
    fit = fit_constrained(tetanus(), model=Model.FOUR, form=Form.ABCD)

    found, p = parallelism_chi2(free, fit, variance=0.0005)

    assert found == pytest.approx((fit.rss - free.rss) / 0.0005)
    assert p == pytest.approx(chi_squared.sf(found, 3))
    with pytest.raises(UnableToAnswer):
        parallelism_chi2(free, fit, variance=0.0)


@pytest.mark.parametrize("model", [Model.FOUR, Model.FIVE])
def test_the_compiled_search_gives_the_same_potency_and_profile(model):
    found = []
    for engine in Engine:
        bundle = replace(tetanus(), engine=engine)
        free = fit_free(bundle, model=model, form=Form.ABCD)
        fit = fit_constrained(bundle, model=model, form=Form.ABCD, free=free)
        found.append((fit.rss, free.rss, *profile(fit, 0, 1, confidence=0.95)))

    assert found[1] == pytest.approx(found[0], rel=1e-8)
