"""Relative potency from quantitative responses: parallel lines, slope ratio, parallel curves."""

from collections.abc import Callable
from functools import partial
from math import exp
from typing import Any

import numpy as np

from assays.kernel.curves import Fit
from assays.kernel.forms import Form, Model, write
from assays.kernel.lines import Term
from assays.kernel.parallel_curves import (
    RATIOS,
    Bundle,
    FreeFits,
    Ratio,
    delta_log,
    delta_ratio,
    fieller_of_doses,
    fit_constrained,
    fit_free,
    log_ratio,
    parallelism,
    pool_within,
    profile,
    ratio_of,
)
from assays.kernel.parallel_lines import ParallelLines, fit_parallel_lines, fit_twin_crossover
from assays.kernel.quantiles import t_quantile
from assays.kernel.reference.names import name, name_of
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import (
    fields,
    flag,
    list_of,
    mapping_of,
    number,
    one_of,
    share,
    some_of,
    text,
)
from assays.kernel.reference.tables import Role, Shape, Table
from assays.kernel.reference.tasks.curves import (
    Answers,
    attempt,
    form,
    lack_of_fit_answers,
    se,
    transform,
    transformed,
)
from assays.kernel.slope_ratio import fit_slope_ratio
from assays.kernel.status import Status, UnableToAnswer, Unanswered


def _limits(path: str, compute: Callable[[], tuple[float, float]], *, times: float = 1.0) -> Answers:
    """Lower and upper limit under `path`, or why they do not exist."""
    found = attempt(compute)
    if isinstance(found, Unanswered):
        return {f"{path}.lower": found, f"{path}.upper": found}
    low, high = sorted(times * limit for limit in found)
    return {f"{path}.lower": low, f"{path}.upper": high}


def _anova(name: str, term: Term, error: Term | None) -> Answers:
    """ss, df and ms of a term, and with `error` its F and p."""
    answers: Answers = {f"anova.{name}.ss": term.ss, f"anova.{name}.df": term.df}
    answers[f"anova.{name}.ms"] = attempt(lambda: term.ms)
    if error is not None:
        tested = attempt(term.against, error)
        f, p = (tested, tested) if isinstance(tested, Unanswered) else tested
        answers |= {f"anova.{name}.F": f, f"anova.{name}.p": p}
    return answers


@task(
    "relative_potency_parallel_line",
    roles={
        "sample": Role(),
        "dose": Role(),
        "response": Role(),
        "blocks": Role(Shape.MANY, required=False),
        "subject": Role(required=False),
        "period": Role(required=False),
    },
    settings={
        "standard": name,
        "design": one_of("completely_randomised", "randomised_blocks", "latin_square", "twin_crossover"),
        "response_transform": transform,
        "error": one_of("treatment_model", "within_subject"),
        "assigned_potency": number(),
        "confidence_level": share,
        "ci": some_of("fieller"),
    },
    optional={"units": text},
)
def relative_potency_parallel_line(table: Table, settings: Settings) -> Answers:
    """Analysis of variance and potencies: `parallel_lines`."""
    y = transformed(table.numbers("response"), settings["response_transform"])
    samples, doses, standard = table.names("sample"), table.numbers("dose"), settings["standard"]
    twin = settings["design"] == "twin_crossover"
    if twin != (settings["error"] == "within_subject"):
        raise UnableToAnswer(
            Status.UNSUPPORTED, "The twin cross-over, and it alone, has the error within_subject."
        )
    if twin:
        found = fit_twin_crossover(
            samples,
            doses,
            y,
            standard=standard,
            subjects=table.names("subject"),
            periods=table.names("period"),
        )
    else:
        found = fit_parallel_lines(
            samples, doses, y, standard=standard, blocks=_blocks(table, settings["design"])
        )
    answers: Answers = {"fit.slope": found.slope}
    for term_name, term in found.terms.items():
        answers |= _anova(term_name, term, None if term_name == "total" else found.residual)
    answers |= _anova("residual", found.residual, None)
    for sample in found.samples:
        if sample != standard:
            answers |= _line_potency(found, sample, settings)
    return answers


def _blocks(table: Table, design: str) -> list[list[str]]:
    """The columns of blocks that the design has."""
    wanted = {"completely_randomised": 0, "randomised_blocks": 1, "latin_square": 2}[design]
    rows = table.cells("blocks") if table.has("blocks") else [[] for _ in range(len(table))]
    if any(len(row) != wanted or "" in row for row in rows):
        raise UnableToAnswer(
            Status.BAD_INPUT, f"The design {design} needs {wanted} columns of blocks, all filled."
        )
    return [[row[column] for row in rows] for column in range(wanted)]


def _line_potency(found: ParallelLines, sample: str, settings: Settings) -> Answers:
    assigned, path = settings["assigned_potency"], f"samples.{sample}"
    level = settings["confidence_level"]
    return {f"{path}.potency": attempt(found.potency, sample, assigned=assigned)} | _limits(
        f"{path}.ci.fieller", partial(found.fieller, sample, confidence=level), times=assigned
    )


@task(
    "relative_potency_slope_ratio",
    roles={"sample": Role(), "dose": Role(), "response": Role()},
    settings={
        "standard": name,
        "assigned_potency": number(),
        "confidence_level": share,
        "ci": some_of("fieller_regression", "fieller_pure_error"),
    },
    optional={"units": text},
)
def relative_potency_slope_ratio(table: Table, settings: Settings) -> Answers:
    """Analysis of variance and ratios: `slope_ratio`."""
    samples = [name_of(cell) for cell in table.cells("sample")]
    found = fit_slope_ratio(
        samples, table.numbers("dose"), table.numbers("response"), standard=settings["standard"]
    )
    answers: Answers = {"fit.intercept": found.intercept}
    answers |= {f"fit.slope.{sample}": found.slope(sample) for sample in found.samples}
    answers |= {"fit.s2": attempt(lambda: found.regression.ms), "fit.df": found.regression.df}
    answers |= _anova("pure_error", found.pure_error, None)
    for term_name, term in found.terms.items():
        answers |= _anova(term_name, term, found.pure_error)
    errors = {"fieller_regression": found.regression, "fieller_pure_error": found.pure_error}
    assigned, level = settings["assigned_potency"], settings["confidence_level"]
    for sample in found.samples:
        if sample == settings["standard"]:
            continue
        ratio, path = attempt(found.ratio, sample), f"samples.{sample}"
        answers[f"{path}.ratio"] = ratio
        answers[f"{path}.potency"] = ratio if isinstance(ratio, Unanswered) else assigned * ratio
        for method in settings["ci"]:
            answers |= _limits(
                f"{path}.ci.{method}",
                partial(found.fieller, sample, confidence=level, error=errors[method]),
                times=assigned,
            )
    return answers


_METHODS = ("delta_log", "delta_ratio", "delta_log_pure_error", "fieller", "profile")


@task(
    "relative_potency_parallel_4pl",
    roles={
        "sample": Role(),
        "response": Role(),
        "dose": Role(required=False),
        "reciprocal_dilution": Role(required=False),
    },
    settings={
        "model": one_of("4PL"),
        "form": form,
        "standard": name,
        "weights": one_of("none"),
        "assigned_potency": number(),
        "confidence_level": share,
        "ci": some_of(*_METHODS),
        "parallelism_alpha": share,
    },
    optional={
        "response_transform": transform,
        "se": se,
        "lack_of_fit": flag,
        "ratios": fields(
            {"parameters": some_of(*RATIOS), "confidence_level": share},
            {"limits": mapping_of(list_of(number(), length=2), one_of(*RATIOS))},
        ),
        "shared_controls": fields({"code": name, "free_fit_sample": name}),
        "units": text,
    },
)
def relative_potency_parallel_4pl(table: Table, settings: Settings) -> Answers:
    """Free and constrained curves, similarity and potencies: `parallel_curves`."""
    bundle, labels = _bundle(table, settings)
    form, model = Form(settings["form"]), Model(settings["model"])
    if form is Form.SSLOGIS:
        raise UnableToAnswer(Status.UNSUPPORTED, "The form sslogis has no 4PL.")
    free = attempt(fit_free, bundle, model=model, form=form)
    constrained = fit_constrained(
        bundle, model=model, form=form, free=None if isinstance(free, Unanswered) else free
    )
    pure = pool_within(labels, bundle.doses, bundle.y)
    answers = _constrained_answers(constrained, bundle, form, settings)
    answers |= {"pure_error.ss": pure[0], "pure_error.df": pure[1]}
    if settings["lack_of_fit"]:
        answers |= lack_of_fit_answers(constrained.rss, constrained.df, *pure)
    answers |= _free_answers(free, constrained, bundle, form, settings)
    standard = bundle.samples.index(settings["standard"])
    for test, sample in enumerate(bundle.samples):
        if test != standard:
            path = f"samples.{sample}"
            answers |= _potency_answers(constrained, standard, test, pure, path, settings)
            answers |= _ratio_answers(free, standard, test, f"{path}.ratios", settings)
    return answers


def _bundle(table: Table, settings: Settings) -> tuple[Bundle, list[str]]:
    """The wells, controls of dose 0 marked, and the sample text of each."""
    labels, y = table.names("sample"), transformed(table.numbers("response"), settings["response_transform"])
    shared = settings["shared_controls"]
    control = [shared is not None and label == shared["code"] for label in labels]
    samples = tuple(
        dict.fromkeys(label for label, is_control in zip(labels, control, strict=True) if not is_control)
    )
    if settings["standard"] not in samples or len(samples) < 2:
        raise UnableToAnswer(
            Status.BAD_INPUT, f"The standard {settings['standard']!r} and a test sample are needed."
        )
    if shared is not None and shared["free_fit_sample"] not in samples:
        raise UnableToAnswer(
            Status.BAD_INPUT, f"There is no sample {shared['free_fit_sample']!r} for the controls."
        )
    curve = [
        -1 if is_control else samples.index(label) for label, is_control in zip(labels, control, strict=True)
    ]
    bundle = Bundle(
        samples=samples,
        doses=_doses(table, np.array(control)),
        y=y,
        curve=np.array(curve, dtype=np.intp),
        controls_of=None if shared is None else samples.index(shared["free_fit_sample"]),
    )
    return bundle, labels


def _doses(table: Table, control: np.ndarray) -> np.ndarray:
    """Doses, 1/value of reciprocal dilutions, 0 for shared controls whatever their cell holds."""
    if table.has("dose") == table.has("reciprocal_dilution"):
        raise UnableToAnswer(Status.BAD_INPUT, "Either dose or reciprocal_dilution is needed.")
    role = "dose" if table.has("dose") else "reciprocal_dilution"
    doses = np.zeros(len(table))
    rest = [row for row, is_control in zip(table.rows, control, strict=True) if not is_control]
    given = Table(tuple(rest)).numbers(role)
    if role == "reciprocal_dilution":
        if (given <= 0).any():
            raise UnableToAnswer(
                Status.BAD_INPUT, f"The reciprocal dilution {given.min():g} is not above zero."
            )
        given = 1 / given
    if (given < 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, f"The dose {given.min():g} is below zero.")
    doses[~control] = given
    return doses


def _constrained_answers(fit: Fit, bundle: Bundle, form: Form, settings: Settings) -> Answers:
    written = write(fit, form, samples=bundle.samples)
    answers: Answers = {f"constrained.{key}": value for key, value in written.as_dict().items()}
    answers |= {"constrained.rss": fit.rss, "constrained.df": fit.df}
    answers["constrained.resid_sd"] = attempt(lambda: fit.variance**0.5)
    kinds = settings["se"] or ["gauss_newton"]
    sources: dict[str, Callable[[], Any]] = {}
    if "gauss_newton" in kinds:
        sources["se"] = lambda: written.standard_errors(fit.inverse, fit.variance)
    if "observed_hessian" in kinds:
        sources["se_observed_hessian"] = lambda: written.standard_errors(fit.inverse_hessian(), fit.variance)
    for path, compute in sources.items():
        errors = attempt(compute)
        for key in written.names:
            answers[f"constrained.{path}.{key}"] = errors if isinstance(errors, Unanswered) else errors[key]
    return answers


def _free_answers(
    free: FreeFits | Unanswered, constrained: Fit, bundle: Bundle, form: Form, settings: Settings
) -> Answers:
    tests = ("parallelism.F", "parallelism.p", "parallelism.decision")
    if isinstance(free, Unanswered):
        own = [
            f"free.{kind}{sample}.{key}"
            for sample in bundle.samples
            for key in write(constrained, form).names
            for kind in ("", "se.")
        ]
        sizes = ("free.rss", "free.df", "parallelism.df1", "parallelism.df2")
        return dict.fromkeys((*own, *sizes, *tests), free)
    answers: Answers = {"free.rss": free.rss, "free.df": free.df}
    for index, sample in enumerate(bundle.samples):
        written = free.written(index)
        errors = attempt(partial(_errors_of_free, free, index))
        for key, value in written.as_dict().items():
            answers[f"free.{sample}.{key}"] = value
            answers[f"free.se.{sample}.{key}"] = errors if isinstance(errors, Unanswered) else errors[key]
    answers |= {"parallelism.df1": constrained.df - free.df, "parallelism.df2": free.df}
    found = attempt(parallelism, free, constrained)
    if isinstance(found, Unanswered):
        return answers | dict.fromkeys(tests, found)
    rejected = found.rejected(settings["parallelism_alpha"])
    decision = "parallelism rejected" if rejected else "parallelism not rejected"
    return answers | dict(zip(tests, (found.f, found.p, decision), strict=True))


def _errors_of_free(free: FreeFits, index: int) -> dict[str, float]:
    return free.written(index).standard_errors(free.fits[index].inverse, free.variance)


def _potency_answers(
    fit: Fit, standard: int, test: int, pure: tuple[float, int], path: str, settings: Settings
) -> Answers:
    assigned, level = settings["assigned_potency"], settings["confidence_level"]
    value, unit = log_ratio(fit, standard, test)
    ratio = exp(value)
    answers: Answers = {
        f"{path}.ratio": ratio,
        f"{path}.potency": assigned * ratio,
        f"{path}.log_ratio": value,
    }
    answers[f"{path}.log_ratio_se"] = attempt(lambda: (fit.variance * unit) ** 0.5)
    of_fit = {"delta_log": delta_log, "delta_ratio": delta_ratio, "fieller": fieller_of_doses}

    def limits(method: str) -> tuple[float, float]:
        if method == "profile":
            return profile(fit, standard, test, confidence=level)
        if method == "delta_log_pure_error":
            error = Term(*pure)
            t = t_quantile(level, error.df)
            return delta_log(fit, standard, test, variance=error.ms, t=t)
        return of_fit[method](fit, standard, test, variance=fit.variance, t=t_quantile(level, fit.df))

    for method in settings["ci"]:
        answers |= _limits(f"{path}.ci.{method}", partial(limits, method), times=assigned)
    return answers


def _ratio_answers(
    free: FreeFits | Unanswered, standard: int, test: int, path: str, settings: Settings
) -> Answers:
    given = settings["ratios"]
    if given is None:
        return {}
    answers: Answers = {}
    for parameter in given["parameters"]:
        margins = (given["limits"] or {}).get(parameter)
        own = f"{path}.{parameter}"
        found: Ratio | Unanswered = (
            free
            if isinstance(free, Unanswered)
            else attempt(
                partial(ratio_of, free, standard, test, parameter, confidence=given["confidence_level"])
            )
        )
        if isinstance(found, Unanswered):
            answers |= {f"{own}.{key}": found for key in ("estimate", "lower", "upper")}
            if margins:
                answers[f"{own}.inside"] = found
            continue
        lower, upper = (
            (found.limits.answer,) * 2 if isinstance(found.limits, UnableToAnswer) else found.limits
        )
        answers |= {f"{own}.estimate": found.estimate, f"{own}.lower": lower, f"{own}.upper": upper}
        if margins:
            answers[f"{own}.inside"] = found.inside(tuple(margins))
    return answers


TASKS = (relative_potency_parallel_line, relative_potency_slope_ratio, relative_potency_parallel_4pl)
