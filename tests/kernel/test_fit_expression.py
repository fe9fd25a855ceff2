import numpy as np
import pytest

from assays.kernel.expressions import parse
from assays.kernel.least_squares import fit_expression
from assays.kernel.status import Status, UnableToAnswer
from tests.kernel.shared import needs_reference, table

# NIST Statistical Reference Datasets, nonlinear regression: data, both starts, certified estimates, standard
# deviations and residual sum of squares. Public domain.
MISRA1A = [
    (77.6, 10.07), (114.9, 14.73), (141.1, 17.94), (190.8, 23.93), (239.9, 29.61), (289.0, 35.18), (332.8, 40.02),
    (378.4, 44.82), (434.8, 50.76), (477.3, 55.05), (536.8, 61.01), (593.1, 66.4), (689.1, 75.47), (760.0, 81.78),
]  # fmt: skip
RAT42 = [
    (9, 8.93),
    (14, 10.8),
    (21, 18.59),
    (28, 22.33),
    (42, 39.35),
    (57, 56.11),
    (63, 61.73),
    (70, 64.62),
    (79, 67.08),
]
BOXBOD = [(1, 109), (2, 149), (3, 149), (5, 191), (7, 213), (10, 224)]
MGH09 = [
    (4, 0.1957), (2, 0.1947), (1, 0.1735), (0.5, 0.16), (0.25, 0.0844), (0.167, 0.0627), (0.125, 0.0456), (0.1, 0.0342),
    (0.0833, 0.0323), (0.0714, 0.0235), (0.0625, 0.0246),
]  # fmt: skip
MGH10 = [
    (50, 34780), (55, 28610), (60, 23650), (65, 19630), (70, 16370), (75, 13720), (80, 11540), (85, 9744), (90, 8261),
    (95, 7030), (100, 6005), (105, 5147), (110, 4427), (115, 3820), (120, 3307), (125, 2872),
]  # fmt: skip
DANWOOD = [(1.309, 2.138), (1.471, 3.421), (1.490, 3.597), (1.565, 4.340), (1.611, 4.882), (1.680, 5.660)]
CERTIFIED = {
    "Misra1a": (
        MISRA1A, "b1*(1-exp(-b2*x))", [[500, 0.0001], [250, 0.0005]],
        [2.3894212918e02, 5.5015643181e-04], [2.7070075241e00, 7.2668688436e-06], 1.2455138894e-01,
    ),
    "Rat42": (
        RAT42, "b1/(1+exp(b2-b3*x))", [[100, 1, 0.1], [75, 2.5, 0.07]],
        [7.2462237576e01, 2.6180768402e00, 6.7359200066e-02],
        [1.7340283401e00, 8.8295217536e-02, 3.4465663377e-03], 8.0565229338e00,
    ),
    "BoxBOD": (
        BOXBOD, "b1*(1-exp(-b2*x))", [[1, 1], [100, 0.75]],
        [2.1380940889e02, 5.4723748542e-01], [1.2354515176e01, 1.0455993237e-01], 1.1680088766e03,
    ),
    "MGH09": (
        MGH09, "b1*(x^2+x*b2)/(x^2+x*b3+b4)", [[25, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39]],
        [1.9280693458e-01, 1.9128232873e-01, 1.2305650693e-01, 1.3606233068e-01],
        [1.1435312227e-02, 1.9633220911e-01, 8.0842031232e-02, 9.0025542308e-02], 3.0750560385e-04,
    ),
    "MGH10": (
        MGH10, "b1*exp(b2/(x+b3))", [[2, 400000, 25000], [0.02, 4000, 250]],
        [5.6096364710e-03, 6.1813463463e03, 3.4522363462e02],
        [1.5687892471e-04, 2.3309021107e01, 7.8486103508e-01], 8.7945855171e01,
    ),
    "Misra1b": (
        MISRA1A, "b1*(1-(1+b2*x/2)^(-2))", [[500, 0.0001], [300, 0.0002]],
        [3.3799746163e02, 3.9039091287e-04], [3.1643950207e00, 4.2547321834e-06], 7.5464681533e-02,
    ),
    "Misra1c": (
        MISRA1A, "b1*(1-(1+2*b2*x)^(-0.5))", [[500, 0.0001], [600, 0.0002]],
        [6.3642725809e02, 2.0813627256e-04], [4.6638326572e00, 1.7728423155e-06], 4.0966836971e-02,
    ),
    "Misra1d": (
        MISRA1A, "b1*b2*x*(1+b2*x)^(-1)", [[500, 0.0001], [450, 0.0003]],
        [4.3736970754e02, 3.0227324449e-04], [3.6489174345e00, 2.9334354479e-06], 5.6419295283e-02,
    ),
    "DanWood": (
        DANWOOD, "b1*x^b2", [[1, 5], [0.7, 4]],
        [7.6886226176e-01, 3.8604055871e00], [1.8281973860e-02, 5.1726610913e-02], 4.3173084083e-03,
    ),
}  # fmt: skip


@pytest.mark.parametrize("start", [0, 1], ids=["far", "near"])
@pytest.mark.parametrize("name", CERTIFIED)
def test_it_reaches_nine_of_the_certified_digits_from_either_start(name, start):
    data, text, starts, estimates, errors, rss = CERTIFIED[name]
    x, y = np.array(data, dtype=float).T
    names = [f"b{i + 1}" for i in range(len(estimates))]

    fit = fit_expression(parse(text, names), x, y, np.ones(len(x)), starts=starts[start : start + 1])

    assert fit.theta == pytest.approx(estimates, rel=1e-9)
    assert np.sqrt(fit.variance * np.diag(fit.inverse)) == pytest.approx(errors, rel=1e-9)
    assert fit.rss == pytest.approx(rss, rel=1e-9)


# Of the same source, with more points than it is worth to repeat here.
LONGER = {
    "Eckerle4": (
        "b1/b2*exp(-0.5*((x-b3)/b2)^2)", [[1, 10, 500], [1.5, 5, 450]],
        [1.5543827178e00, 4.0888321754e00, 4.5154121844e02],
        [1.5408051163e-02, 4.6803020753e-02, 4.6800518816e-02], 1.4635887487e-03,
    ),
    "MGH17": (
        "b1+b2*exp(-x*b4)+b3*exp(-x*b5)", [[50, 150, -100, 1, 2], [0.5, 1.5, -1, 0.01, 0.02]],
        [3.7541005211e-01, 1.9358469127e00, -1.4646871366e00, 1.2867534640e-02, 2.2122699662e-02],
        [2.0723153551e-03, 2.2031669222e-01, 2.2175707739e-01, 4.4861358114e-04, 8.9471996575e-04], 5.4648946975e-05,
    ),
    "Thurber": (
        "(b1+b2*x+b3*x^2+b4*x^3)/(1+b5*x+b6*x^2+b7*x^3)",
        [[1000, 1000, 400, 40, 0.7, 0.3, 0.03], [1300, 1500, 500, 75, 1, 0.4, 0.05]],
        [1.2881396800e03, 1.4910792535e03, 5.8323836877e02, 7.5416644291e01, 9.6629502864e-01, 3.9797285797e-01,
         4.9727297349e-02],
        [4.6647963344e00, 3.9571156086e01, 2.8698696102e01, 5.5675370270e00, 3.1333340687e-02, 1.4984928198e-02,
         6.5842344623e-03], 5.6427082397e03,
    ),
}  # fmt: skip


@needs_reference
@pytest.mark.parametrize("start", [0, 1], ids=["far", "near"])
@pytest.mark.parametrize("name", LONGER)
def test_it_reaches_nine_certified_digits_of_many_points(name, start):
    text, starts, estimates, errors, rss = LONGER[name]
    data = table("unanswered", f"nist_{name}")
    x, y = (np.array([float(row[column]) for row in data]) for column in ("x", "y"))
    names = [f"b{i + 1}" for i in range(len(estimates))]

    fit = fit_expression(parse(text, names), x, y, np.ones(len(x)), starts=starts[start : start + 1])

    assert fit.theta == pytest.approx(estimates, rel=1e-9)
    assert np.sqrt(fit.variance * np.diag(fit.inverse)) == pytest.approx(errors, rel=1e-9)
    assert fit.rss == pytest.approx(rss, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^3^2", 512),
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("-x^2*3", -12),
        ("2-3-4", -5),
        ("24/4/2", 3),
        ("1e2+.5", 100.5),
        ("exp(ln(x))+log10(100)*sqrt(4)", 6),
        ("a*x+-a", 3),
    ],
)
def test_operators_bind_as_people_write_them(text, value):
    assert parse(text, ["a"]).evaluate(np.array([2.0]), np.array([3.0]))[0][0] == pytest.approx(
        value, rel=1e-15
    )


@pytest.mark.parametrize(
    "text",
    ["", "x+", "(x", "x)", "y*x", "exp x", "x x", "__import__('os')", "x.real", "x if x else x", "2**3",
     "(" * 70 + "x" + ")" * 70],
)  # fmt: skip
def test_what_is_no_expression_of_x_and_the_parameters_is_refused(text):
    with pytest.raises(UnableToAnswer) as refused:
        parse(text, ["a"])

    assert refused.value.status is Status.BAD_INPUT


@pytest.mark.parametrize("names", [["x"], ["a", "a"], ["exp"], ["a b"]])
def test_parameters_need_names_of_their_own(names):
    with pytest.raises(UnableToAnswer):
        parse("a*x", names)


def test_derivatives_are_those_of_the_complex_step():
    text = "a/(1+exp(b*(ln(x)-c)))^0.7 + sqrt(a*x)/log10(x+2) - x^b"
    theta, x = np.array([1.5, -0.8, 0.3]), np.array([0.4, 1.0, 2.5])

    def complex_value(at, where):
        a, b, c = at
        power = (1 + np.exp(b * (np.log(where) - c))) ** 0.7
        return a / power + np.sqrt(a * where) / (np.log(where + 2) / np.log(10)) - where**b

    _, gradient, slope = parse(text, ["a", "b", "c"]).evaluate(x, theta)

    for index in range(3):
        step = theta.astype(complex)
        step[index] += 1e-30j
        assert gradient[:, index] == pytest.approx(complex_value(step, x).imag / 1e-30, rel=1e-12)
    assert slope == pytest.approx(complex_value(theta, x + 1e-30j).imag / 1e-30, rel=1e-12)


@pytest.mark.parametrize("c", [1.3, -1.3])
def test_a_logistic_in_ln_x_takes_its_limit_at_zero(c):
    value, gradient, _ = parse("a/(1+exp(b+c*ln(x)))", ["a", "b", "c"]).evaluate(
        np.zeros(1), np.array([2.0, 0.5, c])
    )

    assert value[0] == (2.0 if c > 0 else 0.0)
    assert gradient[0].tolist() == [1.0 if c > 0 else 0.0, 0.0, 0.0]


def test_starts_that_lead_nowhere_are_refused_not_guessed():
    x, y = np.array(BOXBOD, dtype=float).T
    with pytest.raises(UnableToAnswer) as refused:
        fit_expression(parse("b1*(1-exp(-b2*x))", ["b1", "b2"]), x, y, np.ones(6), starts=[[1.0, 1e6]])

    assert refused.value.status is Status.NOT_CONVERGED


def test_a_parameter_without_influence_is_not_estimable():
    x = np.arange(6.0)
    with pytest.raises(UnableToAnswer) as refused:
        fit_expression(parse("a*x+0*b", ["a", "b"]), x, x + 0.1 * x**2, np.ones(6), starts=[[1.0, 1.0]])

    assert refused.value.status in (Status.NOT_ESTIMABLE, Status.NOT_CONVERGED)
