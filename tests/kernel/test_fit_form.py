"""Every form, weighting and standard error against SciPy's fit of the form as its own program writes it."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from assays.kernel.curves import effective_dose, fit_bundle, inverse_of
from assays.kernel.dose_response import adjusted_r2, akaike, lack_of_fit, pure_error
from assays.kernel.forms import Form, Model, fit_form, fit_power_of_mean, write
from assays.kernel.logistic import Family, derivatives, log_doses
from assays.kernel.projection import Engine
from assays.kernel.status import Status, UnableToAnswer
from assays.kernel.weights import WeightRule, Weights, points_of

LEVELS = 2000.0 / 3.0 ** np.arange(9)


def abcd(x, A, B, C, D, G=1.0):  # noqa: N803
    return D + (A - D) / (1 + (x / C) ** B) ** G


def ll(x, b, c, d, e, f=1.0):
    with np.errstate(divide="ignore", over="ignore"):
        return c + (d - c) / (1 + np.exp(b * (np.log(x) - np.log(e)))) ** f


def log10_logistic(x, b, c, d, e, f=1.0):
    return c + (d - c) / (1 + 10 ** (b * (np.log10(x) - e))) ** f


def ssfpl(x, A, B, xmid, scal):  # noqa: N803
    return A + (B - A) / (1 + np.exp((xmid - np.log(x)) / scal))


def sslogis(x, Asym, xmid, scal):  # noqa: N803
    return Asym / (1 + np.exp((xmid - np.log(x)) / scal))


def pheur(x, alpha, delta, beta, gamma):
    return delta + (alpha - delta) / (1 + np.exp(-beta * (np.log(x) - gamma)))


FORMS = {
    "abcd": abcd,
    "ll": ll,
    "log10_logistic": log10_logistic,
    "ssfpl": ssfpl,
    "sslogis": sslogis,
    "pheur": pheur,
}
FITS = [
    *(("4PL", form) for form in FORMS if form != "sslogis"),
    ("3PL", "sslogis"),
    *(("5PL", form) for form in ("abcd", "ll", "log10_logistic")),
]


def plate(*, falls=False, seed=3):
    """Wells of a curve that is steeper on one side, with dose, response."""
    doses = np.repeat(LEVELS, 3)
    way = 1 / (1 + (140.0 / doses) ** 1.2) ** 0.7
    exact = 2.6 - 2.5 * way if falls else 0.1 + 2.5 * way
    return doses, exact + 0.01 * np.random.default_rng(seed).standard_normal(len(doses))


def theirs(function, start, doses, y, weights):
    """SciPy's minimum from our estimates moved by 1 %, and s²(JᵀWJ)⁻¹ and 2s²H⁻¹ from differences."""
    start = np.array(start)

    def residual(p):
        return np.sqrt(weights) * (y - function(doses, *p))

    found = least_squares(
        residual, start * 1.01, x_scale=np.abs(start), ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=4000
    )
    step = 1e-4 * np.abs(found.x)
    size = len(start)

    def rss(p):
        return float((residual(p) ** 2).sum())

    jacobian = np.column_stack(
        [
            (residual(found.x + step * unit) - residual(found.x - step * unit)) / (2 * h)
            for unit, h in zip(np.eye(size), step, strict=True)
        ]
    )
    hessian = np.array(
        [
            [
                sum(s * t * rss(found.x + s * step * p + t * step * q) for s in (1, -1) for t in (1, -1))
                / (4 * h * k)
                for q, k in zip(np.eye(size), step, strict=True)
            ]
            for p, h in zip(np.eye(size), step, strict=True)
        ]
    )
    s2 = rss(found.x) / (len(y) - size)
    return found.x, rss(found.x), s2 * np.linalg.inv(jacobian.T @ jacobian), 2 * s2 * np.linalg.inv(hessian)


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize(("model", "form"), FITS)
def test_each_form_is_the_minimum_and_has_the_errors_of_its_own_parameters(model, form, falls):
    doses, y = plate(falls=falls)
    weights = 1 / y**2 if model == "4PL" else np.ones(len(y))

    fit = fit_form(doses, y, weights, model=Model(model), form=Form(form))

    written = write(fit, Form(form))
    values, rss, gauss_newton, observed = theirs(FORMS[form], written.values, doses, y, weights)
    assert fit.rss <= rss * (1 + 1e-9)
    assert written.values == pytest.approx(values, rel=1e-4 if model == "5PL" else 1e-5)
    for mine, his in ((fit.inverse, gauss_newton), (fit.inverse_hessian(), observed)):
        errors = list(written.standard_errors(mine, fit.variance).values())
        assert errors == pytest.approx(np.sqrt(np.diag(his)), rel=2e-2 if model == "5PL" else 2e-3)
    assert FORMS[form](doses, *written.values) == pytest.approx(fit.at(log_doses(doses)).value, rel=1e-12)


@pytest.mark.parametrize("falls", [False, True])
def test_the_forms_of_one_curve_are_conversions_of_each_other(falls):
    doses, y = plate(falls=falls)
    found = {}
    for form in Form:
        if form is not Form.SSLOGIS:
            fit = fit_form(doses, y, np.ones(len(y)), model=Model.FOUR, form=form)
            found[form] = write(fit, form).as_dict()
    ours = found[Form.ABCD]
    low, high = sorted((ours["A"], ours["D"]))

    assert found[Form.LL] == pytest.approx(
        {"b": ours["B"] if falls else -ours["B"], "c": low, "d": high, "e": ours["C"]}, rel=1e-8
    )
    assert found[Form.LOG10]["e"] == pytest.approx(np.log10(ours["C"]), rel=1e-8)
    assert found[Form.LOG10]["b"] == pytest.approx(found[Form.LL]["b"], rel=1e-8)
    assert found[Form.SSFPL] == pytest.approx(
        {"A": ours["A"], "B": ours["D"], "xmid": np.log(ours["C"]), "scal": 1 / ours["B"]}, rel=1e-8
    )
    assert found[Form.PHEUR] == pytest.approx(
        {"alpha": high, "delta": low, "beta": -ours["B"] if falls else ours["B"], "gamma": np.log(ours["C"])},
        rel=1e-8,
    )


@pytest.mark.parametrize("rises", [False, True])
@pytest.mark.parametrize("asymmetric", [False, True])
def test_first_and_second_derivatives_are_those_of_differences(asymmetric, rises):
    family = Family(asymmetric=asymmetric, rises=rises, curves=2)
    log_x, curve = np.array([-1.0, 0.3, 2.0, 0.5]), np.array([0, 0, 1, 1])

    def at(p):
        return derivatives(
            family,
            log_x,
            curve,
            a=p[0],
            d=p[1],
            b=p[2],
            gamma=p[3:5],
            log_g=p[5] if asymmetric else 0.0,
            second=True,
        )

    theta = np.array([2.0, 0.3, 1.4, 0.2, 0.9, 0.4][: family.parameters])
    found = at(theta)

    for index, unit in enumerate(np.eye(len(theta)) * 1e-5):
        up, down = at(theta + unit), at(theta - unit)
        assert found.gradient[:, index] == pytest.approx((up.value - down.value) / 2e-5, abs=1e-9)
        assert found.second[:, index] == pytest.approx((up.gradient - down.gradient) / 2e-5, abs=1e-8)


@pytest.mark.parametrize(
    ("form", "model"), [("abcd", "4PL"), ("abcd", "5PL"), ("ll", "5PL"), ("sslogis", "3PL")]
)
def test_dose_zero_takes_the_limit_of_the_curve(form, model):
    doses, y = plate()
    doses, y = np.append(doses, [0.0, 0.0]), np.append(y, [0.10, 0.11])
    if model == "3PL":
        y = y - 0.1
    fit = fit_form(doses, y, np.ones(len(y)), model=Model(model), form=Form(form))

    tiny = fit_form(
        np.where(doses == 0, 1e-60, doses), y, np.ones(len(y)), model=Model(model), form=Form(form)
    )

    assert fit.theta == pytest.approx(tiny.theta, rel=1e-7)
    assert fit.response(0) == pytest.approx(fit.response(1e-60), abs=1e-12)


def test_an_effective_dose_is_where_that_share_of_the_way_is_gone():
    doses, y = plate(falls=True)
    for model in (Model.FOUR, Model.FIVE):
        fit = fit_form(doses, y, np.ones(len(y)), model=model, form=Form.LL)
        start, end = fit.response(0), fit.response(1e200)
        for percent in (5, 50, 99):
            at = fit.response(effective_dose(fit, percent))
            assert (at - start) / (end - start) == pytest.approx(percent / 100, rel=1e-10)
            assert inverse_of(fit, at) == pytest.approx(effective_dose(fit, percent), rel=1e-9)


def test_a_response_at_an_asymptote_has_no_dose():
    doses, y = plate()
    fit = fit_form(doses, y, np.ones(len(y)), model=Model.FOUR, form=Form.ABCD)
    for response in (fit.a, fit.d, fit.d + 1, fit.a - 1):
        with pytest.raises(UnableToAnswer) as refused:
            inverse_of(fit, response)
        assert refused.value.status is Status.NO_SOLUTION


@pytest.mark.parametrize(
    ("doses", "y", "model", "form", "status"),
    [
        (LEVELS, np.full(9, 0.5), "4PL", "abcd", Status.NOT_ESTIMABLE),
        (LEVELS[:3], np.arange(3.0), "4PL", "abcd", Status.TOO_FEW_VALUES),
        (np.repeat(LEVELS[:3], 4), np.arange(12.0), "4PL", "abcd", Status.TOO_FEW_VALUES),
        (-LEVELS, np.arange(9.0), "4PL", "abcd", Status.BAD_INPUT),
        (np.append(LEVELS, 0), np.arange(10.0), "4PL", "log10_logistic", Status.BAD_INPUT),
        (LEVELS, np.arange(9.0), "5PL", "ssfpl", Status.UNSUPPORTED),
        (LEVELS, np.arange(9.0), "4PL", "sslogis", Status.UNSUPPORTED),
        (LEVELS, LEVELS, "4PL", "abcd", Status.NOT_ESTIMABLE),
    ],
)
def test_what_is_no_curve_is_refused_with_its_status(doses, y, model, form, status):
    with pytest.raises(UnableToAnswer) as refused:
        fit_form(doses, y, np.ones(len(y)), model=Model(model), form=Form(form))

    assert refused.value.status is status


def test_the_global_minimum_is_below_every_minimum_scipy_finds():
    rng = np.random.default_rng(11)
    doses = np.repeat(LEVELS, 2)
    for _ in range(6):
        y = abcd(doses, 0.1, 1.1, 150, 2) + 0.25 * rng.standard_normal(18)  # so noisy that minima abound
        try:
            ours = fit_bundle(doses, y, np.ones(18), family=Family()).rss
        except UnableToAnswer:
            continue
        for slope in (0.3, 1, 4):
            for middle in (5.0, 50.0, 500.0):
                found = least_squares(
                    lambda p, y=y: y - abcd(doses, p[0], np.exp(p[1]), np.exp(p[2]), p[3]),
                    [0, np.log(slope), np.log(middle), 2],
                )
                if found.x[1] < 4:  # steps between two levels have no slope
                    assert ours <= 2 * found.cost * (1 + 1e-7)


def test_weights_are_those_of_the_rule():
    x, y = np.array([1, 1, 2, 2, 3.0, 3]), np.array([1.0, 1.2, 2.0, 2.5, 4.0, 4.4])

    means = points_of(x, y, weights=Weights(WeightRule.LEVEL_SD, 2, 3), level_means=True)
    wells = points_of(x, y, weights=Weights(WeightRule.ONE_OVER_Y2), level_means=False)

    assert means.y == pytest.approx([1.1, 2.25, 4.2])
    assert means.weights.tolist() == [51.02, 8.163, 12.755]  # 1/0.14², 1/0.35², 1/0.28², three decimals
    assert wells.weights == pytest.approx(1 / y**2)


@pytest.mark.parametrize(
    ("rule", "y", "status"),
    [
        (WeightRule.ONE_OVER_Y, [1, 2, 0, 3], Status.BAD_INPUT),
        (WeightRule.ONE_OVER_Y, [1, 2, -1, 3], Status.BAD_INPUT),
        (WeightRule.LEVEL_SD, [1, 1, 2, 3], Status.BAD_INPUT),
        (WeightRule.LEVEL_SD, [1, 1e300, 2, 3], Status.BAD_INPUT),
    ],
)
def test_a_weight_that_is_no_positive_number_is_refused(rule, y, status):
    with pytest.raises(UnableToAnswer) as refused:
        points_of(
            np.array([1.0, 1, 2, 2]), np.array(y, dtype=float), weights=Weights(rule), level_means=False
        )

    assert refused.value.status is status


def test_lack_of_fit_and_information_criteria_are_their_formulas():
    doses, y = plate()
    ones = np.ones(len(y))
    fit = fit_form(doses, y, ones, model=Model.FOUR, form=Form.ABCD)
    pe = sum(((y[doses == level] - y[doses == level].mean()) ** 2).sum() for level in LEVELS)

    found = lack_of_fit(fit.rss, fit.df, *pure_error(doses, y, ones))

    assert (found.df1, found.df2) == (5, 18)
    assert found.f == pytest.approx(((fit.rss - pe) / 5) / (pe / 18), rel=1e-10)
    assert akaike(27, fit.rss, 4) == pytest.approx(27 * (np.log(2 * np.pi * fit.rss / 27) + 1) + 10)
    tss = ((y - y.mean()) ** 2).sum()
    assert adjusted_r2(y, ones, fit.rss, 4, denominator="n-p-1") == pytest.approx(1 - fit.rss / tss * 26 / 22)
    assert adjusted_r2(y, ones, fit.rss, 4, denominator="n-p") == pytest.approx(1 - fit.rss / tss * 26 / 23)


def test_weights_by_a_power_of_the_mean_are_those_of_their_own_curve():
    doses, y = plate()
    y = y * (1 + 0.05 * np.random.default_rng(9).standard_normal(len(y)))

    fit = fit_power_of_mean(doses, y, power=0.8, model=Model.FOUR, form=Form.ABCD)

    own = fit.at(log_doses(doses)).value ** -1.6
    assert fit.weights == pytest.approx(own, rel=1e-9)
    assert fit_form(doses, y, own, model=Model.FOUR, form=Form.ABCD).theta == pytest.approx(
        fit.theta, rel=1e-8
    )


@pytest.mark.parametrize(("model", "form"), FITS)
def test_the_compiled_search_ends_in_the_same_minimum(model, form):
    doses, y = plate(falls=True)
    one, other = (
        fit_form(doses, y, np.ones(len(y)), model=Model(model), form=Form(form), engine=engine)
        for engine in Engine
    )

    assert other.theta == pytest.approx(one.theta, rel=1e-7)
    assert other.rss == pytest.approx(one.rss, rel=1e-12)


def test_a_minimum_to_which_gauss_newton_only_crawls_is_found():
    doses = np.repeat(np.geomspace(1, 50, 8), 2)
    y = np.array(
        [0.022, -0.0011, 0.0866, 0.0773, 0.0511, 0.109, 0.151, 0.1478, 0.2217, 0.251, 0.4161, 0.5912, 0.7576, 0.6171,
         0.8821, 0.8126]
    )  # fmt: skip
    weights = 1 / np.maximum(np.abs(y), 0.05) ** 2

    fit = fit_form(doses, y, weights, model=Model.FIVE, form=Form.LL)

    def scaled(p):
        b, c, d, log_e, log_f = p
        return np.sqrt(weights) * (
            y - c - (d - c) / (1 + np.exp(b * (np.log(doses) - log_e))) ** np.exp(log_f)
        )

    theirs = least_squares(scaled, [-4, 0, 0.9, 3.5, -1.5], xtol=1e-15, ftol=1e-15, gtol=1e-15)
    b, c, d, log_e, log_f = theirs.x
    assert fit.rss == pytest.approx(2 * theirs.cost, rel=1e-10)
    assert list(write(fit, Form.LL).as_dict().values()) == pytest.approx(
        [b, c, d, np.exp(log_e), np.exp(log_f)], rel=1e-5
    )
